//! From the core's types to what shells see. Pure: no verdict is made here and nothing is asked.

use jiff::Timestamp;
use replug_core::{
    ActionId, CallbackHost, Code, Connector, Failure, Finding, Health, Inputs, RegistrationKind, Rung, SignInReason,
    State, Step,
};
use replug_store::{SignInFacts, Standing, StoredConnector};

use crate::wire::{
    ActionView, ConnectorView, DiagnosisStep, ErrorBody, FindingView, HealthView, RegistrationView, SettingsView,
    SignInStateName, SignInView,
};

/// A connector with its sign-in and its health. `awaiting` says that a browser window is open for it.
pub(crate) fn connector(stored: &StoredConnector, awaiting: bool) -> ConnectorView {
    let connector = &stored.connector;
    let paused = if stored.awaits_approval { Some(awaiting_approval()) } else { connector.paused.then(Health::paused) };
    let health = paused.as_ref().unwrap_or(&stored.health);
    ConnectorView {
        id: connector.id.to_string(),
        name: connector.name.clone(),
        address: connector.address.to_string(),
        host: connector.address.host(),
        transport: connector.transport,
        protocol: connector.protocol.clone(),
        paused: connector.paused,
        check_every_s: connector.settings.check_every_s,
        sources: connector.sources.clone(),
        sign_in: sign_in(stored.sign_in.as_ref(), health, awaiting),
        health: health_view(health, connector.id.as_str()),
        primary: primary(health, stored.sign_in.as_ref()),
    }
}

/// The health of a connector from a project folder that nobody has allowed.
fn awaiting_approval() -> Health {
    let finding = Failure::new(Code::AppNotApproved).to_finding();
    let summary = finding.text.clone();
    Health { summary, cause: Some(finding.clone()), findings: vec![finding], ..Health::paused() }
}

/// RFC 3339 in UTC, ending in `Z`, with milliseconds at most.
pub(crate) fn time(at: Timestamp) -> String {
    whole_millis(at).to_string()
}

/// Without what is finer than a millisecond, which no clock here means and nobody reads.
pub(crate) fn whole_millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
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
        registration: facts.and_then(registration),
        scopes: facts.map(|facts| facts.scopes.clone()).unwrap_or_default(),
        asked_scopes: facts.map(|facts| facts.asked_scopes.clone()).unwrap_or_default(),
        expires_at: facts.and_then(|facts| facts.expires_at).map(time),
        renewable: facts.and_then(|facts| facts.renewable),
        stored_in: facts.and_then(|facts| facts.stored_in),
    }
}

fn registration(facts: &SignInFacts) -> Option<RegistrationView> {
    let registration = facts.registration.as_ref()?;
    let issued = registration.kind == RegistrationKind::Dynamic;
    let learned = Some(&facts.quirks).filter(|quirks| issued && facts.issuer.as_ref() == Some(&quirks.issuer));
    Some(RegistrationView {
        kind: registration.kind,
        client_id: registration.client_id.clone(),
        expires_at: registration.expires_at.map(time),
        redirect: registration.redirect.clone(),
        reduced: learned
            .map(|quirks| quirks.reductions.iter().map(|step| step.sentence()).collect())
            .unwrap_or_default(),
    })
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
        cause: health.cause.as_ref().map(|cause| of_connector(cause, id)),
        tools: health.tools,
        checked_at: health.checked_at.map(time),
        duration_ms: health.duration_ms,
        findings: health.findings.iter().map(|found| of_connector(found, id)).collect(),
    }
}

fn of_connector(found: &Finding, connector: &str) -> FindingView {
    finding(found, format!("{connector}:{}", found.id))
}

/// A finding under this id.
pub(crate) fn finding(finding: &Finding, id: String) -> FindingView {
    FindingView {
        id,
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
    let cause = health.cause.as_ref()?;
    let first = cause.actions.first()?.id;
    let signed_in_before = facts.is_some_and(|facts| facts.registration.is_some() || !facts.scopes.is_empty());
    let label = match first {
        ActionId::SignIn | ActionId::ForgetAndRetry if signed_in_before => "Sign in again",
        ActionId::SignIn | ActionId::ForgetAndRetry => "Sign in",
        ActionId::Retry => "Retry",
        ActionId::Allow if cause.code == Code::AppNotApproved => "Allow…",
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

/// Settings of a connector with secrets as set or not set; without `inputs` (the keychain could not be asked) that is unknown.
pub(crate) fn settings(connector: &Connector, inputs: Option<&Inputs>, redirect_address: String) -> SettingsView {
    let settings = &connector.settings;
    SettingsView {
        client_id: settings.client_id.clone(),
        client_secret_set: inputs.map(|inputs| inputs.client_secret.is_some()),
        grant: settings.grant,
        scope: settings.scope.clone(),
        client_name: settings.client_name.clone(),
        client_document: settings.client_document.clone(),
        callback_host: settings.callback.host.map(CallbackHost::as_str).map(str::to_owned),
        callback_port: settings.callback.port,
        callback_path: settings.callback.path.clone(),
        headers: settings.headers.clone(),
        headers_stored: inputs.map(|inputs| headers_stored(connector, inputs)),
        params: settings.params.clone(),
        issuer: settings.issuer.clone(),
        allow: settings.allow.clone(),
        check_every_s: settings.check_every_s,
        redirect_address,
    }
}

/// Values that belong to another address are as good as none.
fn headers_stored(connector: &Connector, inputs: &Inputs) -> Vec<String> {
    let known = if inputs.belong_to(connector.address.base().as_str()) { inputs.headers.as_slice() } else { &[] };
    let is_stored = |name: &&String| known.iter().any(|(stored, _)| stored.eq_ignore_ascii_case(name));
    connector.settings.headers.iter().filter(is_stored).cloned().collect()
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
