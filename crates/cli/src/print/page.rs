//! A page of plain text for a person: lines, labelled facts and tables that fit 80 columns. Everything that is put on it is
//! made safe to show first, so that no server can steer a terminal; what stands on a page is decided elsewhere.

use replug_core::sanitize;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::sign::{Sign, Tone};

/// How wide a page is, in columns.
const WIDTH: usize = 80;
/// Where the value of a fact begins.
const LABEL: usize = 22;
/// The most characters of one text.
const LONGEST: usize = 2_000;
/// Between the columns of a table.
const GAP: usize = 2;

/// A page that is being written.
pub(crate) struct Page {
    text: String,
    coloured: bool,
}

/// A row of a table: a sign, and a text for each column.
pub(crate) struct Row {
    pub(crate) sign: Sign,
    pub(crate) cells: Vec<String>,
}

impl Page {
    /// An empty page.
    pub(crate) const fn new(coloured: bool) -> Self {
        Self { text: String::new(), coloured }
    }

    /// What was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// An empty line, unless the page is empty.
    pub(crate) fn blank(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// A text; what does not fit continues below its beginning.
    pub(crate) fn line(&mut self, indent: usize, text: &str) {
        self.write(&" ".repeat(indent), indent, text);
    }

    /// A text behind a sign.
    pub(crate) fn signed(&mut self, indent: usize, sign: Sign, text: &str) {
        let lead = format!("{}{} ", " ".repeat(indent), self.painted(sign.tone, &sign.mark.to_string()));
        self.write(&lead, indent + 2, text);
    }

    /// A value behind its label, in a column of its own.
    pub(crate) fn fact(&mut self, label: &str, value: &str) {
        let lead = format!("  {}", padded(&fitted(&sanitize(label, LONGEST), LABEL - 2 - GAP), LABEL - 2));
        self.write(&lead, LABEL, value);
    }

    /// A table. The last column gets what the others leave; texts that do not fit are cut.
    pub(crate) fn table(&mut self, titles: &[&str], widest: &[usize], rows: &[Row]) {
        let widths = widths(titles, widest, rows);
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        let heading = cells(&titles, &widths);
        let heading = self.painted(Tone::Quiet, &heading);
        self.push_line(&format!("  {heading}"));
        for row in rows {
            let sign = self.painted(row.sign.tone, &row.sign.mark.to_string());
            let text: Vec<String> = row.cells.iter().map(|cell| sanitize(cell, LONGEST)).collect();
            self.push_line(&format!("{sign} {}", cells(&text, &widths)));
        }
    }

    /// Writes words until the line is full, then goes on below. A word that is longer than a line stays whole: it is an
    /// address, and somebody may want to copy it.
    fn write(&mut self, lead: &str, hang: usize, text: &str) {
        let mut line = lead.to_owned();
        let mut used = hang;
        let mut fresh = true;
        for word in sanitize(text, LONGEST).split_whitespace() {
            let width = word.width();
            if !fresh && used + 1 + width > WIDTH {
                self.push_line(&line);
                line = " ".repeat(hang);
                (used, fresh) = (hang, true);
            }
            if !fresh {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += width;
            fresh = false;
        }
        self.push_line(&line);
    }

    fn push_line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn painted(&self, tone: Tone, text: &str) -> String {
        if self.coloured { format!("\u{1b}[{}m{text}\u{1b}[0m", tone.parameter()) } else { text.to_owned() }
    }
}

fn cells(texts: &[String], widths: &[usize]) -> String {
    let fitted = texts.iter().zip(widths).map(|(text, width)| padded(&fitted(text, *width), *width));
    let line = fitted.collect::<Vec<_>>().join(&" ".repeat(GAP));
    line.trim_end().to_owned()
}

fn widths(titles: &[&str], widest: &[usize], rows: &[Row]) -> Vec<usize> {
    let mut left = WIDTH - 2;
    let mut widths = Vec::with_capacity(titles.len());
    for (column, title) in titles.iter().enumerate() {
        let wanted = rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| sanitize(cell, LONGEST).width());
        let wanted = wanted.chain([title.width()]).max().unwrap_or_default();
        let most = widest.get(column).copied().unwrap_or(left);
        let width = wanted.min(most).min(left);
        widths.push(width);
        left = left.saturating_sub(width + GAP);
    }
    widths
}

/// The text, cut to `width` columns.
fn fitted(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for character in text.chars() {
        used += character.width().unwrap_or_default();
        if used + 1 > width {
            break;
        }
        out.push(character);
    }
    out.push('…');
    out
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use replug_core::State;

    use super::*;

    fn row(state: State, cells: &[&str]) -> Row {
        Row { sign: Sign::of_state(state), cells: cells.iter().map(|cell| (*cell).to_owned()).collect() }
    }

    #[test]
    fn hostile_text_cannot_steer_the_terminal() {
        let hostile = "a\u{1b}[2Jb\rc\u{202e}d\ne";
        let mut page = Page::new(false);
        page.line(0, hostile);
        page.signed(0, Sign::of_state(State::Failed), hostile);
        page.fact(hostile, hostile);
        page.table(&["NAME"], &[], &[row(State::Failed, &[hostile])]);
        let steering = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
        assert!(!page.text().contains(steering), "{}", page.text().escape_debug());
        assert_eq!(page.text().lines().count(), 5, "one line for each thing that was put there");
    }

    #[test]
    fn a_table_fits_the_page_whatever_is_in_it() {
        let long = "長い名前".repeat(20);
        let rows = [row(State::Connected, &[&long, "Connected", &long]), row(State::Failed, &["b", "Failed", "c"])];
        let mut page = Page::new(false);
        page.table(&["NAME", "STATUS", "SERVER"], &[24, 24], &rows);
        assert!(page.text().lines().all(|line| line.width() <= WIDTH), "{}", page.text());
        let columns: Vec<_> =
            page.text().lines().map(|line| line.find("STATUS").or_else(|| line.find("Failed"))).collect();
        assert_eq!(
            columns[0],
            columns[2].map(|place| place - '✖'.len_utf8() + 1),
            "columns are aligned: {}",
            page.text()
        );
    }

    #[test]
    fn long_text_continues_below_its_beginning() {
        let mut page = Page::new(false);
        page.fact("permissions", &"word ".repeat(30));
        let lines: Vec<&str> = page.text().lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].starts_with(&" ".repeat(LABEL)) && lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
    }

    #[test]
    fn an_address_is_never_broken() {
        let address = format!("https://mcp.example/{}", "a".repeat(100));
        let mut page = Page::new(false);
        page.line(4, &format!("See {address}"));
        assert!(page.text().contains(&address), "{}", page.text());
    }

    #[test]
    fn colours_are_there_only_when_they_are_wanted() {
        let drawn = |coloured: bool| {
            let mut page = Page::new(coloured);
            page.signed(0, Sign::of_state(State::Connected), "Connected");
            page.text().to_owned()
        };
        assert_eq!(drawn(false), "● Connected\n");
        assert_eq!(drawn(true), "\u{1b}[32m●\u{1b}[0m Connected\n");
    }
}
