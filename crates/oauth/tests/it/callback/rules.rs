//! What an answer with the right state means (RFC 6749 §4.1.2.1, RFC 9207), from the browser or from the clipboard.

use replug_core::{CallbackHost, Code, Failure};
use replug_oauth::{Callback, accept_pasted};

use super::browser::Waiting;
use crate::parts::ISSUER;

async fn answer(iss_required: bool, more: &str) -> Result<Callback, Failure> {
    let waiting = Waiting::with(CallbackHost::Literal, iss_required).await;
    let page = waiting.get(&waiting.target(more)).await;
    let callback = waiting.finish().await;
    assert_eq!(page.status, 200, "{more}");
    let words = if callback.is_ok() { "go back" } else { "did not work" };
    assert!(page.body.contains(words), "{more}: {}", page.body);
    callback
}

#[tokio::test]
async fn every_error_of_the_service_has_its_code() {
    for (more, code) in [
        ("&error=access_denied", Code::AuthDenied),
        ("&error=invalid_scope", Code::AuthScopeRefused),
        ("&error=server_error", Code::AuthServiceError),
        ("&error=temporarily_unavailable", Code::AuthServiceError),
        ("&error=unauthorized_client", Code::RegForgotten),
        ("&error=invalid_client", Code::RegForgotten),
        ("&error=invalid_target", Code::AuthRefused),
        ("&error=", Code::AuthRefused),
        ("&error=access_denied&code=x", Code::AuthDenied),
        ("", Code::AuthRefused),
        ("&code=", Code::AuthRefused),
        ("&code=a&code=b", Code::AuthRefused),
        ("&error=a&error=b", Code::AuthRefused),
    ] {
        let failure = answer(false, more).await.unwrap_err();
        assert_eq!(failure.code, code, "{more}");
    }
}

#[tokio::test]
async fn what_the_service_says_is_kept_without_what_was_sent_to_it() {
    let waiting = Waiting::start().await;
    let state = waiting.attempt.state.expose().clone();
    let more = format!("&error=invalid_target&error_description=No+such+resource+for+{state}%1b[31m");
    waiting.get(&waiting.target(&more)).await;
    let failure = waiting.finish().await.unwrap_err();
    assert_eq!(failure.said.as_deref(), Some("No such resource for …\\u{1b}[31m"), "cleaned");
    assert!(!format!("{failure:?}").contains(&state), "the state is nowhere: {failure:?}");
}

#[tokio::test]
async fn the_issuer_is_compared_byte_for_byte_before_anything_else() {
    for (iss_required, more, code) in [
        (true, format!("&code=c&iss={ISSUER}"), None),
        (false, format!("&code=c&iss={ISSUER}"), None),
        (false, "&code=c".to_owned(), None),
        (true, "&code=c".to_owned(), Some(Code::AuthIssuerMissing)),
        (true, "&error=access_denied".to_owned(), Some(Code::AuthIssuerMissing)),
        (true, format!("&error=access_denied&iss={ISSUER}"), Some(Code::AuthDenied)),
        (false, format!("&code=c&iss={ISSUER}/"), Some(Code::AuthIssuerMismatch)),
        (false, format!("&code=c&iss={ISSUER}:443"), Some(Code::AuthIssuerMismatch)),
        (false, "&code=c&iss=https://AUTH.example".to_owned(), Some(Code::AuthIssuerMismatch)),
        (false, "&code=c&iss=https%253A%252F%252Fauth.example".to_owned(), Some(Code::AuthIssuerMismatch)),
        (false, "&code=c&iss=".to_owned(), Some(Code::AuthIssuerMismatch)),
        (false, format!("&code=c&iss={ISSUER}&iss={ISSUER}"), Some(Code::AuthRefused)),
    ] {
        let outcome = answer(iss_required, &more).await;
        assert_eq!(outcome.err().map(|failure| failure.code), code, "{more}");
    }
}

#[tokio::test]
async fn words_of_another_issuer_are_not_shown() {
    let more = "&error=access_denied&error_description=call+this+number&iss=https://evil.example";
    let failure = answer(false, more).await.unwrap_err();
    assert_eq!(failure.code, Code::AuthIssuerMismatch);
    assert_eq!(failure.said, None, "not its words");
    assert!(!format!("{failure:?}").contains("access_denied"), "nor its error: {failure:?}");
}

#[tokio::test]
async fn a_pasted_address_counts_like_a_hit() {
    let waiting = Waiting::start().await;
    let port = waiting.attempt.redirect.port;
    let state = waiting.attempt.state.expose();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let pasted = format!("  http://{host}:{port}/callback?code=c%2F1&state={state}\n");
        let callback = accept_pasted(&waiting.attempt, false, &pasted).unwrap();
        assert_eq!((callback.code.expose().as_str(), callback.posted), ("c/1", false));
    }
    let denied = format!("http://127.0.0.1:{port}/callback?error=access_denied&state={state}");
    let failure = accept_pasted(&waiting.attempt, false, &denied).unwrap_err();
    assert_eq!(failure.code, Code::AuthDenied);
    let foreign = format!("http://127.0.0.1:{port}/callback?code=c&state={state}&iss=https://evil.example");
    let failure = accept_pasted(&waiting.attempt, false, &foreign).unwrap_err();
    assert_eq!(failure.code, Code::AuthIssuerMismatch);
}

#[tokio::test]
async fn another_pasted_address_is_named_and_the_attempt_goes_on() {
    let waiting = Waiting::start().await;
    let port = waiting.attempt.redirect.port;
    let state = waiting.attempt.state.expose().clone();
    for pasted in [
        String::new(),
        "hello".to_owned(),
        format!("?code=c&state={state}"),
        format!("http://127.0.0.1:{port}/callback?code=c&state=wrong"),
        format!("http://127.0.0.1:{port}/callback?code=c"),
        format!("http://127.0.0.1:{port}/other?code=c&state={state}"),
        format!("http://127.0.0.1:{}/callback?code=c&state={state}", port ^ 1),
        format!("https://127.0.0.1:{port}/callback?code=c&state={state}"),
        format!("http://evil.example:{port}/callback?code=c&state={state}"),
    ] {
        let failure = accept_pasted(&waiting.attempt, false, &pasted).unwrap_err();
        assert_eq!(failure.code, Code::AuthStateMismatch, "{pasted}");
        assert!(!format!("{failure:?}").contains(&state), "the state is not quoted");
    }
    waiting.still_works().await;
}
