//! Making foreign text safe to show: control, direction and zero-width characters become visible, length is bounded.
//! It does not remove secrets; that is the business of typed fields.

/// Returns `text` as one line that is safe to print and to show: at most `limit` characters, with control,
/// bidirectional, zero-width and other invisible characters written as `\u{…}`.
pub fn sanitize(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit * 2));
    for (count, character) in text.trim().chars().enumerate() {
        if count == limit {
            out.push('…');
            break;
        }
        match character {
            '\n' | '\r' | '\t' => out.push(' '),
            _ if is_deceptive(character) => out.extend(character.escape_unicode()),
            _ => out.push(character),
        }
    }
    out
}

/// `text` as it is, but with every character that deceives written as `\u{…}`. Tabs stay; line ends do not, so it is for one line.
pub fn reveal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '\t' && is_deceptive(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Characters that change how the text around them is read, or that cannot be seen at all.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_and_direction_characters_become_visible() {
        assert_eq!(sanitize("a\u{202e}b\u{200b}c\u{1b}[31m", 100), "a\\u{202e}b\\u{200b}c\\u{1b}[31m");
    }

    #[test]
    fn a_revealed_line_keeps_its_spaces_and_its_length() {
        assert_eq!(reveal("\t a\u{202e}b\u{1b}[31m\r "), "\t a\\u{202e}b\\u{1b}[31m\\u{d} ");
    }

    #[test]
    fn long_text_is_cut_with_an_ellipsis() {
        assert_eq!(sanitize("abcdef", 3), "abc…");
        assert_eq!(sanitize("abc", 3), "abc");
    }
}
