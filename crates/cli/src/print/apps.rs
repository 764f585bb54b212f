//! Pages about AI apps: their files, what was found in them, and what was allowed.

use jiff::Timestamp;
use replug_core::{Outcome, Severity};
use replug_engine::wire::{
    AppFinding, ConnectorView, FoundApp, FoundConnector, LocalServer, ProjectDefinition, Scanned,
};

use super::list;
use super::page::{Page, Row};
use super::sign::Sign;

const TITLES: [&str; 4] = ["NAME", "STATUS", "IN", "SERVER"];
const WIDEST: [usize; 3] = [24, 20, 20];

/// The apps, each with its files.
pub(super) fn apps(page: &mut Page, apps: &[FoundApp]) {
    if apps.is_empty() {
        page.line(0, "No AI app has its files on this computer.");
    }
    for app in apps {
        page.blank();
        page.line(0, &format!("{} ({})", app.name, app.id));
        for file in &app.files {
            let sign = Sign::of_outcome(if file.readable { Outcome::Ok } else { Outcome::Failed });
            page.signed(2, sign, &format!("{} ({})", file.path, file.scope));
            if let Some(text) = &file.text {
                page.line(4, text);
            }
        }
    }
}

/// What was found in the apps' files.
pub(super) fn scanned(page: &mut Page, scanned: &Scanned) {
    if scanned.connectors.is_empty() {
        page.line(0, "No connectors were found in any app.");
    } else {
        table(page, &scanned.connectors);
    }
    if scanned.connectors.iter().any(|found| !found.imported) {
        page.blank();
        page.line(0, "Take found connectors over with `replug import`.");
    }
    local_servers(page, &scanned.local_servers);
    findings(page, &scanned.findings);
}

/// What was taken over.
pub(super) fn taken_over(page: &mut Page, scanned: &Scanned) {
    if scanned.connectors.is_empty() {
        page.line(0, "There was nothing to take over.");
    } else {
        table(page, &scanned.connectors);
    }
    for found in scanned.connectors.iter().filter(|found| found.needs_approval) {
        let connector = &found.connector;
        page.blank();
        page.line(0, &format!("`{}` came with a project folder and is not contacted.", connector.name));
        page.line(0, &format!("Allow it with `replug approve {}`.", connector.id));
    }
    findings(page, &scanned.findings);
}

/// What was allowed.
pub(super) fn approved(
    page: &mut Page,
    (connector, definition): (&ConnectorView, Option<&ProjectDefinition>),
    now: Timestamp,
) {
    if let Some(definition) = definition {
        page.line(0, &format!("Allowed what `{}` says in {}:", definition.entry, definition.file));
        for field in &definition.fields {
            page.fact(&field.name, field.now.as_deref().unwrap_or("gone"));
        }
        page.blank();
    }
    list::table(page, std::slice::from_ref(connector), now);
}

fn table(page: &mut Page, found: &[FoundConnector]) {
    let row = |found: &FoundConnector| {
        let connector = &found.connector;
        let mut apps: Vec<&str> = connector.sources.iter().map(|source| source.app.as_str()).collect();
        apps.dedup();
        let status = match (found.imported, found.needs_approval) {
            (_, true) => "Not allowed yet".to_owned(),
            (false, false) => "Found".to_owned(),
            (true, false) => list::status(&connector.health),
        };
        Row {
            sign: Sign::of_state(connector.health.state),
            cells: vec![connector.name.clone(), status, apps.join(", "), connector.host.clone()],
        }
    };
    page.table(&TITLES, &WIDEST, &found.iter().map(row).collect::<Vec<_>>());
}

fn local_servers(page: &mut Page, servers: &[LocalServer]) {
    if servers.is_empty() {
        return;
    }
    page.blank();
    page.line(0, "Programs that apps start on this computer:");
    for server in servers {
        page.line(2, &format!("{} in {}: {}", server.entry, server.app_name, server.program));
    }
}

fn findings(page: &mut Page, findings: &[AppFinding]) {
    for found in findings {
        let sign = match found.finding.severity {
            Severity::Error => Outcome::Failed,
            Severity::Warning => Outcome::Warning,
            Severity::Note => Outcome::Skipped,
        };
        page.blank();
        page.signed(0, Sign::of_outcome(sign), &found.finding.text);
        for fact in &found.finding.evidence {
            page.line(2, &format!("{}: {}", fact.label, fact.value));
        }
        list::finding(page, 2, &found.finding);
    }
}
