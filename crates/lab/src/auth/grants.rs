//! The rules for codes, refresh tokens and access tokens: single use, binding, rotation and what reuse leads to. How answers
//! are written is not known here.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::book::{Access, Asked, Book, Client, Code, Family, Refresh};
use super::{Audience, ClientMethod, RefreshTokens, Reuse, Rotation, ScopeAnswer, TokenFaults, TokenForm};

/// How long a code can be exchanged.
const CODE_LIFETIME_MS: i64 = 60_000;

/// An error of the token endpoint (RFC 6749 §5.2).
#[derive(Debug)]
pub(super) struct Denied {
    pub(super) error: &'static str,
    pub(super) text: &'static str,
}

pub(super) const fn denied(error: &'static str, text: &'static str) -> Denied {
    Denied { error, text }
}

/// What a token request was granted.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    pub(super) scopes: Vec<String>,
}

/// A code that a client wants to exchange.
pub(super) struct Exchange<'a> {
    pub(super) client_id: &'a str,
    pub(super) code: &'a str,
    pub(super) redirect_uri: Option<&'a str>,
    pub(super) verifier: Option<&'a str>,
    pub(super) resource: Option<&'a str>,
}

/// A refresh token that a client wants to use.
pub(super) struct Renewal<'a> {
    pub(super) client_id: &'a str,
    pub(super) token: &'a str,
    pub(super) resource: Option<&'a str>,
    pub(super) scopes: Option<Vec<String>>,
}

/// Where and when a token is issued.
pub(super) struct Desk<'a> {
    pub(super) faults: &'a TokenFaults,
    pub(super) issuer: &'a str,
    pub(super) now_ms: i64,
}

impl Book {
    pub(super) fn issue_code(&mut self, asked: Asked, now_ms: i64) -> String {
        let code = self.mint.secret("code");
        let entry = Code { asked, ends_ms: now_ms + CODE_LIFETIME_MS, grant: None };
        self.codes.insert(code.clone(), entry);
        code
    }

    /// Exchanges a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 8707 §2.2).
    pub(super) fn exchange(&mut self, exchange: &Exchange<'_>, desk: &Desk<'_>) -> Result<Issued, Denied> {
        let Some(code) = self.codes.get_mut(exchange.code) else {
            return Err(denied("invalid_grant", "Code not found"));
        };
        if let Some(family) = code.grant {
            self.families[family].revoked = true;
            return Err(denied("invalid_grant", "Code was used before"));
        }
        let asked = code.asked.clone();
        fits(&asked, code.ends_ms, exchange, desk.now_ms)?;
        code.grant = Some(self.families.len());
        let family = Family {
            client_id: asked.client_id,
            resource: exchange.resource.map(ToOwned::to_owned).or(asked.resource),
            scopes: asked.scopes,
            revoked: false,
        };
        Ok(self.grant(family, asked.offline, desk))
    }

    /// Gives tokens for what a person has allowed. `offline`: whether they allowed renewal in so many words.
    pub(super) fn grant(&mut self, mut family: Family, offline: bool, desk: &Desk<'_>) -> Issued {
        if let ScopeAnswer::Other(scopes) = &desk.faults.answer.scope {
            family.scopes.clone_from(scopes);
        }
        let (index, scopes) = (self.families.len(), family.scopes.clone());
        self.families.push(family);
        self.counts.exchanges += 1;
        let renewable = match desk.faults.refresh_tokens {
            RefreshTokens::Always => true,
            RefreshTokens::WhenAsked => offline,
            RefreshTokens::Never => false,
        };
        let refresh = renewable.then(|| self.issue_refresh(index, desk.now_ms));
        Issued { access: self.issue_access(index, scopes.clone(), desk), refresh, scopes }
    }

    /// Uses a refresh token (RFC 6749 §6, RFC 9700 §4.14).
    pub(super) fn renew(&mut self, renewal: &Renewal<'_>, desk: &Desk<'_>) -> Result<Issued, Denied> {
        let Some(known) = self.refresh.get(renewal.token) else {
            return Err(denied("invalid_grant", "Refresh token not found"));
        };
        let (index, replaced, used) = (known.family, known.replaced_ms, known.used_ms);
        let family = &mut self.families[index];
        if family.revoked || family.client_id != renewal.client_id {
            return Err(denied("invalid_grant", "Grant was revoked"));
        }
        if let Some(replaced) = replaced
            && !in_grace(desk.faults.rotation, desk.now_ms - replaced)
        {
            family.revoked = desk.faults.reuse == Reuse::EndsTheGrant;
            self.counts.reuse_detections += 1;
            return Err(denied("invalid_grant", "Refresh token was used before"));
        }
        let swept = desk.faults.idle_sweep.map(millis);
        if swept.is_some_and(|idle| desk.now_ms - used >= idle) {
            return Err(denied("invalid_grant", "Refresh token was not used for too long"));
        }
        if renewal.resource.is_some() && renewal.resource != family.resource.as_deref() {
            return Err(denied("invalid_target", "The grant is for another resource"));
        }
        let scopes = renewal.scopes.clone().unwrap_or_else(|| family.scopes.clone());
        if scopes.iter().any(|scope| !family.scopes.contains(scope)) {
            return Err(denied("invalid_scope", "More than was granted"));
        }
        self.counts.refreshes += 1;
        let refresh = self.rotate(renewal.token, index, desk);
        Ok(Issued { access: self.issue_access(index, scopes.clone(), desk), refresh, scopes })
    }

    /// Gives a token to a client in its own name (RFC 6749 §4.4); clients that cannot prove who they are get none.
    pub(super) fn grant_own(
        &mut self,
        client: &Client,
        resource: Option<&str>,
        scopes: Vec<String>,
        desk: &Desk<'_>,
    ) -> Result<Issued, Denied> {
        if client.method == ClientMethod::Public {
            return Err(denied("unauthorized_client", "Only confidential clients have a name of their own"));
        }
        let family = self.families.len();
        self.families.push(Family {
            client_id: client.id.clone(),
            resource: resource.map(ToOwned::to_owned),
            scopes: scopes.clone(),
            revoked: false,
        });
        Ok(Issued { access: self.issue_access(family, scopes.clone(), desk), refresh: None, scopes })
    }

    fn rotate(&mut self, token: &str, family: usize, desk: &Desk<'_>) -> Option<String> {
        let rotates = matches!(desk.faults.rotation, Rotation::Each { .. });
        if let Some(known) = self.refresh.get_mut(token) {
            known.used_ms = desk.now_ms;
            if rotates && known.replaced_ms.is_none() {
                known.replaced_ms = Some(desk.now_ms);
            }
        }
        rotates.then(|| self.issue_refresh(family, desk.now_ms))
    }

    fn issue_refresh(&mut self, family: usize, now_ms: i64) -> String {
        let token = self.mint.secret("rt");
        let entry = Refresh { family, replaced_ms: None, used_ms: now_ms };
        self.refresh.insert(token.clone(), entry);
        token
    }

    fn issue_access(&mut self, index: usize, scopes: Vec<String>, desk: &Desk<'_>) -> String {
        let answer = &desk.faults.answer;
        let family = &self.families[index];
        let audience = match &answer.audience {
            Audience::Resource => family.resource.clone(),
            Audience::Other(other) => Some(other.clone()),
            Audience::Missing => None,
        };
        let ends_ms = desk.now_ms.saturating_add(millis(answer.lifetime));
        let client_id = family.client_id.clone();
        let token = match answer.form {
            TokenForm::Opaque => self.mint.secret("at"),
            TokenForm::Jwt => {
                let claims = json!({
                    "iss": desk.issuer, "aud": audience, "exp": ends_ms / 1000, "iat": desk.now_ms / 1000,
                    "client_id": client_id, "sub": "person", "scope": scopes.join(" "),
                });
                self.mint.jwt(&claims)
            }
        };
        if let Some(client) = self.clients.get_mut(&client_id) {
            client.tokens_issued += 1;
        }
        let entry = Access { family: index, audience, scopes, ends_ms };
        self.access.insert(token.clone(), entry);
        token
    }

    /// The access token if it would be accepted now.
    pub(super) fn live_access(&self, token: &str, now_ms: i64) -> Option<Access> {
        let access = self.access.get(token)?;
        let lives = access.ends_ms > now_ms && !self.families[access.family].revoked;
        lives.then(|| access.clone())
    }

    /// Revokes a token of this client (RFC 7009 §2.1): a refresh token with its whole family, an access token alone.
    pub(super) fn revoke(&mut self, token: &str, client_id: &str) {
        let family_of_refresh = self.refresh.get(token).map(|refresh| refresh.family);
        let family_of_access = self.access.get(token).map(|access| access.family);
        let Some(index) = family_of_refresh.or(family_of_access) else {
            return;
        };
        if self.families[index].client_id != client_id {
            return;
        }
        self.counts.revocations += 1;
        if family_of_refresh.is_some() {
            self.families[index].revoked = true;
        } else {
            self.access.remove(token);
        }
    }
}

fn fits(asked: &Asked, ends_ms: i64, exchange: &Exchange<'_>, now_ms: i64) -> Result<(), Denied> {
    let challenge = exchange.verifier.map(|verifier| {
        let digest = Sha256::digest(verifier.as_bytes());
        URL_SAFE_NO_PAD.encode(digest)
    });
    let other_resource = exchange.resource.is_some() && exchange.resource != asked.resource.as_deref();
    if now_ms >= ends_ms {
        Err(denied("invalid_grant", "Code has expired"))
    } else if asked.client_id != exchange.client_id {
        Err(denied("invalid_grant", "Code belongs to another client"))
    } else if exchange.redirect_uri != Some(asked.redirect_uri.as_str()) {
        Err(denied("invalid_grant", "redirect_uri does not match"))
    } else if challenge.as_ref() != Some(&asked.challenge) {
        Err(denied("invalid_grant", "code_verifier does not match"))
    } else if other_resource {
        Err(denied("invalid_target", "The code is for another resource"))
    } else {
        Ok(())
    }
}

fn in_grace(rotation: Rotation, since_ms: i64) -> bool {
    match rotation {
        Rotation::Each { grace } => since_ms < millis(grace),
        Rotation::Off => true,
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
