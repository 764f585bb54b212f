//! What an entry that is allowed again changes in its connector: what it says now, and what it said before and says no more.
//! What no version of it says is the person's own and stays. Comparing the versions for a person is elsewhere.

use replug_core::Connector;
use replug_store::ProjectDefinition;

use crate::import::edits;
use crate::scan::Candidate;
use crate::wire::{EditConnector, SecretEdit};

/// The changes for a connector that was made from the definition `before`. Values that an entry leaves to a variable are kept.
/// Keys belong to a server and a secret to a client too: neither goes along to another one.
pub(super) fn edits_again(candidate: &Candidate, before: &ProjectDefinition, known: &Connector) -> EditConnector {
    let mut changes = edits(candidate);
    changes.client_id = changes.client_id.filter(|_| candidate.client_id.is_some() || said(before, "clientId"));
    changes.callback_port =
        changes.callback_port.filter(|_| candidate.callback_port.is_some() || said(before, "callbackPort"));
    let same_server = candidate.address.base().origin() == known.address.base().origin();
    let client_id = known.settings.client_id.as_deref().unwrap_or_default();
    let same_client = changes.client_id.as_deref().is_none_or(|id| id == client_id);
    if same_server && same_client && (candidate.client_secret.is_some() || !said(before, "clientSecret")) {
        changes.client_secret = kept(changes.client_secret);
    }
    if same_server {
        let headers = changes.headers.take().unwrap_or_default();
        let is_own =
            |name: &&String| !said(before, name) && !headers.iter().any(|(taken, _)| taken.eq_ignore_ascii_case(name));
        let own: Vec<_> = known.settings.headers.iter().filter(is_own).cloned().collect();
        let says = headers.into_iter().map(|(name, edit)| (name, kept(edit)));
        changes.headers = Some(says.chain(own.into_iter().map(|name| (name, SecretEdit::Keep))).collect());
    }
    changes
}

/// A value that nobody gives anew stays.
fn kept(edit: SecretEdit) -> SecretEdit {
    if matches!(edit, SecretEdit::Clear) { SecretEdit::Keep } else { edit }
}

/// Whether a definition has a field of this name, whichever way the app writes it. The arguments of a program may say anything.
fn said(definition: &ProjectDefinition, name: &str) -> bool {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let wanted = format!(".{}", plain(name));
    definition.outline.iter().any(|(field, _)| field == "command" || format!(".{}", plain(field)).ends_with(&wanted))
}
