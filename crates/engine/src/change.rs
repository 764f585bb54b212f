//! Applying what a person typed to a connector's settings and secrets: every value is checked before anything is stored.

use http::{HeaderName, HeaderValue};
use replug_core::{
    Allow, Code, Connector, Credentials, Failure, Inputs, RegistrationKind, Secret, ServerAddress, Settings, sanitize,
};
use replug_mcp::Endpoint;
use replug_oauth::ClientKey;
use replug_oauth::{is_document_address, is_reserved_param};
use url::Url;

use crate::name;
use crate::wire::{EditConnector, SecretEdit};

/// Headers of the connection (RFC 9110 §7.6, §10.1.4), besides those that [`Endpoint::reserves`].
const CONNECTION_HEADERS: [&str; 2] = ["te", "upgrade"];
const SHORTEST_INTERVAL_S: u32 = 60;

/// Applies everything but name, address, pause and secrets.
///
/// Fails with `RPL-USE-SETTING-INVALID`, naming the setting, and then has changed only a copy that is thrown away.
pub(crate) fn apply(settings: &Settings, changes: &EditConnector) -> Result<Settings, Failure> {
    let mut next = settings.clone();
    set_text(&mut next.client_id, changes.client_id.as_deref(), "client ID", is_visible_ascii)?;
    if let Some(grant) = &changes.grant {
        next.grant = optional(grant, "grant", str::parse)?;
    }
    set_text(&mut next.scope, changes.scope.as_deref(), "permissions", is_scope)?;
    set_text(&mut next.client_name, changes.client_name.as_deref(), "client name", |name| sanitize(name, 120) == name)?;
    set_document(&mut next.client_document, changes.client_document.as_deref())?;
    set_text(&mut next.issuer, changes.issuer.as_deref(), "issuer", is_issuer)?;
    if let Some(host) = &changes.callback_host {
        next.callback.host = optional(host, "callback host", str::parse)?;
    }
    if let Some(port) = changes.callback_port {
        next.callback.port = (port != 0).then_some(port);
    }
    set_text(&mut next.callback.path, changes.callback_path.as_deref(), "callback path", is_callback_path)?;
    if let Some(headers) = &changes.headers {
        next.headers = headers.iter().map(|(name, _)| header_name(name)).collect::<Result<_, _>>()?;
    }
    if let Some(params) = &changes.params {
        params.iter().try_for_each(|(name, _)| check_param(name))?;
        next.params.clone_from(params);
    }
    if let Some(allow) = &changes.allow {
        next.allow.clone_from(allow);
        next.allow.sort_unstable();
        next.allow.dedup();
    }
    if let Some(seconds) = changes.check_every_s {
        next.check_every_s = (seconds != 0).then_some(seconds.max(SHORTEST_INTERVAL_S));
    }
    Ok(next)
}

/// A connector before and after an edit, and the query values of the new address when there is one.
pub(crate) struct Edited {
    pub(crate) before: Connector,
    pub(crate) after: Connector,
    query: Option<Vec<(String, Secret<String>)>>,
}

impl Edited {
    /// Applies the edit to the record. Returns whether anything that is sent to the server or to the service differs.
    ///
    /// Keys belong to an origin: headers that are not set in the same edit are dropped when it changes. So are values that an
    /// edit which was cut off left behind for another address.
    pub(crate) fn apply_to(&self, record: &mut Credentials, changes: &EditConnector) -> bool {
        let before = record.duplicate_inputs().inputs;
        let (old, new) = (self.before.address.base(), self.after.address.base());
        let left_behind = !before.belong_to(old.as_str());
        if left_behind || old.origin() != new.origin() {
            record.inputs.headers.clear();
        }
        if left_behind {
            record.inputs.query.clear();
        }
        apply_secrets(record, changes, self.duplicate_query());
        renew_client_secret(record, changes, self.after.settings.client_id.as_deref());
        record.inputs.address = Some(new.to_string());
        left_behind || !same_inputs(&before, &record.inputs)
    }

    fn duplicate_query(&self) -> Option<Vec<(String, Secret<String>)>> {
        let copy = |(name, value): &(String, Secret<String>)| (name.clone(), value.duplicate());
        self.query.as_ref().map(|query| query.iter().map(copy).collect())
    }
}

/// Applies everything but secrets.
pub(crate) fn edited(before: &Connector, changes: &EditConnector) -> Result<Edited, Failure> {
    let mut after = before.clone();
    after.settings = apply(&before.settings, changes)?;
    if let Some(name) = &changes.name {
        after.name = name::accept(name)?;
    }
    let found = changes.address.as_deref().map(|text| address(text, &after.settings)).transpose()?;
    let (address, query) = found.map_or((None, None), |(address, query)| (Some(address), Some(query)));
    if let Some(address) = address.filter(|address| *address != before.address) {
        after.address = address;
        after.transport = None;
        after.protocol = None;
    }
    after.paused = changes.paused.unwrap_or(before.paused);
    Ok(Edited { before: before.clone(), after, query })
}

/// Takes an edit back, member by member, where nobody has changed it since.
pub(crate) fn put_back(now: &mut Connector, Edited { before, after, .. }: &Edited) {
    fn restore<T: Clone + PartialEq>(now: &mut T, before: &T, after: &T) {
        if now == after {
            now.clone_from(before);
        }
    }
    restore(&mut now.name, &before.name, &after.name);
    restore(&mut now.address, &before.address, &after.address);
    restore(&mut now.transport, &before.transport, &after.transport);
    restore(&mut now.protocol, &before.protocol, &after.protocol);
    restore(&mut now.paused, &before.paused, &after.paused);
    restore(&mut now.settings, &before.settings, &after.settings);
}

/// Whether a check after an edit asks something else than one before it, secrets aside.
pub(crate) fn asks_otherwise(before: &Connector, after: &Connector) -> bool {
    let (old, new) = (&before.settings, &after.settings);
    before.address != after.address
        || (&old.headers, &old.client_id, &old.issuer, &old.allow)
            != (&new.headers, &new.client_id, &new.issuer, &new.allow)
}

/// Whether a person typed the same secrets.
fn same_inputs(one: &Inputs, other: &Inputs) -> bool {
    type Pair = (String, Secret<String>);
    let same_pair = |(one, other): (&Pair, &Pair)| one.0 == other.0 && one.1.matches(other.1.expose());
    let same = |one: &[Pair], other: &[Pair]| one.len() == other.len() && one.iter().zip(other).all(same_pair);
    let same_secret = match (&one.client_secret, &other.client_secret) {
        (Some(one), Some(other)) => one.matches(other.expose()),
        (one, other) => one.is_none() && other.is_none(),
    };
    same_secret && same(&one.headers, &other.headers) && same(&one.query, &other.query)
}

/// Whether the record in the keychain has to change.
pub(crate) fn touches_secrets(changes: &EditConnector) -> bool {
    changes.headers.is_some() || changes.address.is_some() || !matches!(changes.client_secret, SecretEdit::Keep)
}

/// Checks the values of headers and a private key, which are only known here.
pub(crate) fn check_secrets(changes: &EditConnector) -> Result<(), Failure> {
    if let SecretEdit::Set(secret) = &changes.client_secret {
        let secret = Secret::new(secret.clone());
        if ClientKey::is_key(&secret)
            && let Err(failure) = ClientKey::read(&secret)
        {
            return Err(Failure { facts: failure.facts, ..invalid("private key") });
        }
    }
    for (name, edit) in changes.headers.iter().flatten() {
        if let SecretEdit::Set(value) = edit
            && HeaderValue::from_str(value).is_err()
        {
            return Err(invalid(&format!("value of the header {}", sanitize(name, 60))));
        }
    }
    Ok(())
}

/// Applies the secrets. `query` is the query of a new address.
pub(crate) fn apply_secrets(
    record: &mut Credentials,
    changes: &EditConnector,
    query: Option<Vec<(String, Secret<String>)>>,
) {
    if let Some(query) = query {
        record.inputs.query = query;
    }
    match &changes.client_secret {
        SecretEdit::Keep => {}
        SecretEdit::Clear => record.inputs.client_secret = None,
        SecretEdit::Set(value) => record.inputs.client_secret = Some(Secret::new(value.clone())),
    }
    let Some(headers) = &changes.headers else { return };
    let mut before = std::mem::take(&mut record.inputs.headers);
    for (name, edit) in headers {
        let kept = before.iter().position(|(known, _)| known.eq_ignore_ascii_case(name)).map(|at| before.remove(at).1);
        let value = match edit {
            SecretEdit::Keep => kept,
            SecretEdit::Clear => None,
            SecretEdit::Set(value) => Some(Secret::new(value.clone())),
        };
        record.inputs.headers.extend(value.map(|value| (name.clone(), value)));
    }
}

/// A new secret for the very client that the stored tokens belong to is theirs too: it was changed at the service. A cleared
/// one stays with them, because it is what they are renewed with.
fn renew_client_secret(record: &mut Credentials, changes: &EditConnector, client_id: Option<&str>) {
    if let (SecretEdit::Set(secret), Some(registration)) = (&changes.client_secret, &mut record.registration)
        && registration.kind == RegistrationKind::PreRegistered
        && client_id == Some(registration.client_id.as_str())
    {
        registration.client_secret = Some(Secret::new(secret.clone()));
    }
}

/// An address, and the values of its query apart.
pub(crate) type AddressAndQuery = (ServerAddress, Vec<(String, Secret<String>)>);

/// Reads an address, with plain http only when the person allows it.
pub(crate) fn address(text: &str, settings: &Settings) -> Result<AddressAndQuery, Failure> {
    use replug_core::AddressError;
    ServerAddress::parse(text, settings.allows(Allow::Http)).map_err(|error| match error {
        AddressError::PlainHttp => Failure::new(Code::UseAddressNotEncrypted),
        other => Failure::new(Code::UseAddressInvalid).with_fact("Reason", other.to_string()),
    })
}

/// Changes the address of a client-ID document.
pub(crate) fn set_document(target: &mut Option<String>, change: Option<&str>) -> Result<(), Failure> {
    set_text(target, change, "client document", is_document_address)
}

fn set_text(
    target: &mut Option<String>,
    change: Option<&str>,
    what: &str,
    fits: impl FnOnce(&str) -> bool,
) -> Result<(), Failure> {
    let Some(text) = change.map(str::trim) else {
        return Ok(());
    };
    if !text.is_empty() && !fits(text) {
        return Err(invalid(what));
    }
    *target = (!text.is_empty()).then(|| text.to_owned());
    Ok(())
}

fn optional<T, E>(text: &str, what: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, Failure> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { parse(text).map(Some).map_err(|_| invalid(what)) }
}

fn invalid(what: &str) -> Failure {
    Failure::new(Code::UseSettingInvalid).with_text(format!("The {what} cannot be used.")).with_fact("Setting", what)
}

fn is_visible_ascii(text: &str) -> bool {
    text.len() <= 2_000 && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// RFC 6749 §3.3: visible ASCII but `"` and `\`, separated by single spaces.
fn is_scope(text: &str) -> bool {
    is_visible_ascii(text) && !text.contains(['"', '\\']) && !text.contains("  ")
}

fn is_issuer(text: &str) -> bool {
    Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.fragment().is_none() && url.query().is_none())
}

fn is_callback_path(text: &str) -> bool {
    text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 200
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte))
}

fn header_name(name: &str) -> Result<String, Failure> {
    let shown = sanitize(name, 60);
    let parsed: HeaderName = name.trim().parse().map_err(|_| invalid(&format!("header name {shown}")))?;
    if Endpoint::reserves(&parsed) || CONNECTION_HEADERS.contains(&parsed.as_str()) {
        return Err(invalid(&format!("header {shown}")));
    }
    Ok(name.trim().to_owned())
}

/// Whether a header of this name can be set; Replug sends the others itself.
pub(crate) fn takes_header(name: &str) -> bool {
    header_name(name).is_ok()
}

fn check_param(name: &str) -> Result<(), Failure> {
    if is_reserved_param(name) || name.trim().is_empty() || !is_visible_ascii(name) {
        return Err(invalid(&format!("parameter {}", sanitize(name, 60))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(changes: &EditConnector) -> Result<Settings, String> {
        apply(&Settings::default(), changes).map_err(|failure| failure.sentence().to_owned())
    }

    #[test]
    fn an_empty_text_clears_a_setting_and_a_missing_one_leaves_it() {
        let before = Settings { client_id: Some("abc".into()), scope: Some("a b".into()), ..Settings::default() };
        let after = apply(&before, &EditConnector { client_id: Some(" ".into()), ..EditConnector::default() }).unwrap();
        assert_eq!((after.client_id, after.scope.as_deref()), (None, Some("a b")));
    }

    #[test]
    fn values_that_would_break_a_request_are_refused_by_name() {
        let none = EditConnector::default;
        let text = |text: &str| Some(text.to_owned());
        let header = |name: &str| Some(vec![(name.to_owned(), SecretEdit::Clear)]);
        let param = |name: &str| Some(vec![(name.to_owned(), "x".to_owned())]);
        for (changes, named) in [
            (EditConnector { scope: text("a\"b"), ..none() }, "permissions"),
            (EditConnector { callback_path: text("callback"), ..none() }, "callback path"),
            (EditConnector { callback_path: text("/a?b"), ..none() }, "callback path"),
            (EditConnector { callback_host: text("0.0.0.0"), ..none() }, "callback host"),
            (EditConnector { client_document: text("http://app.example/client.json"), ..none() }, "client document"),
            (EditConnector { issuer: text("auth.example"), ..none() }, "issuer"),
            (EditConnector { headers: header("Host"), ..none() }, "header Host"),
            (EditConnector { headers: header("X Y"), ..none() }, "header name X Y"),
            (EditConnector { headers: header("Last-Event-ID"), ..none() }, "header Last-Event-ID"),
            (EditConnector { headers: header("Mcp-Param-Region"), ..none() }, "header Mcp-Param-Region"),
            (EditConnector { headers: header("TE"), ..none() }, "header TE"),
            (EditConnector { params: param("State"), ..none() }, "parameter State"),
            (EditConnector { params: param("code_verifier"), ..none() }, "parameter code_verifier"),
            (EditConnector { params: param("response.mode"), ..none() }, "parameter response.mode"),
        ] {
            assert_eq!(applied(&changes), Err(format!("The {named} cannot be used.")));
        }
    }

    #[test]
    fn secrets_are_kept_replaced_and_removed_as_asked() {
        let mut record = Credentials::empty("aaaaaaaaaa".parse().unwrap());
        record.inputs.headers = vec![("X-A".into(), Secret::new("1".into())), ("X-B".into(), Secret::new("2".into()))];
        let headers = vec![("x-a".to_owned(), SecretEdit::Keep), ("X-C".to_owned(), SecretEdit::Set("3".into()))];
        apply_secrets(&mut record, &EditConnector { headers: Some(headers), ..EditConnector::default() }, None);
        let kept: Vec<(&str, &str)> =
            record.inputs.headers.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
        assert_eq!(kept, [("x-a", "1"), ("X-C", "3")], "the unnamed one is gone");
    }
}
