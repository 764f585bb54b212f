//! What an answer with the right state means (RFC 6749 §4.1.2.1, RFC 9207).

use replug_core::{CallbackHost, Code, Failure};
use replug_oauth::Callback;

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
