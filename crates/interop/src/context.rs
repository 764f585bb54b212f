//! What the suite knows besides the address, turned into settings of a connector and into calls. What a scenario is about is
//! not read.

use replug_engine::wire::{EditConnector, SecretEdit};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The client-ID document that the suite takes from every client (its manual names it, no context does).
const DOCUMENT: &str = "https://conformance-test.local/client-metadata.json";

/// What the suite says; members that are not named here are left out.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Context {
    client_id: Option<String>,
    client_secret: Option<String>,
    private_key_pem: Option<String>,
    issuer: Option<String>,
    /// The calls to make; each tool is called once when there are none.
    #[serde(rename = "toolCalls")]
    pub(crate) calls: Vec<ToolCall>,
}

/// One call.
#[derive(Deserialize)]
pub(crate) struct ToolCall {
    pub(crate) name: String,
    pub(crate) arguments: Box<RawValue>,
}

impl Context {
    /// Reads the text of the environment variable; an empty context when there is none.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, serde_json::Error> {
        text.map_or_else(|| Ok(Self::default()), serde_json::from_str)
    }

    /// What a person would type into the connector's settings. A key is typed where a secret is.
    pub(crate) fn settings(&self) -> EditConnector {
        let secret = self.client_secret.as_ref().or(self.private_key_pem.as_ref());
        EditConnector {
            client_id: self.client_id.clone(),
            client_secret: secret.cloned().map_or(SecretEdit::Keep, SecretEdit::Set),
            client_document: Some(DOCUMENT.to_owned()),
            issuer: self.issuer.clone(),
            ..EditConnector::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_suite_knows_becomes_settings_and_calls() {
        let text = r#"{"name": "x", "client_id": "me", "client_secret": "canary", "private_key_pem": "-",
            "toolCalls": [{"name": "add", "arguments": {"a": 1.0e2}}]}"#;
        let context = Context::read(Some(text)).unwrap();
        let settings = context.settings();
        assert_eq!((settings.client_id.as_deref(), settings.issuer), (Some("me"), None));
        assert!(matches!(settings.client_secret, SecretEdit::Set(secret) if secret == "canary"));
        let keyed = Context::read(Some(r#"{"private_key_pem": "key"}"#)).unwrap().settings();
        assert!(matches!(keyed.client_secret, SecretEdit::Set(key) if key == "key"));
        assert_eq!(context.calls[0].name, "add");
        assert_eq!(context.calls[0].arguments.get(), r#"{"a": 1.0e2}"#, "byte for byte");
    }

    #[test]
    fn a_scenario_without_a_context_needs_no_settings() {
        let context = Context::read(None).unwrap();
        assert!(context.calls.is_empty() && context.settings().client_id.is_none());
    }
}
