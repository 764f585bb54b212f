//! What went wrong, as data: a code, labelled facts, and the other side's words. Sentences and hints come from the code table.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Code, Finding, sanitize};

/// One labelled value that proves something. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export_to = "types.gen.ts")]
pub struct Fact {
    /// What the value is, in a few words.
    pub label: String,
    /// The value, made safe to show.
    pub value: String,
}

/// A failure with its stable code. It is the error type of every crate that talks to the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The stable code; text, hint, owner and actions follow from it.
    pub code: Code,
    /// A sentence for this very case; the table's sentence when `None`.
    pub text: Option<String>,
    /// Labelled values that prove it.
    pub facts: Vec<Fact>,
    /// The other side's own words, cleaned and at most 300 characters.
    pub said: Option<String>,
}

impl Failure {
    /// A failure that needs no more than its code.
    pub const fn new(code: Code) -> Self {
        Self { code, text: None, facts: Vec::new(), said: None }
    }

    /// Replaces the table's sentence by one for this very case.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Adds a labelled value; it is cleaned and cut at 500 characters. The caller vouches that it is no secret.
    #[must_use]
    pub fn with_fact(mut self, label: &str, value: impl AsRef<str>) -> Self {
        self.facts.push(Fact { label: label.to_owned(), value: sanitize(value.as_ref(), 500) });
        self
    }

    /// Keeps what the other side said, cleaned and cut at 300 characters.
    #[must_use]
    pub fn with_said(mut self, said: impl AsRef<str>) -> Self {
        let said = sanitize(said.as_ref(), 300);
        self.said = (!said.is_empty()).then_some(said);
        self
    }

    /// The sentence a person reads.
    pub fn sentence(&self) -> &str {
        self.text.as_deref().unwrap_or_else(|| self.code.info().text)
    }

    /// The finding this failure leads to.
    pub fn to_finding(&self) -> Finding {
        let info = self.code.info();
        Finding {
            id: self.code.as_str().to_owned(),
            code: self.code,
            severity: info.severity,
            owner: info.owner,
            text: self.sentence().to_owned(),
            hint: info.hint.to_owned(),
            actions: info.actions.iter().copied().map(Into::into).collect(),
            evidence: self.facts.clone(),
            said: self.said.clone(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.sentence(), self.code.as_str())
    }
}

impl std::error::Error for Failure {}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}
