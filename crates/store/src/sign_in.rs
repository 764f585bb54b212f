//! What may be shown about a sign-in without asking the keychain. The sign-in itself, and every secret of it, is in the
//! keychain; this is a copy of its harmless facts, and may be older.

use jiff::Timestamp;
use replug_core::{Code, ConnectorId, Finding, Quirks, RegistrationKind, SignInReason, StoredIn};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::column::to_json;
use crate::connectors::{fetch, no_such, touch};
use crate::{StepUps, Store, StoreError};

/// Facts about a connector's sign-in. No member can hold a token, a secret or a code of the authorization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignInFacts {
    /// Where it stands.
    pub standing: Standing,
    /// The sign-in service (RFC 8414 §2, `issuer`).
    pub issuer: Option<String>,
    /// The OAuth client.
    pub registration: Option<RegistrationFacts>,
    /// The permissions that were granted (RFC 6749 §3.3).
    pub scopes: Vec<String>,
    /// When the access token ends; `None` when there is none or the service did not say.
    pub expires_at: Option<Timestamp>,
    /// Whether a refresh token is stored; `None` when there is no sign-in.
    pub renewable: Option<bool>,
    /// Where the secrets are kept; `None` when there are none.
    pub stored_in: Option<StoredIn>,
    /// What the last sign-in attempt ended with; `None` when it ended well or the person changed something since.
    #[serde(default)]
    pub last_failure: Option<Finding>,
    /// When that was.
    #[serde(default)]
    pub last_failed_at: Option<Timestamp>,
    /// Permissions the server asked for that the sign-in lacks (RFC 6750 §3.1); the next one asks for them.
    #[serde(default)]
    pub wanted_scopes: Vec<String>,
    /// A call that was refused although the tool list is open.
    #[serde(default)]
    pub refused_call: Option<RefusedCall>,
    /// Sign-ins that asked for more permission.
    #[serde(default)]
    pub step_ups: StepUps,
    /// The permissions that the last sign-in asked for; the service may have granted others.
    #[serde(default)]
    pub asked_scopes: Vec<String>,
    /// What was learned about the issuer.
    #[serde(default)]
    pub quirks: Quirks,
}

/// Where a sign-in stood when it was last looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Standing {
    /// The server answers without one.
    NotRequired,
    /// There is none; a registration may have been kept.
    SignedOut,
    /// Tokens are stored.
    SignedIn,
    /// It does not work any more.
    Needed {
        /// Why.
        reason: SignInReason,
        /// The code of the finding that said so.
        code: Option<Code>,
    },
}

/// A call that got a 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedCall {
    /// The generation of the credentials that it was made with. With others it may be answered.
    pub generation: u64,
    /// What the 401 meant for them.
    pub code: Code,
}

/// Facts about an OAuth client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationFacts {
    /// How it came to be.
    pub kind: RegistrationKind,
    /// Its public name (RFC 6749 §2.2).
    pub client_id: String,
    /// When its secret ends (RFC 7591 §3.2.1); `None` when it has none or it does not end.
    pub expires_at: Option<Timestamp>,
    /// The callback address it is bound to.
    #[serde(default)]
    pub redirect: Option<String>,
}

impl SignInFacts {
    /// Facts of which only the standing is known.
    pub fn new(standing: Standing) -> Self {
        Self {
            standing,
            issuer: None,
            registration: None,
            scopes: Vec::new(),
            expires_at: None,
            renewable: None,
            stored_in: None,
            last_failure: None,
            last_failed_at: None,
            wanted_scopes: Vec::new(),
            refused_call: None,
            step_ups: StepUps::default(),
            asked_scopes: Vec::new(),
            quirks: Quirks::default(),
        }
    }
}

impl Store {
    /// Changes the facts as they are now, not as the caller read them once: `change` runs while no other process can write.
    /// When it changes nothing, nothing is written and the revision stays.
    pub async fn update_sign_in<F>(&self, id: &ConnectorId, change: F) -> Result<(), StoreError>
    where
        F: FnOnce(Option<SignInFacts>) -> Option<SignInFacts> + Send,
    {
        let mut transaction = self.write().await?;
        let before = fetch(&mut transaction, id).await?.ok_or_else(|| no_such(id))?.sign_in;
        let after = change(before.clone());
        if after == before {
            return Ok(());
        }
        write_facts(&mut transaction, id, after.as_ref()).await?;
        Ok(transaction.commit().await?)
    }

    /// Keeps these facts in the place of the last ones; `None` drops them. They are read with the connector.
    ///
    /// The revision rises even when the facts are the same: a renewed token may look exactly like the old one, and a bridge
    /// has to notice.
    pub async fn set_sign_in(&self, id: &ConnectorId, facts: Option<&SignInFacts>) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        write_facts(&mut transaction, id, facts).await?;
        Ok(transaction.commit().await?)
    }
}

async fn write_facts(
    conn: &mut SqliteConnection,
    id: &ConnectorId,
    facts: Option<&SignInFacts>,
) -> Result<(), StoreError> {
    let text = facts.map(|facts| to_json("sign-in facts", facts)).transpose()?;
    touch(conn, id).await?;
    let query = match text {
        Some(text) => sqlx::query("INSERT OR REPLACE INTO sign_ins (connector, facts) VALUES (?1, ?2)")
            .bind(id.as_str())
            .bind(text),
        None => sqlx::query("DELETE FROM sign_ins WHERE connector = ?1").bind(id.as_str()),
    };
    query.execute(conn).await?;
    Ok(())
}
