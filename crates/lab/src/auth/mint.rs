//! Makes every identifier and secret of the authorization server and remembers the secrets, for tests that search for leaks.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub(super) struct Mint {
    key: [u8; 32],
    counter: u64,
    secrets: Vec<String>,
}

impl Mint {
    pub(super) fn new() -> io::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self { key, counter: 0, secrets: Vec::new() })
    }

    /// An identifier that nobody has to keep to himself.
    pub(super) fn public(&mut self, kind: &str) -> String {
        format!("{kind}-{}", URL_SAFE_NO_PAD.encode(self.draw()))
    }

    /// A secret.
    pub(super) fn secret(&mut self, kind: &str) -> String {
        let secret = self.public(kind);
        self.secrets.push(secret.clone());
        secret
    }

    /// Bytes that were never drawn before.
    fn draw(&mut self) -> [u8; 32] {
        self.counter += 1;
        Sha256::new().chain_update(self.key).chain_update(self.counter.to_be_bytes()).finalize().into()
    }

    /// A code that a person can type.
    pub(super) fn user_code(&mut self) -> String {
        let letters: String = self.draw()[..8].iter().map(|byte| char::from(b'A' + byte % 26)).collect();
        format!("{}-{}", &letters[..4], &letters[4..])
    }

    /// A secret that looks like a signed JWT with these claims.
    pub(super) fn jwt(&mut self, claims: &Value) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"at+jwt"}"#);
        let body = URL_SAFE_NO_PAD.encode(claims.to_string());
        let signature = self.public("sig");
        let token = format!("{header}.{body}.{}", URL_SAFE_NO_PAD.encode(signature));
        self.secrets.push(token.clone());
        token
    }

    pub(super) fn secrets(&self) -> &[String] {
        &self.secrets
    }
}
