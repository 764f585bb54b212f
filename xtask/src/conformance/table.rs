//! The result as a page: a row for each scenario, a column for each set. It holds no date and no time, so that it changes when a
//! result does.

use std::fmt::Write as _;

use super::Ended;
use super::suite::{Column, Entry};

const COLUMNS: [Column; 4] =
    [Column::Revision("2025-03-26"), Column::Revision("2025-11-25"), Column::Revision("2026-07-28"), Column::Extension];

const INTRODUCTION: &str = "\
# Conformance

`cargo xtask conformance` writes this page. It runs Replug's own client program (`crates/interop`) in the public conformance suite of MCP,
one scenario at a time. The program is a thin shell over the engine that the window uses; it knows no scenario. *Clean* means that every
check of the scenario passed without a warning and that the program ended well; the suite's own sums would leave out a program that died.
";

/// The results so far.
#[derive(Default)]
pub(super) struct Table(Vec<(Entry, Ended)>);

impl Table {
    pub(super) fn add(&mut self, entry: Entry, ended: Ended) {
        self.0.push((entry, ended));
    }

    /// Whether everything that is scored is clean.
    pub(super) fn is_clean(&self) -> bool {
        self.0.iter().all(|(entry, ended)| !entry.scored || *ended == Ended::Clean)
    }

    /// How much of each set is clean, as one line.
    pub(super) fn sums(&self) -> String {
        let sums = COLUMNS.iter().map(|column| format!("{:<10} {}", column.name(), self.sum(column)));
        sums.collect::<Vec<_>>().join("\n")
    }

    /// The whole page, for this version of the suite.
    pub(super) fn page(&self, version: &str) -> String {
        let names = COLUMNS.map(|column| column.name()).join(" | ");
        let sums = COLUMNS.map(|column| self.sum(&column)).join(" | ");
        let mut page = format!("{INTRODUCTION}\nVersion of the suite: {version}.\n\n");
        page.push_str("| | ");
        // Writing to a string cannot fail.
        let _ = writeln!(page, "{names} |\n|---|---|---|---|---|\n| clean | {sums} |");
        let _ = writeln!(page, "\n| scenario | {names} |\n|---|---|---|---|---|");
        for scenario in self.scenarios() {
            let cells = COLUMNS.map(|column| self.cell(scenario, &column)).join(" | ");
            let _ = writeln!(page, "| `{scenario}` | {cells} |");
        }
        page
    }

    /// Every scenario once, in the order of the runs.
    fn scenarios(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (entry, _) in &self.0 {
            if !names.contains(&entry.scenario.as_str()) {
                names.push(&entry.scenario);
            }
        }
        names
    }

    fn cell(&self, scenario: &str, column: &Column) -> String {
        let run = self.0.iter().find(|(entry, _)| entry.scenario == scenario && entry.column == *column);
        match run {
            None | Some((_, Ended::NotApplicable)) => "–".to_owned(),
            Some((entry, ended)) if entry.scored || *column == Column::Extension => ended.word().to_owned(),
            Some((_, ended)) => format!("{} (not scored)", ended.word()),
        }
    }

    fn sum(&self, column: &Column) -> String {
        let counts = |entry: &Entry| entry.column == *column && (entry.scored || *column == Column::Extension);
        let runs: Vec<Ended> = self.0.iter().filter(|(entry, _)| counts(entry)).map(|(_, ended)| *ended).collect();
        let clean = runs.iter().filter(|ended| **ended == Ended::Clean).count();
        format!("{clean} of {}", runs.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Ended, Entry, Table};

    fn table(runs: &[(&str, Column, bool, Ended)]) -> Table {
        let mut table = Table::default();
        for (scenario, column, scored, ended) in runs {
            let entry = Entry { scenario: (*scenario).to_owned(), column: column.clone(), scored: *scored };
            table.add(entry, *ended);
        }
        table
    }

    #[test]
    fn the_page_has_a_row_for_each_scenario_and_counts_what_is_scored() {
        let (old, new) = (Column::Revision("2025-11-25"), Column::Revision("2026-07-28"));
        let table = table(&[
            ("both", old, true, Ended::Clean),
            ("both", new.clone(), true, Ended::NotClean),
            ("later", new, false, Ended::Clean),
            ("auth/dpop", Column::Extension, false, Ended::NotClean),
        ]);
        let page = table.page("1.2.3");
        assert!(page.contains("| clean | 0 of 0 | 1 of 1 | 0 of 1 | 0 of 1 |"), "{page}");
        assert!(
            page.ends_with(
                "| `both` | – | clean | not clean | – |\n\
             | `later` | – | – | clean (not scored) | – |\n\
             | `auth/dpop` | – | – | – | not clean |\n"
            ),
            "{page}"
        );
        assert!(!table.is_clean());
    }

    #[test]
    fn what_is_never_scored_does_not_decide() {
        let table = table(&[("auth/dpop", Column::Extension, false, Ended::NotClean)]);
        assert!(table.is_clean());
    }
}
