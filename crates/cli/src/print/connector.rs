//! One connector in full: its health, its sign-in and its settings. Tables of connectors are in `list`.

use jiff::Timestamp;
use replug_core::{Allow, GrantType, RegistrationKind, StoredIn, Transport};
use replug_engine::wire::{
    Added, ConnectorView, ErrorBody, ProbeKind, RegistrationView, SettingsView, SignInStateName, SignInView,
};

use super::list;
use super::page::Page;
use super::sign::Sign;

/// A connector that was just added.
pub(super) fn added(page: &mut Page, added: &Added) {
    let connector = &added.connector;
    page.line(0, &added.probe.text);
    page.line(0, &format!("Added as `{}` ({}).", connector.name, connector.id));
    if let Some(error) = &added.probe.error {
        hint(page, error);
    } else if added.probe.kind == Some(ProbeKind::SignIn) {
        page.line(0, &format!("Sign in with `replug sign-in {}`.", connector.id));
    }
}

/// A connector that was just changed.
pub(super) fn edited(page: &mut Page, connector: &ConnectorView, now: Timestamp) {
    list::table(page, std::slice::from_ref(connector), now);
}

/// A connector with its settings.
pub(super) fn shown(page: &mut Page, (connector, settings): (&ConnectorView, &SettingsView), now: Timestamp) {
    health(page, connector);
    page.blank();
    page.fact("id", &connector.id);
    page.fact("address", &connector.address);
    page.fact("checked", &list::age(connector.health.checked_at.as_deref(), now));
    optional(page, "transport", connector.transport.map(transport));
    optional(page, "protocol", connector.protocol.as_deref());
    sign_in(page, &connector.sign_in);
    page.blank();
    settings_of(page, settings);
}

/// How a sign-in ended.
pub(super) fn signed_in(page: &mut Page, connector: &ConnectorView, error: Option<&ErrorBody>) {
    if let Some(error) = error {
        page.line(0, &error.text);
        hint(page, error);
        page.blank();
    }
    health(page, connector);
}

/// The verdict, and everything that was found.
pub(super) fn health(page: &mut Page, connector: &ConnectorView) {
    let health = &connector.health;
    page.signed(0, Sign::of_state(health.state), &connector.name);
    page.line(2, &list::verdict(health));
    if let Some(cause) = &health.cause {
        list::finding(page, 2, cause);
    }
    let headline = health.cause.as_ref().map(|cause| &cause.id);
    for finding in health.findings.iter().filter(|finding| Some(&finding.id) != headline) {
        page.blank();
        page.line(2, &finding.text);
        list::finding(page, 4, finding);
    }
}

fn hint(page: &mut Page, error: &ErrorBody) {
    page.line(0, &error.hint);
    page.line(0, error.code.as_str());
}

fn sign_in(page: &mut Page, sign_in: &SignInView) {
    page.fact("sign-in", state(sign_in.state));
    optional(page, "sign-in service", sign_in.issuer.as_deref());
    optional(page, "registration", sign_in.registration.as_ref().map(registration).as_deref());
    if !sign_in.scopes.is_empty() {
        page.fact("permissions", &sign_in.scopes.join(" "));
    }
    optional(page, "expires", sign_in.expires_at.as_deref());
    optional(page, "renewable", sign_in.renewable.map(yes_or_no));
    optional(page, "kept in", sign_in.stored_in.map(place));
}

const fn state(state: SignInStateName) -> &'static str {
    match state {
        SignInStateName::NotRequired => "not required",
        SignInStateName::SignedOut => "signed out",
        SignInStateName::AwaitingBrowser => "waiting for the browser",
        SignInStateName::SignedIn => "signed in",
        SignInStateName::SignInNeeded => "needed again",
        SignInStateName::Unreachable => "could not be asked",
    }
}

fn registration(registration: &RegistrationView) -> String {
    let how = match registration.kind {
        RegistrationKind::PreRegistered => "registered by hand",
        RegistrationKind::ClientIdDocument => "a client ID document",
        RegistrationKind::Dynamic => "registered by Replug",
    };
    format!("{how}, client ID {}", registration.client_id)
}

fn settings_of(page: &mut Page, settings: &SettingsView) {
    optional(page, "client ID", settings.client_id.as_deref());
    let secret = settings.client_secret_set.map_or("unknown", |set| if set { "set" } else { "not set" });
    page.fact("client secret", secret);
    optional(page, "grant", settings.grant.map(GrantType::as_str));
    optional(page, "permissions asked", settings.scope.as_deref());
    optional(page, "client name", settings.client_name.as_deref());
    optional(page, "client document", settings.client_document.as_deref());
    page.fact("callback address", &settings.redirect_address);
    for header in &settings.headers {
        page.fact("header", &format!("{header} (hidden)"));
    }
    for (name, value) in &settings.params {
        page.fact("parameter", &format!("{name}={value}"));
    }
    optional(page, "expected issuer", settings.issuer.as_deref());
    if !settings.allow.is_empty() {
        page.fact("allowed", &settings.allow.iter().map(|allow| Allow::as_str(*allow)).collect::<Vec<_>>().join(", "));
    }
    optional(page, "checked every", settings.check_every_s.map(|seconds| format!("{seconds} s")).as_deref());
}

fn optional(page: &mut Page, label: &str, value: Option<&str>) {
    if let Some(value) = value {
        page.fact(label, value);
    }
}

const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::StreamableHttp => "Streamable HTTP",
        Transport::Sse => "server-sent events",
    }
}

pub(super) const fn place(place: StoredIn) -> &'static str {
    match place {
        StoredIn::Keychain => "the keychain",
        StoredIn::File => "the encrypted file",
        StoredIn::Memory => "memory, for this run only",
    }
}

const fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
