//! Connectors as a table, and what is wrong with those that need somebody. One connector in full is in `connector`.

use jiff::Timestamp;
use replug_core::{Level, State};
use replug_engine::wire::{ConnectorView, FindingView, HealthView};

use super::page::{Page, Row};
use super::sign::Sign;

const TITLES: [&str; 4] = ["NAME", "STATUS", "CHECKED", "SERVER"];
const WIDEST: [usize; 3] = [24, 24, 12];

/// All connectors with their last health.
pub(super) fn listed(page: &mut Page, connectors: &[ConnectorView], now: Timestamp) {
    if connectors.is_empty() {
        page.line(0, "No connectors yet. Add one with `replug add ADDRESS`.");
        return;
    }
    table(page, connectors, now);
}

/// Connectors that were just checked, then what is wrong and what to do.
pub(super) fn checked(page: &mut Page, connectors: &[ConnectorView], now: Timestamp) {
    listed(page, connectors, now);
    for connector in connectors {
        if let Some(cause) = &connector.health.cause {
            page.blank();
            page.signed(0, Sign::of_state(connector.health.state), &format!("{}: {}", connector.name, cause.text));
            finding(page, 2, cause);
        }
    }
}

/// The table alone.
pub(super) fn table(page: &mut Page, connectors: &[ConnectorView], now: Timestamp) {
    let row = |connector: &ConnectorView| Row {
        sign: Sign::of_state(connector.health.state),
        cells: vec![
            connector.name.clone(),
            status(&connector.health),
            age(connector.health.checked_at.as_deref(), now),
            connector.host.clone(),
        ],
    };
    page.table(&TITLES, &WIDEST, &connectors.iter().map(row).collect::<Vec<_>>());
}

/// What to do about a finding, what the other side said, and the code for support.
pub(super) fn finding(page: &mut Page, indent: usize, finding: &FindingView) {
    page.line(indent, &finding.hint);
    if let Some(said) = &finding.said {
        page.line(indent, &format!("They said: {said}"));
    }
    page.line(indent, finding.code.as_str());
}

/// The state in a few words.
pub(super) fn status(health: &HealthView) -> String {
    match (health.state, health.tools) {
        (State::Connected, Some(1)) => "Connected · 1 tool".to_owned(),
        (State::Connected, Some(count @ 2..)) => format!("Connected · {count} tools"),
        (state, _) => state.words().to_owned(),
    }
}

/// The state as a sentence, with its cause.
pub(super) fn verdict(health: &HealthView) -> String {
    if health.level == Level::Green { status(health) } else { health.summary.clone() }
}

/// How long ago a check ended.
pub(super) fn age(checked_at: Option<&str>, now: Timestamp) -> String {
    let Some(at) = checked_at.and_then(|at| at.parse::<Timestamp>().ok()) else {
        return "never".to_owned();
    };
    let seconds = now.duration_since(at).as_secs();
    match seconds {
        ..60 => "just now".to_owned(),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for (at, expected) in [
            (Some("2026-11-20T11:59:30Z"), "just now"),
            (Some("2026-11-20T12:05:00Z"), "just now"),
            (Some("2026-11-20T11:43:59Z"), "16 min ago"),
            (Some("2026-11-19T13:00:00Z"), "23 h ago"),
            (Some("2026-11-10T12:00:00Z"), "10 days ago"),
            (None, "never"),
        ] {
            assert_eq!(age(at, now), expected, "{at:?}");
        }
    }
}
