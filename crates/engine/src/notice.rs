//! What a window could tell nobody any more when it ended: kept in the database, and told once at the next start. What was wrong
//! with the database itself is told by whoever opens it.

use replug_core::{Code, Failure};
use serde_json::Value;

use crate::Engine;

/// The setting that holds the facts.
const NOTE: &str = "unsaved";
/// The label of a connector in the failure of [`Engine::settle`].
pub(crate) const NOT_STORED: &str = "Not stored";

impl Engine {
    /// As [`Engine::settle`], for a shell that is closing and has nobody to tell: what is lost is told at the next start.
    ///
    /// Fails as that does.
    pub async fn settle_unheard(&self) -> Result<(), Failure> {
        let outcome = self.settle().await;
        if let Err(failure) = &outcome {
            let facts = failure.facts.iter().map(|fact| [fact.label.as_str(), fact.value.as_str()]);
            let noted = serde_json::json!(facts.collect::<Vec<_>>());
            if let Err(error) = self.edges().store.set_setting(NOTE, &noted).await {
                tracing::error!(%error, "what was not stored could not be written down for the next start either");
            }
        }
        outcome
    }

    /// What the last run could tell nobody; told once. Connectors are named, those that are gone left out.
    pub(crate) async fn take_note(&self) -> Result<Option<Failure>, Failure> {
        let store = &self.edges().store;
        let Some(noted) = store.setting(NOTE).await?.filter(|noted| !noted.is_null()) else { return Ok(None) };
        store.set_setting(NOTE, &Value::Null).await?;
        let facts: Vec<(String, String)> = serde_json::from_value(noted).unwrap_or_default();
        let (mut failure, mut left_out) = (Failure::new(Code::KeyUnsaved), 0);
        for (label, value) in &facts {
            if label != NOT_STORED {
                failure = failure.with_fact(label, value);
            } else if let Some(stored) = store.find(value).await? {
                failure = failure.with_fact(label, stored.connector.name);
            } else {
                left_out += 1;
            }
        }
        Ok((left_out == 0 || left_out < facts.len()).then_some(failure))
    }
}
