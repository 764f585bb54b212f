//! Pages that are neither a list nor a connector: failures, leaving a service, files, the keychain's test, codes, a reset.

use jiff::Timestamp;
use replug_core::{Failure, Owner};
use replug_engine::wire::{CodeEntry, ConnectorView, SelfTest, ServiceAnswer};

use super::document::{Leaving, Removed, ServiceSaid};
use super::page::Page;
use super::sign::Sign;
use super::{connector, list};

/// What went wrong, what proves it, and what to do.
pub(super) fn failure(page: &mut Page, failure: &Failure) {
    page.signed(0, Sign::of_success(false), failure.sentence());
    for fact in &failure.facts {
        page.line(2, &format!("{}: {}", fact.label, fact.value));
    }
    if let Some(said) = &failure.said {
        page.line(2, &format!("They said: {said}"));
    }
    page.line(2, failure.code.info().hint);
    page.line(2, failure.code.as_str());
}

/// What became of a sign-in that was given up.
pub(super) fn left(page: &mut Page, name: &str, how: Leaving, service: &ServiceSaid) {
    let what = match how {
        Leaving::SignedOut => "signed out",
        Leaving::Forgotten => "forgotten",
        Leaving::Removed => "removed",
    };
    page.signed(0, Sign::of_success(true), &format!("{name} is {what}."));
    page.line(2, tokens(service.revoked));
    if how != Leaving::SignedOut {
        page.line(2, registration(service.registration_deleted));
    }
}

const fn tokens(revoked: ServiceAnswer) -> &'static str {
    match revoked {
        ServiceAnswer::Yes => "The service revoked the sign-in.",
        ServiceAnswer::No => "The service refused to revoke the sign-in; here it is deleted.",
        ServiceAnswer::NotOffered => "There was nothing to revoke at the service.",
        ServiceAnswer::Unreachable => "The service could not be asked to revoke the sign-in; here it is deleted.",
    }
}

const fn registration(deleted: ServiceAnswer) -> &'static str {
    match deleted {
        ServiceAnswer::Yes => "The service deleted the registration.",
        ServiceAnswer::No => "The service refused to delete the registration; here it is deleted.",
        ServiceAnswer::NotOffered => "There was no registration that could be deleted at the service.",
        ServiceAnswer::Unreachable => "The service could not be asked to delete the registration; here it is deleted.",
    }
}

/// An export.
pub(super) fn exported(page: &mut Page, file: &str, connectors: usize) {
    page.line(0, &format!("{} written to {file}, without secrets.", counted(connectors)));
}

/// An import.
pub(super) fn imported(page: &mut Page, connectors: &[ConnectorView], now: Timestamp) {
    page.line(0, &format!("{} added.", counted(connectors.len())));
    if !connectors.is_empty() {
        page.blank();
        list::table(page, connectors, now);
    }
}

fn counted(connectors: usize) -> String {
    if connectors == 1 { "1 connector".to_owned() } else { format!("{connectors} connectors") }
}

/// The keychain's test, step by step.
pub(super) fn tested(page: &mut Page, test: &SelfTest) {
    let verdict = if test.ok { "works" } else { "does not work" };
    page.signed(
        0,
        Sign::of_success(test.ok),
        &format!("This place for secrets {verdict}: {}.", connector::place(test.store)),
    );
    for step in &test.steps {
        page.signed(2, Sign::of_success(step.ok), &format!("{}, {} ms", step.step, step.duration_ms));
        if let Some(error) = &step.error {
            page.line(4, &error.text);
            page.line(4, &error.hint);
            page.line(4, error.code.as_str());
        }
    }
}

/// What a code means.
pub(super) fn explained(page: &mut Page, entry: &CodeEntry) {
    page.line(0, entry.code.as_str());
    page.line(2, &entry.text);
    page.line(2, &entry.hint);
    page.blank();
    page.fact("who can mend it", owner(entry.owner));
    if !entry.actions.is_empty() {
        let labels: Vec<&str> = entry.actions.iter().map(|action| action.label.as_str()).collect();
        page.fact("what helps", &labels.join(", "));
    }
}

const fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Computer => "this computer",
        Owner::Network => "the network",
        Owner::SignInService => "the sign-in service",
        Owner::Server => "the MCP server",
        Owner::App => "the AI app",
        Owner::Settings => "you, in the settings",
    }
}

/// A reset.
pub(super) fn reset(page: &mut Page, removed: &[Removed]) {
    if removed.is_empty() {
        page.line(0, "There was nothing to remove.");
    }
    for removed in removed {
        left(page, &removed.name, Leaving::Removed, &removed.service);
    }
}
