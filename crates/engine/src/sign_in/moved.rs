//! A server that names another sign-in service than the one a connector used until now: noticing it, and what is said about it.
//! Nothing of the old service is sent to the new one, whoever agrees to the move.

use replug_core::{Code, Connector, Credentials, Failure};

/// The issuer somebody is signed in at, for the connector's address.
pub(crate) fn issuer_here<'r>(connector: &Connector, record: &'r Credentials) -> Option<&'r str> {
    let here = connector.address.base().as_str();
    record.tokens.as_ref().filter(|tokens| tokens.address == here).map(|tokens| tokens.issuer.as_str())
}

/// The issuer that was used until now, when `named` is another one. `None` when nobody is signed in at this address, so that there
/// is nothing to protect, and when the person has entered the new one as the issuer to expect.
pub(crate) fn moved_from<'r>(connector: &Connector, record: &'r Credentials, named: &str) -> Option<&'r str> {
    let known = issuer_here(connector, record)?;
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
