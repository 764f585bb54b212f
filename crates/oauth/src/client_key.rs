//! The private key of a client: reading it from PEM, and the statement it signs to show who the client is (RFC 7523 §2.2 and
//! §3). Where the statement is sent is decided in `client_auth`; no key is ever made here.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use replug_core::{Code, Failure, Registration, Secret};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::Context;

/// How long a statement counts. It is sent at once; the rest is for clocks that differ.
const LIFE: SignedDuration = SignedDuration::from_mins(1);
/// Bytes of randomness in the name of a statement, by which a service recognises one that is used twice.
const NAME_BYTES: usize = 16;
const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// A key that signs.
pub struct ClientKey(Kind);

enum Kind {
    /// P-256 with SHA-256 (RFC 7518 §3.4).
    Es256(EcdsaKeyPair),
    /// RSA with PKCS #1 v1.5 and SHA-256 (RFC 7518 §3.3).
    Rs256(RsaKeyPair),
}

#[derive(Serialize)]
struct Header {
    alg: &'static str,
    typ: &'static str,
}

/// RFC 7523 §3: issuer and subject are the client, the audience is the service.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: i64,
    exp: i64,
}

impl ClientKey {
    /// Whether what a person typed for a secret is a key, by its first line.
    pub fn is_key(secret: &Secret<String>) -> bool {
        secret.expose().trim_start().starts_with(BEGIN)
    }

    /// Reads a key: PKCS #8 with P-256 or RSA, or PKCS #1.
    ///
    /// Fails with `RPL-REG-CLIENT-REFUSED` and the reason; the key is not quoted.
    pub fn read(pem: &Secret<String>) -> Result<Self, Failure> {
        let (label, der) = decoded(pem.expose()).ok_or_else(|| unreadable("it is no whole PEM document"))?;
        match label {
            "PRIVATE KEY" => {
                let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let pair = EcdsaKeyPair::from_pkcs8(curve, &der, &SystemRandom::new()).map(Kind::Es256);
                let pair = pair.or_else(|_| RsaKeyPair::from_pkcs8(&der).map(Kind::Rs256));
                pair.map(Self).map_err(|_| unreadable("it is neither a P-256 nor an RSA key of 2048 bits or more"))
            }
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der)
                .map(|pair| Self(Kind::Rs256(pair)))
                .map_err(|_| unreadable("it is no RSA key of 2048 bits or more")),
            "ENCRYPTED PRIVATE KEY" => Err(unreadable("it is protected by a passphrase")),
            "EC PRIVATE KEY" => Err(unreadable("it has to be converted to PKCS #8 first")),
            _ => Err(unreadable("it is no private key")),
        }
    }

    /// `alg` (RFC 7518 §3.1).
    const fn algorithm(&self) -> &'static str {
        match self.0 {
            Kind::Es256(_) => "ES256",
            Kind::Rs256(_) => "RS256",
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let random = SystemRandom::new();
        let signed = match &self.0 {
            Kind::Es256(pair) => pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()),
            Kind::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map(|()| signature)
            }
        };
        signed.map_err(|_| unreadable("nothing can be signed with it"))
    }
}

/// The statement of this client, for its own service, from now on.
pub(crate) fn statement(
    ctx: &Context<'_>,
    registration: &Registration,
    pem: &Secret<String>,
) -> Result<Secret<String>, Failure> {
    let key = ClientKey::read(pem)?;
    let mut name = [0; NAME_BYTES];
    ctx.random.fill(&mut name);
    let now = ctx.clock.now();
    let claims = Claims {
        iss: &registration.client_id,
        sub: &registration.client_id,
        aud: &registration.issuer,
        jti: URL_SAFE_NO_PAD.encode(name),
        iat: now.as_second(),
        exp: now.saturating_add(LIFE).map_or(i64::MAX, jiff::Timestamp::as_second),
    };
    let unsigned = format!("{}.{}", part(&Header { alg: key.algorithm(), typ: "JWT" })?, part(&claims)?);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(unsigned.as_bytes())?);
    Ok(Secret::new(format!("{unsigned}.{signature}")))
}

fn part(value: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_vec(value).map_err(|_| Failure::new(Code::LocalInternal))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// The label and the content of the first document (RFC 7468 §2).
fn decoded(pem: &str) -> Option<(&str, Zeroizing<Vec<u8>>)> {
    let (label, rest) = pem.trim_start().strip_prefix(BEGIN)?.split_once(DASHES)?;
    let (body, _) = rest.split_once(&format!("{DASHES}END {label}{DASHES}"))?;
    let base64: Zeroizing<String> = Zeroizing::new(body.split_ascii_whitespace().collect());
    Some((label, Zeroizing::new(STANDARD.decode(base64.as_bytes()).ok()?)))
}

fn unreadable(why: &str) -> Failure {
    Failure::new(Code::RegClientRefused).with_text("The client's private key cannot be used.").with_fact("Reason", why)
}
