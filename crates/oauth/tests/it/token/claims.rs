//! The look into access tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use replug_core::Secret;
use replug_oauth::{Claims, differences, peek_claims};
use serde_json::{Value, json};

fn token(payload: &Value) -> Secret<String> {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    Secret::new(format!("{}.{}.{}", part(r#"{"alg":"RS256"}"#), part(&payload.to_string()), part("not a signature")))
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn claims_are_read_in_every_spelling() {
    let claims = peek_claims(&token(&json!({
        "sub": "a person", "aud": "https://a.example", "iss": "https://auth.example", "exp": 1_800_000_000.5,
        "scope": "read write", "azp": "client-1"
    })));
    assert_eq!(
        claims,
        Some(Claims {
            aud: vec!["https://a.example".to_owned()],
            iss: Some("https://auth.example".to_owned()),
            exp: Some(time("2027-01-15T08:00:00Z")),
            scope: vec!["read".to_owned(), "write".to_owned()],
            azp: Some("client-1".to_owned()),
        })
    );
    let claims = peek_claims(&token(
        &json!({"aud": ["a", "b"], "iss": null, "exp": "soon", "scp": ["x", "y"], "client_id": "c"}),
    ))
    .unwrap();
    assert_eq!(claims.aud, ["a", "b"]);
    assert_eq!(claims.scope, ["x", "y"]);
    assert_eq!((claims.iss, claims.exp, claims.azp.as_deref()), (None, None, Some("c")));
}

#[test]
fn other_tokens_are_opaque() {
    for text in ["", "opaque", "a.b", "a.b.c", "a.e30.c.d", "..", "a.eyJ9.c", "a.W10.c"] {
        assert_eq!(peek_claims(&Secret::new(text.to_owned())), None, "{text}");
    }
}

#[test]
fn what_differs_is_named_with_both_values() {
    let claims = Claims {
        aud: vec!["https://other.example".to_owned()],
        iss: Some("https://elsewhere.example".to_owned()),
        exp: Some(time("2026-11-20T07:00:00Z")),
        ..Claims::default()
    };
    let found = differences(&claims, Some("https://mcp.example"), "https://auth.example", time("2026-11-20T08:00:00Z"));
    let shown: Vec<String> = found.iter().map(|fact| format!("{} {}", fact.label, fact.value)).collect();
    assert_eq!(
        shown,
        [
            "Audience it is https://other.example, should be https://mcp.example",
            "Issuer it is https://elsewhere.example, should be https://auth.example",
            "Ends it is 2026-11-20T07:00:00Z, should be later than 2026-11-20T08:00:00Z",
        ]
    );
}

#[test]
fn keys_in_addresses_are_not_kept_with_what_differs() {
    let claims = Claims {
        aud: vec!["https://mcp.example/s/aB3dE5fG7hJ9kL1mN3pQ/?canary".to_owned(), "plain\u{202e}name".to_owned()],
        iss: Some("https://user:canary@auth.example/".to_owned()),
        ..Claims::default()
    };
    let resource = Some("https://mcp.example/s/aB3dE5fG7hJ9kL1mN3pQ?key=canary#canary");
    let found = differences(&claims, resource, "https://auth.example?k=canary", time("2026-11-20T08:00:00Z"));
    let shown: Vec<&str> = found.iter().map(|fact| fact.value.as_str()).collect();
    assert_eq!(
        shown,
        [
            "it is https://mcp.example/s/…/?…, plain\\u{202e}name, should be https://mcp.example/s/…?key=…",
            "it is https://auth.example/, should be https://auth.example/?k=…",
        ]
    );
}

#[test]
fn a_slash_that_is_the_whole_difference_is_shown() {
    let claims = Claims { aud: vec!["https://mcp.example/".to_owned()], ..Claims::default() };
    let found = differences(&claims, Some("https://mcp.example"), "", time("2026-11-20T08:00:00Z"));
    assert_eq!(found[0].value, "it is https://mcp.example/, should be https://mcp.example");
}

#[test]
fn a_fitting_token_has_no_differences() {
    let claims = Claims {
        aud: vec!["x".to_owned(), "https://mcp.example".to_owned()],
        iss: Some("https://auth.example/".to_owned()),
        exp: Some(time("2026-11-20T09:00:00Z")),
        ..Claims::default()
    };
    let now = time("2026-11-20T08:00:00Z");
    assert!(differences(&claims, Some("https://mcp.example"), "https://auth.example", now).is_empty());
    assert!(
        differences(&Claims::default(), None, "https://auth.example", now).is_empty(),
        "nothing known, nothing said"
    );
}
