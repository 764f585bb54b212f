//! Which parts of one text may be keys: words of a header, parameters of an address, and what looks random. Where the text
//! stands is judged elsewhere.

use std::ops::Range;

use replug_core::mask_path;

/// Words of a header that are no secret (RFC 9110 §11.4).
const SCHEMES: [&str; 5] = ["bearer", "basic", "token", "apikey", "digest"];

/// Every word but the schemes and the variables.
pub(super) fn in_header_value(text: &str) -> Vec<Range<usize>> {
    let is_public = |word: &str| is_scheme(word) || is_variable(word);
    words(text, char::is_whitespace).filter(|range| !is_public(&text[range.clone()])).collect()
}

/// What an address hides in its user, query and fragment, and what looks random anywhere.
pub(super) fn in_address_or_key(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for word in words(text, char::is_whitespace) {
        let start = word.start;
        match text[word.clone()].find("://") {
            Some(at) => in_address(&text[word], at + 3, start, &mut found),
            None => random(&text[word], start, &mut found),
        }
    }
    found
}

/// Values in quotes or behind a `=`, the word behind a scheme, and what looks random: commented-out entries hold keys too.
pub(super) fn in_comment(text: &str) -> Vec<Range<usize>> {
    let mut found = quoted_values(text);
    let mut after_scheme = false;
    for word in words(text, |character: char| character.is_whitespace() || "\"',".contains(character)) {
        let says = &text[word.clone()];
        if after_scheme && !is_variable(says) {
            found.push(word.clone());
        } else if let Some(at) = says.find('=') {
            found.push(word.start + at + 1..word.end);
        } else {
            found
                .extend(in_address_or_key(says).into_iter().map(|part| part.start + word.start..part.end + word.start));
        }
        after_scheme = is_scheme(says.trim_end_matches(':'));
    }
    found.retain(|range| !range.is_empty());
    found.sort_by_key(|range| (range.start, range.end));
    found
}

/// `address` begins with its scheme; what follows it begins at `host`.
fn in_address(address: &str, host: usize, base: usize, found: &mut Vec<Range<usize>>) {
    let rest = &address[host..];
    let authority = rest.find(['/', '?', '#']).map_or(address.len(), |at| host + at);
    if let Some(at) = address[host..authority].rfind('@') {
        found.push(base + host..base + host + at);
    }
    let fragment = address.find('#').unwrap_or(address.len());
    let query = address[..fragment].find('?').unwrap_or(fragment);
    random(&address[authority..query], base + authority, found);
    if query < fragment {
        for pair in words(&address[query + 1..fragment], |character| character == '&') {
            let start = query + 1 + pair.start;
            let says = &address[start..query + 1 + pair.end];
            let value = says.find('=').map_or(start, |at| start + at + 1);
            found.push(base + value..base + start + says.len());
        }
    }
    if fragment + 1 < address.len() {
        found.push(base + fragment + 1..base + address.len());
    }
    found.retain(|range| !range.is_empty());
}

/// Parts that look like keys: long, of letters and digits, without a structure to read.
fn random(text: &str, base: usize, found: &mut Vec<Range<usize>>) {
    let parts = words(text, |character: char| "/\\,;:|@\"'()[]{}".contains(character));
    let keys = parts.filter(|part| mask_path(&text[part.clone()]) != text[part.clone()]);
    found.extend(keys.map(|part| part.start + base..part.end + base));
}

/// Texts in quotes that stand behind a `:` or a `=`.
fn quoted_values(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(['"', '\'']).map(|length| at + length) {
        let quote = &text[open..=open];
        let close = text[open + 1..].find(quote).map_or(text.len(), |length| open + 1 + length);
        if text[..open].trim_end().ends_with([':', '=']) {
            found.push(open + 1..close);
        }
        at = (close + 1).min(text.len());
    }
    found
}

fn is_scheme(word: &str) -> bool {
    SCHEMES.contains(&word.to_ascii_lowercase().as_str())
}

/// A variable and nothing else.
fn is_variable(word: &str) -> bool {
    word.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).is_some_and(|name| {
        !name.contains(":-") && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:.-".contains(&byte))
    })
}

/// The runs of characters that are no separators.
fn words(text: &str, is_separator: impl Fn(char) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    let mut found = Vec::new();
    for (at, character) in text.char_indices().filter(|(_, character)| is_separator(*character)) {
        found.push(from..at);
        from = at + character.len_utf8();
    }
    found.push(from..text.len());
    found.into_iter().filter(|range| !range.is_empty())
}
