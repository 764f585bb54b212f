//! A client that asks for a token in its own name: with a secret, with a private key, and once more.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use replug_core::{AuthMethod, Code, GrantType, Registration, Secret, Tokens};
use replug_oauth::{ClientKey, Extent, Granted, TokenFailure, TokenVerdict, client_credentials, refresh, revoke};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256,
    RsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

use crate::fakes::Surroundings;
use crate::parts::{ISSUER, RESOURCE, registration, service, tokens};
use crate::server::{Reply, Request, Server};

/// Made for these tests; it opens nothing.
const RSA: &str = include_str!("../../keys/throw-away-rsa.pem");

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// A fresh P-256 key as PEM, with its public half.
fn p256() -> (String, Vec<u8>) {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random).unwrap();
    (pem("PRIVATE KEY", der.as_ref()), pair.public_key().as_ref().to_vec())
}

async fn server() -> Server {
    let server = Server::start().await;
    server.on("POST", "/token", |_| {
        Reply::json(&json!({"access_token": "own-access", "refresh_token": "unasked", "expires_in": 60}))
    });
    server
}

async fn ask(server: &Server, client: &Registration) -> Result<Granted, TokenFailure> {
    let scopes = ["read".to_owned(), "write".to_owned()];
    let asked = Extent { scopes: &scopes, resource: Some(RESOURCE) };
    client_credentials(&Surroundings::new().context(), &service(&server.origin()), &asked, client).await
}

fn with_key(key: &str) -> Registration {
    registration(AuthMethod::PrivateKeyJwt, Some(key))
}

/// The parts of the statement in a request: header, claims, what was signed, signature.
fn statement(request: &Request) -> (Value, Value, String, Vec<u8>) {
    let whole = request.field("client_assertion").unwrap();
    let (signed, signature) = whole.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let read = |part: &str| serde_json::from_slice(&decoded(part)).unwrap();
    (read(header), read(claims), signed.to_owned(), decoded(signature))
}

#[tokio::test]
async fn a_client_with_a_secret_asks_without_a_person() {
    let server = server().await;
    let granted = ask(&server, &registration(AuthMethod::Basic, Some("secret-canary"))).await.unwrap();
    let request = &server.requests()[0];
    let expected = [("grant_type", "client_credentials"), ("scope", "read write"), ("resource", RESOURCE)];
    assert_eq!(request.form(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(request.header("authorization").unwrap().starts_with("Basic "));
    let asked = Extent { scopes: &["read".to_owned()], resource: Some(RESOURCE) };
    let (service, own) = (service(&server.origin()), GrantType::ClientCredentials);
    let tokens = granted.into_tokens(&service, own, &asked, "https://mcp.example/a/");
    assert_eq!((tokens.grant, tokens.scopes), (GrantType::ClientCredentials, vec!["read".to_owned()]));
    assert!(tokens.refresh.is_none(), "such a grant has none (RFC 6749 §4.4.3)");
}

#[tokio::test]
async fn a_client_with_a_key_signs_who_it_is_for_the_service() {
    let server = server().await;
    let (key, public) = p256();
    ask(&server, &with_key(&key)).await.unwrap();
    let request = &server.requests()[0];
    let assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert_eq!(request.field("client_assertion_type").as_deref(), Some(assertion_type));
    assert_eq!((request.header("authorization"), request.field("client_secret")), (None, None));
    let (header, claims, signed, signature) = statement(request);
    assert_eq!(header, json!({"alg": "ES256", "typ": "JWT"}));
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&json!("client-1"), &json!("client-1"), &json!(ISSUER))
    );
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public);
    public.verify(signed.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn an_rsa_key_signs_in_its_own_way_in_both_of_its_forms() {
    let server = server().await;
    let pkcs8 = STANDARD.decode(RSA.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap();
    // What PKCS #8 wraps is PKCS #1; before it are 26 bytes that name the algorithm.
    let pkcs1 = pem("RSA PRIVATE KEY", &pkcs8[26..]);
    let pair = RsaKeyPair::from_pkcs8(&pkcs8).unwrap();
    for key in [RSA, &pkcs1] {
        ask(&server, &with_key(key)).await.unwrap();
        let (header, _, signed, signature) = statement(server.requests().last().unwrap());
        assert_eq!(header["alg"], "RS256");
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
        public.verify(signed.as_bytes(), &signature).unwrap();
    }
}

#[tokio::test]
async fn two_statements_have_two_names() {
    let server = server().await;
    let (key, _) = p256();
    let surroundings = Surroundings::new();
    for _ in 0..2 {
        let asked = Extent { scopes: &[], resource: None };
        let service = service(&server.origin());
        client_credentials(&surroundings.context(), &service, &asked, &with_key(&key)).await.unwrap();
    }
    let names: Vec<Value> = server.requests().iter().map(|request| statement(request).1["jti"].clone()).collect();
    assert_ne!(names[0], names[1], "a service may refuse one that it has seen");
    assert_eq!(server.requests()[0].field("scope"), None, "no permissions, no member");
}

#[tokio::test]
async fn renewing_is_asking_again_for_the_same() {
    let server = server().await;
    let own = Tokens { grant: GrantType::ClientCredentials, refresh: None, ..tokens(&server.origin()) };
    let client = registration(AuthMethod::Basic, Some("secret-canary"));
    let granted = refresh(&Surroundings::new().context(), &own, &client).await.unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.field("grant_type").as_deref(), Some("client_credentials"));
    assert_eq!(
        (request.field("scope").as_deref(), request.field("resource").as_deref()),
        (Some("read"), Some(RESOURCE))
    );
    let renewed = granted.into_renewed(&own);
    assert_eq!(renewed.grant, GrantType::ClientCredentials);
    assert!(renewed.refresh.is_none() && renewed.is_renewable());
}

#[tokio::test]
async fn a_client_with_a_key_shows_it_when_it_revokes() {
    let server = server().await;
    server.on("POST", "/revoke", |_| Reply::json(&json!({})));
    let (key, _) = p256();
    let own = Tokens { refresh: None, ..tokens(&server.origin()) };
    revoke(&Surroundings::new().context(), &own, &with_key(&key)).await;
    assert_eq!(statement(&server.requests()[0]).1["aud"], ISSUER);
}

#[tokio::test]
async fn a_key_that_cannot_be_used_is_named_and_never_quoted() {
    let server = server().await;
    for (key, why) in [
        (pem("PRIVATE KEY", b"canary"), "neither a P-256 nor an RSA key"),
        (pem("EC PRIVATE KEY", b"canary"), "converted to PKCS #8"),
        (pem("ENCRYPTED PRIVATE KEY", b"canary"), "protected by a passphrase"),
        (pem("PUBLIC KEY", b"canary"), "no private key"),
        ("-----BEGIN PRIVATE KEY-----\ncanary".to_owned(), "no whole PEM document"),
    ] {
        let failure = ask(&server, &with_key(&key)).await.unwrap_err();
        assert_eq!((failure.verdict, failure.failure.code), (TokenVerdict::Refused, Code::RegClientRefused), "{why}");
        let told = format!("{failure:?}");
        assert!(told.contains(why) && !told.contains("canary"), "{told}");
    }
    assert!(server.requests().is_empty(), "nothing was sent");
}

#[test]
fn a_key_is_told_from_a_secret_by_its_first_line() {
    let is_key = |text: &str| ClientKey::is_key(&Secret::new(text.to_owned()));
    assert!(is_key(RSA) && is_key(&format!("\n  {RSA}")));
    assert!(!is_key("a secret") && !is_key(""));
}
