//! Token answers in every form seen.

use jiff::SignedDuration;
use replug_core::AuthMethod;
use replug_oauth::{Granted, TokenFailure, TokenVerdict, refresh};
use serde_json::json;

use crate::fakes::Surroundings;
use crate::parts::{registration, tokens};
use crate::server::{Reply, Server};

async fn read(reply: Reply) -> Result<Granted, TokenFailure> {
    let server = Server::start().await;
    server.on("POST", "/token", move |_| reply.clone());
    let surroundings = Surroundings::new();
    refresh(&surroundings.context(), &tokens(&server.origin()), &registration(AuthMethod::None, None)).await
}

async fn read_json(body: &str) -> Granted {
    read(Reply::new(200, "application/json", body)).await.unwrap()
}

#[tokio::test]
async fn lifetimes_are_read_in_every_spelling() {
    for (value, seconds) in [
        ("3600", Some(3600)),
        ("\"5250\"", Some(5250)),
        ("3599.9", Some(3599)),
        ("\"3599.9\"", Some(3599)),
        ("1e3", Some(1000)),
        ("0", None),
        ("-1", None),
        ("null", None),
        ("\"\"", None),
        ("\"soon\"", None),
        ("{}", None),
        ("99999999999999999999", Some(10 * 365 * 24 * 3600)),
        ("1e300", Some(10 * 365 * 24 * 3600)),
    ] {
        let granted = read_json(&format!(r#"{{"access_token":"a","expires_in":{value}}}"#)).await;
        let life = granted.expires_at.map(|end| end.duration_since(granted.obtained_at));
        assert_eq!(life, seconds.map(SignedDuration::from_secs), "{value}");
    }
}

#[tokio::test]
async fn permissions_are_read_in_every_spelling() {
    for (value, scopes) in [
        (r#""read write""#, Some(vec!["read", "write"])),
        (r#"["read","write"]"#, Some(vec!["read", "write"])),
        (r#""read,write""#, Some(vec!["read", "write"])),
        (r#""read, write""#, Some(vec!["read", "write"])),
        (r#""a,b c""#, Some(vec!["a,b", "c"])),
        (r#"[null,"read",""]"#, Some(vec!["read"])),
        (r#""""#, None),
        ("[]", None),
        ("null", None),
        ("7", None),
    ] {
        let granted = read_json(&format!(r#"{{"access_token":"a","scope":{value}}}"#)).await;
        let expected = scopes.map(|scopes| scopes.into_iter().map(str::to_owned).collect());
        assert_eq!(granted.scopes, expected, "{value}");
    }
}

#[tokio::test]
async fn optional_members_may_be_null_empty_or_of_a_wrong_type() {
    let body =
        r#"{"access_token":"a","refresh_token":null,"token_type":null,"expires_in":null,"scope":null,"error":null}"#;
    let granted = read_json(body).await;
    assert_eq!(granted.access.expose(), "a");
    assert!(granted.refresh.is_none() && granted.notes.is_empty());
    let body = r#"{"access_token":"a","refresh_token":"","token_type":"BEARER","error":"","error_description":""}"#;
    let granted = read_json(body).await;
    assert!(granted.refresh.is_none() && granted.notes.is_empty());
}

#[tokio::test]
async fn an_unusual_token_type_is_noted() {
    let granted = read_json(r#"{"access_token":"a","token_type":"N_A"}"#).await;
    assert_eq!(granted.notes, ["The token has the type `N_A`; it is used as a bearer token."]);
}

#[tokio::test]
async fn a_nested_token_is_found_and_noted() {
    let granted = read(Reply::json(&json!({
        "ok": true, "access_token": null,
        "authed_user": {"access_token": "nested", "refresh_token": "r", "scope": "a,b", "expires_in": 60, "token_type": "bearer"}
    })))
    .await
    .unwrap();
    assert_eq!(granted.access.expose(), "nested");
    assert_eq!(granted.refresh.unwrap().expose(), "r");
    assert_eq!(granted.scopes.unwrap(), ["a", "b"]);
    assert_eq!(granted.notes, ["The token stands inside `authed_user`."]);
}

#[tokio::test]
async fn form_encoded_answers_are_read() {
    for content_type in ["application/x-www-form-urlencoded; charset=utf-8", "text/plain"] {
        let reply = Reply::new(200, content_type, "access_token=f%2Fo&scope=a%2Cb&expires_in=60&token_type=bearer");
        let granted = read(reply).await.unwrap();
        assert_eq!(granted.access.expose(), "f/o", "{content_type}");
        assert_eq!(granted.scopes.unwrap(), ["a", "b"]);
    }
    let failure =
        read(Reply::new(200, "application/x-www-form-urlencoded", "error=bad_refresh_token&error_description=Gone"))
            .await
            .unwrap_err();
    assert_eq!(failure.verdict, TokenVerdict::Dead);
    assert_eq!(failure.failure.said.as_deref(), Some("Gone"));
}

#[tokio::test]
async fn a_byte_order_mark_and_a_wrong_type_do_no_harm() {
    let granted = read(Reply::new(200, "text/html", "\u{feff}{\"access_token\":\"a\"}".as_bytes())).await.unwrap();
    assert_eq!(granted.access.expose(), "a");
}

#[tokio::test]
async fn answers_without_a_token_are_broken() {
    for body in [
        "",
        "{}",
        "[]",
        "null",
        "7",
        "\"x\"",
        r#"{"access_token":null}"#,
        r#"{"access_token":""}"#,
        r#"{"access_token":7}"#,
        r#"{"access_token":"a"#,
        r#"{"id_token":"x"}"#,
        r#"{"access_token":"a","access_token":"b"}"#,
        "OK",
    ] {
        let failure = read(Reply::new(200, "application/json", body)).await.unwrap_err();
        assert_eq!(failure.verdict, TokenVerdict::Broken, "{body}");
        assert!(failure.unclear, "the token may have been rotated: {body}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_broken() {
    let body = format!(r#"{{"access_token":"a","x":"{}"}}"#, "x".repeat(2 * 1024 * 1024));
    let failure = read(Reply::new(200, "application/json", body)).await.unwrap_err();
    assert_eq!((failure.verdict, failure.failure.code), (TokenVerdict::Broken, replug_core::Code::HttpTooLarge));
    assert!(failure.unclear, "the token may have been rotated");
}
