//! The rules for an authorization response: state first, then the issuer, then errors, then the code. How it arrived is
//! not known here.

use replug_core::{Code, Failure, Secret};
use url::form_urlencoded;

use super::Callback;
use crate::Attempt;
use crate::said::without_secrets;

/// Parameters that must not stand twice (RFC 6749 §3.1).
const SINGLE: [&str; 4] = ["code", "iss", "error", "error_description"];

/// The parameters of a response, in order.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads urlencoded text.
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// Whether there is no parameter at all.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is a parameter of this name.
    pub(super) fn has(&self, name: &'static str) -> bool {
        self.all(name).next().is_some()
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(move |(found, value)| (found == name).then_some(value.as_str()))
    }

    /// The value of a parameter that stands once.
    fn one(&self, name: &'static str) -> Option<&str> {
        let mut found = self.all(name);
        found.next().filter(|_| found.next().is_none())
    }
}

/// What a response is compared with.
pub(super) struct Expected {
    state: Secret<String>,
    issuer: String,
    iss_required: bool,
}

impl Expected {
    /// What the answer to this attempt has to show.
    pub(super) fn of(attempt: &Attempt, iss_required: bool) -> Self {
        Self { state: attempt.state.duplicate(), issuer: attempt.issuer.clone(), iss_required }
    }

    /// Whether the response carries the attempt's state, compared in constant time. Nothing else of it may be looked at
    /// before this is true.
    pub(super) fn is_ours(&self, fields: &Fields) -> bool {
        fields.one("state").is_some_and(|state| self.state.matches(state))
    }

    /// Decides about a response whose state is right.
    pub(super) fn judge(&self, fields: &Fields, posted: bool) -> Result<Callback, Failure> {
        let doubled = SINGLE.into_iter().find(|name| fields.all(name).count() > 1);
        if let Some(name) = doubled {
            return Err(Failure::new(Code::AuthRefused).with_fact("Parameter sent twice", name));
        }
        self.check_issuer(fields)?;
        if let Some(error) = fields.one("error") {
            return Err(self.refusal(error, fields));
        }
        match fields.one("code").filter(|code| !code.is_empty()) {
            Some(code) => Ok(Callback { code: Secret::new(code.to_owned()), posted }),
            None => Err(Failure::new(Code::AuthRefused).with_fact("Missing in the answer", "code")),
        }
    }

    /// RFC 9207 §2.4: exact bytes. When it does not fit, nothing else of the answer is shown.
    fn check_issuer(&self, fields: &Fields) -> Result<(), Failure> {
        match fields.one("iss") {
            Some(iss) if iss == self.issuer => Ok(()),
            Some(iss) => Err(Failure::new(Code::AuthIssuerMismatch)
                .with_fact("Asked", &self.issuer)
                .with_fact("Answered as", without_secrets(iss, &[self.state.expose()]))),
            None if self.iss_required => Err(Failure::new(Code::AuthIssuerMissing).with_fact("Asked", &self.issuer)),
            None => Ok(()),
        }
    }

    /// An error response (RFC 6749 §4.1.2.1).
    fn refusal(&self, error: &str, fields: &Fields) -> Failure {
        let code = match error {
            "access_denied" => Code::AuthDenied,
            "invalid_scope" => Code::AuthScopeRefused,
            "server_error" | "temporarily_unavailable" => Code::AuthServiceError,
            "unauthorized_client" | "invalid_client" => Code::RegForgotten,
            _ => Code::AuthRefused,
        };
        let mut echoed = vec![self.state.expose().as_str()];
        echoed.extend(fields.one("code"));
        let failure = Failure::new(code).with_fact("Error", without_secrets(error, &echoed));
        match fields.one("error_description") {
            Some(description) => failure.with_said(without_secrets(description, &echoed)),
            None => failure,
        }
    }
}
