//! From the core's types to what shells see. Pure: no verdict is made here and nothing is asked.

use jiff::Timestamp;
use replug_core::{ActionId, CallbackHost, Failure, Finding, Health, Rung, Settings, SignInReason, State, Step};
use replug_store::{SignInFacts, Standing, StoredConnector};

use crate::wire::{
    ActionView, ConnectorView, DiagnosisStep, ErrorBody, FindingView, HealthView, RegistrationView, SettingsView,
    SignInStateName, SignInView,
};

/// A connector with its sign-in and its health. `awaiting` says that a browser window is open for it.
pub(crate) fn connector(stored: &StoredConnector, awaiting: bool) -> ConnectorView {
    let connector = &stored.connector;
    let paused = connector.paused.then(Health::paused);
    let health = paused.as_ref().unwrap_or(&stored.health);
    ConnectorView {
        id: connector.id.to_string(),
        name: connector.name.clone(),
        address: connector.address.to_string(),
        host: connector.address.host(),
        transport: connector.transport,
        protocol: connector.protocol.clone(),
        paused: connector.paused,
        sources: connector.sources.clone(),
        sign_in: sign_in(stored.sign_in.as_ref(), health, awaiting),
        health: health_view(health, connector.id.as_str()),
        primary: primary(health, stored.sign_in.as_ref()),
    }
}

/// RFC 3339 in UTC, ending in `Z`.
pub(crate) fn time(at: Timestamp) -> String {
    at.to_string()
}

impl From<Failure> for ErrorBody {
    fn from(failure: Failure) -> Self {
        Self::from(&failure)
    }
}

impl From<&Failure> for ErrorBody {
    fn from(failure: &Failure) -> Self {
        Self { code: failure.code, text: failure.sentence().to_owned(), hint: failure.code.info().hint.to_owned() }
    }
}

fn sign_in(facts: Option<&SignInFacts>, health: &Health, awaiting: bool) -> SignInView {
    let (state, reason) = match facts.map(|facts| &facts.standing) {
        _ if awaiting => (SignInStateName::AwaitingBrowser, None),
        Some(Standing::NotRequired) => (SignInStateName::NotRequired, None),
        Some(Standing::SignedIn) if could_not_ask(health) => (SignInStateName::Unreachable, None),
        Some(Standing::SignedIn) => (SignInStateName::SignedIn, None),
        Some(Standing::Needed { reason: SignInReason::Never, .. }) => {
            (SignInStateName::SignedOut, Some(SignInReason::Never))
        }
        Some(Standing::Needed { reason, .. }) => (SignInStateName::SignInNeeded, Some(*reason)),
        Some(Standing::SignedOut) | None => (SignInStateName::SignedOut, None),
    };
    SignInView {
        state,
        reason,
        issuer: facts.and_then(|facts| facts.issuer.clone()),
        registration: facts.and_then(|facts| facts.registration.as_ref()).map(|registration| RegistrationView {
            kind: registration.kind,
            client_id: registration.client_id.clone(),
            expires_at: registration.expires_at.map(time),
            redirect: registration.redirect.clone(),
        }),
        scopes: facts.map(|facts| facts.scopes.clone()).unwrap_or_default(),
        expires_at: facts.and_then(|facts| facts.expires_at).map(time),
        renewable: facts.and_then(|facts| facts.renewable),
        stored_in: facts.and_then(|facts| facts.stored_in),
    }
}

/// Whether the last check could not reach the other side, so that nothing is known about the sign-in.
fn could_not_ask(health: &Health) -> bool {
    use replug_core::Owner::{Computer, Network};
    health.state == State::Failed
        && health.cause.as_ref().is_some_and(|cause| matches!(cause.owner, Network | Computer))
}

fn health_view(health: &Health, id: &str) -> HealthView {
    HealthView {
        level: health.level(),
        state: health.state,
        summary: health.summary.clone(),
        cause: health.cause.as_ref().map(|cause| finding(cause, id)),
        tools: health.tools,
        checked_at: health.checked_at.map(time),
        duration_ms: health.duration_ms,
        findings: health.findings.iter().map(|found| finding(found, id)).collect(),
    }
}

fn finding(finding: &Finding, connector: &str) -> FindingView {
    FindingView {
        id: format!("{connector}:{}", finding.id),
        code: finding.code,
        severity: finding.severity,
        owner: finding.owner,
        text: finding.text.clone(),
        hint: finding.hint.clone(),
        actions: finding
            .actions
            .iter()
            .map(|action| ActionView { id: action.id, label: action.label.clone() })
            .collect(),
        evidence: finding.evidence.clone(),
        said: finding.said.clone(),
    }
}

pub(crate) fn action(id: ActionId) -> ActionView {
    ActionView { id, label: id.label().to_owned() }
}

/// The one button of a row. What opens a form or a preview ends in "…".
fn primary(health: &Health, facts: Option<&SignInFacts>) -> Option<ActionView> {
    let first = health.cause.as_ref()?.actions.first()?.id;
    let signed_in_before = facts.is_some_and(|facts| facts.registration.is_some() || !facts.scopes.is_empty());
    let label = match first {
        ActionId::SignIn | ActionId::ForgetAndRetry if signed_in_before => "Sign in again",
        ActionId::SignIn | ActionId::ForgetAndRetry => "Sign in",
        ActionId::Retry => "Retry",
        ActionId::Allow
        | ActionId::EditSettings
        | ActionId::FixAddress
        | ActionId::FixEntry
        | ActionId::ClearCache
        | ActionId::UseBridge
        | ActionId::AskOwner => "Fix…",
    };
    Some(ActionView { id: first, label: label.to_owned() })
}

/// Settings with secrets as set or not set; `client_secret_set` is unknown when the keychain could not be asked.
pub(crate) fn settings(settings: &Settings, client_secret_set: Option<bool>, redirect_address: String) -> SettingsView {
    SettingsView {
        client_id: settings.client_id.clone(),
        client_secret_set,
        scope: settings.scope.clone(),
        client_name: settings.client_name.clone(),
        callback_host: settings.callback.host.map(CallbackHost::as_str).map(str::to_owned),
        callback_port: settings.callback.port,
        callback_path: settings.callback.path.clone(),
        headers: settings.headers.clone(),
        params: settings.params.clone(),
        issuer: settings.issuer.clone(),
        allow: settings.allow.clone(),
        check_every_s: settings.check_every_s,
        redirect_address,
    }
}

/// The steps of a check as they are drawn.
pub(crate) fn steps(steps: Vec<Step>) -> Vec<DiagnosisStep> {
    steps
        .into_iter()
        .map(|step| DiagnosisStep {
            rung: step.rung,
            number: number(step.rung),
            title: step.rung.title().to_owned(),
            side: step.rung.side(),
            outcome: step.outcome,
            started_ms: step.started_ms,
            duration_ms: step.duration_ms,
            code: step.code,
            text: step.text,
            exchanges: step.exchanges,
        })
        .collect()
}

/// A rung's place on the ladder, from 1.
pub(crate) fn number(rung: Rung) -> u32 {
    let place = Rung::ALL.iter().position(|candidate| *candidate == rung).unwrap_or_default();
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}
