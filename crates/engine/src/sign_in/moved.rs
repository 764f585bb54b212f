//! A server that names another sign-in service than the one a connector used until now: noticing it, and what is said about it.
//! Nothing of the old service is sent to the new one, whoever agrees to the move.

use replug_core::{Code, Connector, Credentials, Failure};

/// The issuer that was used until now, when `named` is another one. `None` when nothing is stored for this address, and when the
/// person has entered the new one as the issuer to expect.
pub(crate) fn moved_from<'r>(connector: &Connector, record: &'r Credentials, named: &str) -> Option<&'r str> {
    let known = match (&record.tokens, &record.registration) {
        (Some(tokens), _) if tokens.address == connector.address.base().as_str() => &tokens.issuer,
        (None, Some(registration)) => &registration.issuer,
        (Some(_) | None, _) => return None,
    };
    let agreed = connector.settings.issuer.as_deref() == Some(named);
    (known != named && !agreed).then_some(known)
}

/// Both side by side, in the sentence too: a terminal shows no facts.
pub(crate) fn issuer_changed(from: &str, to: &str) -> Failure {
    Failure::new(Code::AuthIssuerChanged)
        .with_text(words(from, to))
        .with_fact("Used until now", from)
        .with_fact("Named now", to)
}

/// The same for somebody who is asked whether it is right.
pub(super) fn words(from: &str, to: &str) -> String {
    format!("The server now names {to} for the sign-in. Until now it was {from}.")
}
