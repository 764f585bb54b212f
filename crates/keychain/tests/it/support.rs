//! What the tests share: predictable randomness, records of any size, and starting this binary again as another process.

use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use replug_core::{Code, ConnectorId, Credentials, Failure, GrantType, Random, Secret, Tokens};
use replug_keychain::{Keychain, Patience, Store};

/// Long enough for a busy machine; a test that needs it has failed.
pub(crate) const LONG: Patience = Patience::For(Duration::from_mins(1));
/// For calls that are meant to run into their limit.
pub(crate) const SHORT: Patience = Patience::For(Duration::from_millis(50));

/// Different bytes for each call and each seed (Steele et al., "split mix").
pub(crate) struct Predictable(AtomicU64);

impl Predictable {
    pub(crate) fn seeded(seed: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(seed << 32)))
    }
}

impl Random for Predictable {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut mixed = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            *byte = (mixed ^ (mixed >> 27)).to_le_bytes()[5];
        }
    }
}

pub(crate) fn id(text: &str) -> ConnectorId {
    text.parse().unwrap()
}

pub(crate) fn connector() -> ConnectorId {
    id("aaaaaaaaaa")
}

/// A record whose access token has this length.
pub(crate) fn record(connector: &ConnectorId, generation: u64, length: usize) -> Credentials {
    let mut credentials = Credentials::empty(connector.clone());
    credentials.generation = generation;
    let digit = char::from_digit(u32::try_from(generation % 10).unwrap(), 10).unwrap();
    credentials.tokens = Some(Tokens {
        access: Secret::new(digit.to_string().repeat(length)),
        refresh: Some(Secret::new(format!("canary-refresh-{generation}"))),
        expires_at: None,
        obtained_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        grant: GrantType::AuthorizationCode,
        scopes: vec!["read".to_owned()],
        issuer: "https://auth.example".to_owned(),
        token_endpoint: "https://auth.example/token".to_owned(),
        revocation_endpoint: None,
        resource: Some("https://mcp.example/".to_owned()),
        address: "https://mcp.example/mcp".to_owned(),
    });
    credentials
}

/// A keychain over this store, of which the caller keeps a handle.
pub(crate) fn keychain(store: &(impl Store + Clone + 'static)) -> Keychain {
    Keychain::over(Arc::new(store.clone()), Predictable::seeded(1)).unwrap()
}

/// The code of a failure, which there must be.
pub(crate) fn code<T>(outcome: Result<T, Failure>) -> Code {
    match outcome {
        Ok(_) => panic!("a failure was expected"),
        Err(failure) => failure.code,
    }
}

/// A record as bytes, so that two can be compared.
pub(crate) fn bytes(credentials: &Credentials) -> Vec<u8> {
    credentials.encode().expose().clone()
}

/// This test binary, told to run one ignored test as a process of its own.
pub(crate) fn this_binary(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command
}

pub(crate) fn assert_passed(output: &Output) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "the child ran and passed:\n{out}\n{err}");
}
