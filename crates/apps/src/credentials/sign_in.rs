//! A sign-in as an app stored it, without its tokens, and what can be wrong with any of them. How each app writes its own is in
//! the modules beside this one.

use jiff::Timestamp;
use replug_core::{Code, Failure, ServerAddress};
use serde_json::Value as Json;

use super::{Certainty, StoredFinding};
use crate::dialect::Dialect;
use crate::edit::{Change, Step};
use crate::read::Snapshot;
use crate::value::Value;

/// A client whose ID is the address of a document was never registered.
const DOCUMENT: &str = "https://";

/// A stored sign-in: which tokens are there, and not what they are.
pub(super) struct SignIn<'a> {
    /// The entry it was made for, by its name in the app.
    pub(super) server: &'a str,
    /// The address it was made for, where the app wrote it down.
    pub(super) address: Option<&'a str>,
    pub(super) client_id: Option<&'a str>,
    pub(super) has_access: bool,
    pub(super) has_refresh: bool,
    pub(super) expires_at: Option<Timestamp>,
    /// Where it stands in its file.
    pub(super) path: Vec<Step>,
    /// Where its client ID stands, below that.
    pub(super) client_id_key: &'static [&'static str],
}

/// Which entry of the app a stored sign-in belongs to.
pub(super) enum Claim<'a> {
    /// This one, with the client ID that is configured for it.
    Entry { client_id: Option<&'a str> },
    /// An entry has the same name and leads elsewhere.
    Namesake,
    /// An entry has the same name; where it leads depends on variables.
    Unsure,
    /// None.
    Nobody,
}

/// A text that is there and not empty.
pub(super) fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    value.at(path).and_then(Value::as_text).filter(|text| !text.is_empty())
}

impl SignIn<'_> {
    /// What is wrong with it, if anything.
    pub(super) fn finding(
        &self,
        app: &'static str,
        claim: &Claim<'_>,
        now: Timestamp,
        file: &Snapshot,
    ) -> Option<StoredFinding> {
        let (code, certainty, change, safe) = match claim {
            Claim::Entry { client_id } => {
                let (code, change, safe) = self.defect(*client_id, now)?;
                (code, Certainty::Stored, Some(change), safe)
            }
            // One that holds nothing harms nobody, and is made again at the next try.
            _ if !self.has_access && !self.has_refresh && self.client_id.is_none() => return None,
            Claim::Namesake => (Code::AppAddressChanged, Certainty::Compared, Some(self.removal()), false),
            Claim::Unsure => (Code::AppCannotVerify, Certainty::Unused, None, false),
            Claim::Nobody => (Code::AppOrphan, Certainty::Unused, Some(self.removal()), false),
        };
        let found = StoredFinding::new(app, self.failure(code), certainty, (&file.path, file.digest));
        let found = found.of_server(self.server).safely(safe);
        Some(match change {
            Some(change) => found.mended_by(Dialect::Json, &file.parsed.value, self.path.clone(), change),
            None => found,
        })
    }

    /// What is wrong with the sign-in of an entry that is configured, and whether mending it loses nothing.
    fn defect(&self, configured: Option<&str>, now: Timestamp) -> Option<(Code, Change, bool)> {
        let ended = self.expires_at.is_some_and(|end| end <= now);
        match (self.client_id, configured) {
            (None, Some(configured)) if self.has_refresh => {
                let path =
                    self.path.iter().cloned().chain(self.client_id_key.iter().copied().map(Step::from)).collect();
                Some((Code::AppNoClientId, Change::Set(path, Json::String(configured.to_owned())), true))
            }
            (None, None) if self.has_refresh => Some((Code::AppNoClientId, self.removal(), false)),
            (Some(id), None) if !self.has_access && !self.has_refresh && !id.starts_with(DOCUMENT) => {
                Some((Code::AppHalfRegistered, self.removal(), false))
            }
            _ if self.has_access && !self.has_refresh && ended => Some((Code::AppSignInEnded, self.removal(), false)),
            _ => None,
        }
    }

    fn removal(&self) -> Change {
        Change::Remove(self.path.clone())
    }

    fn failure(&self, code: Code) -> Failure {
        let failure = Failure::new(code);
        let failure = if self.server.is_empty() { failure } else { failure.with_fact("Server", self.server) };
        match self.address {
            Some(address) => failure.with_fact("Address", masked(address)),
            None => failure,
        }
    }
}

/// An address without what may be a key.
pub(super) fn masked(address: &str) -> String {
    ServerAddress::parse(address, true).map_or_else(|_| "…".to_owned(), |(address, _)| address.to_string())
}
