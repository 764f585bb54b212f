//! Counts of checks, and the summaries of the test runners they are read from. Running them is in `rust_tests` and `node`.

use std::fmt::{self, Display};
use std::ops::AddAssign;

use serde::Deserialize;

/// How many checks passed, failed and were skipped.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// One check, which counts once.
    pub(crate) const fn of_one(passed: bool) -> Self {
        if passed { Self { passed: 1, failed: 0, skipped: 0 } } else { Self { passed: 0, failed: 1, skipped: 0 } }
    }

    /// One check that could not be asked for here.
    pub(crate) const fn skipped_one() -> Self {
        Self { passed: 0, failed: 0, skipped: 1 }
    }

    pub(crate) const fn is_clean(self) -> bool {
        self.failed == 0
    }

    /// The tally of a runner that also ended with an exit status. A runner that failed without naming a failed test, or
    /// that says nothing readable, counts as one failure: it did not get as far as its tests.
    pub(crate) fn agreed(summary: Option<Self>, succeeded: bool) -> Self {
        let mut tally = summary.unwrap_or_default();
        if tally.failed == 0 && (!succeeded || summary.is_none()) {
            tally.failed = 1;
        }
        tally
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Reads nextest's last `Summary` line. Tests that were never started count as failed: a cut-off run proves nothing.
pub(crate) fn from_nextest(text: &str) -> Option<Tally> {
    let line = text.lines().map(str::trim).rfind(|line| line.starts_with("Summary ["))?;
    let (_, run) = line.split_once(']')?;
    let (count, results) = run.split_once(" run:")?;
    let mut tally = Tally::default();
    if let Some((started, planned)) = count.trim().split(' ').next()?.split_once('/') {
        tally.failed += planned.parse::<u64>().ok()?.checked_sub(started.parse().ok()?)?;
    }
    for part in without_parentheses(results).split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (number, outcome) = part.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match outcome.trim() {
            "passed" => tally.passed += number,
            "skipped" => tally.skipped += number,
            _ => tally.failed += number,
        }
    }
    Some(tally)
}

/// Adds up the `test result:` lines of `cargo test`, one for each test binary.
pub(crate) fn from_cargo_test(text: &str) -> Option<Tally> {
    let mut sum = None;
    for line in text.lines().filter_map(|line| line.trim().strip_prefix("test result:")) {
        let tally = sum.get_or_insert_with(Tally::default);
        let (_, counts) = line.split_once('.')?;
        for part in counts.split(';').map(str::trim) {
            let Some((number, outcome)) = part.split_once(' ') else {
                continue;
            };
            match outcome {
                "passed" => tally.passed += number.parse::<u64>().ok()?,
                "failed" => tally.failed += number.parse::<u64>().ok()?,
                "ignored" => tally.skipped += number.parse::<u64>().ok()?,
                _ => {}
            }
        }
    }
    sum
}

/// Reads the report of vitest's `json` reporter.
pub(crate) fn from_vitest(report: &str) -> Option<Tally> {
    #[derive(Deserialize)]
    struct Report {
        #[serde(rename = "numPassedTests")]
        passed: u64,
        #[serde(rename = "numFailedTests")]
        failed: u64,
        #[serde(rename = "numPendingTests")]
        pending: u64,
        #[serde(rename = "numTodoTests")]
        planned: u64,
    }
    let report: Report = serde_json::from_str(report).ok()?;
    Some(Tally { passed: report.passed, failed: report.failed, skipped: report.pending + report.planned })
}

/// Reads the report of Playwright's `json` reporter. A test that passed only at its second try counts as failed.
pub(crate) fn from_playwright(report: &str) -> Option<Tally> {
    #[derive(Deserialize)]
    struct Report {
        stats: Stats,
    }
    #[derive(Deserialize)]
    struct Stats {
        expected: u64,
        unexpected: u64,
        flaky: u64,
        skipped: u64,
    }
    let Report { stats } = serde_json::from_str(report).ok()?;
    Some(Tally { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped })
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|letter| {
            match letter {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn the_sum_is_shown_as_one_line() {
        let mut sum = tally(1, 0, 2);
        sum += tally(10, 1, 0);
        assert_eq!(sum.to_string(), "11 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn nextest_counts_every_way_of_failing() {
        let text = "        PASS [   0.009s] replug-core code::unique\n\
                    ------------\n     \
                    Summary [  10.512s] 9 tests run: 5 passed (1 slow, 1 leaky), 2 failed, 1 exec failed, 1 timed out, 3 skipped\n";
        assert_eq!(from_nextest(text), Some(tally(5, 4, 3)));
    }

    #[test]
    fn nextest_speaks_of_one_test_in_the_singular() {
        assert_eq!(from_nextest("     Summary [   0.012s] 1 test run: 1 passed, 0 skipped"), Some(tally(1, 0, 0)));
    }

    #[test]
    fn tests_that_nextest_never_started_count_as_failed() {
        let text = "Summary [   2.000s] 3/8 tests run: 2 passed, 1 failed, 0 skipped";
        assert_eq!(from_nextest(text), Some(tally(2, 6, 0)));
    }

    #[test]
    fn only_the_last_summary_of_nextest_counts() {
        let text = "Summary [ 1s] 1 test run: 1 failed, 0 skipped\nSummary [ 2s] 2 tests run: 2 passed, 0 skipped";
        assert_eq!(from_nextest(text), Some(tally(2, 0, 0)));
    }

    #[test]
    fn cargo_test_is_summed_over_its_binaries() {
        let text = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
                    test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
        assert_eq!(from_cargo_test(text), Some(tally(7, 3, 1)));
    }

    #[test]
    fn vitest_counts_pending_and_todo_as_skipped() {
        let report = r#"{"numTotalTests":8,"numPassedTests":4,"numFailedTests":1,"numPendingTests":2,
                         "numTodoTests":1,"success":false,"testResults":[]}"#;
        assert_eq!(from_vitest(report), Some(tally(4, 1, 3)));
    }

    #[test]
    fn a_flaky_playwright_test_counts_as_failed() {
        let report = r#"{"config":{},"suites":[],"errors":[],
                         "stats":{"startTime":"","duration":1.5,"expected":6,"skipped":1,"unexpected":1,"flaky":2}}"#;
        assert_eq!(from_playwright(report), Some(tally(6, 3, 1)));
    }

    #[test]
    fn a_runner_without_a_summary_has_failed_whatever_its_exit_status() {
        assert_eq!(from_nextest("error: could not compile `replug-core`"), None);
        assert_eq!(from_cargo_test(""), None);
        assert_eq!(from_vitest("{}"), None);
        assert_eq!(from_playwright("not json"), None);
        assert_eq!(Tally::agreed(None, true), tally(0, 1, 0));
        assert_eq!(Tally::agreed(None, false), tally(0, 1, 0));
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_counts_as_one_failure() {
        assert_eq!(Tally::agreed(Some(tally(3, 0, 0)), false), tally(3, 1, 0));
        assert_eq!(Tally::agreed(Some(tally(3, 2, 0)), false), tally(3, 2, 0));
        assert_eq!(Tally::agreed(Some(tally(3, 0, 1)), true), tally(3, 0, 1));
    }
}
