//! The address that a person copied from a browser that could not load it.

use replug_core::{CallbackHost, Code};
use replug_oauth::{Attempt, Listener, accept_pasted};

use super::browser::Waiting;
use crate::fakes::{Surroundings, fact};
use crate::parts;

/// An attempt nobody waits for; only what is pasted counts.
async fn attempt() -> Attempt {
    let listener = Listener::bind(CallbackHost::Literal, None, "/callback").await.unwrap();
    parts::attempt(&Surroundings::new().context(), "http://127.0.0.1:9", listener.redirect().clone())
}

#[tokio::test]
async fn an_address_is_read_however_it_was_copied() {
    let attempt = attempt().await;
    let port = attempt.redirect.port;
    let state = attempt.state.expose();
    let answer = format!("code=c%2F1&state={state}");
    let (start, end) = answer.split_at(20);
    for pasted in [
        format!("http://127.0.0.1:{port}/callback?{answer}"),
        format!("  http://localhost:{port}/callback?{answer}\n"),
        format!("http://[::1]:{port}/callback?{answer}"),
        format!("https://127.0.0.1:{port}/callback?{answer}"),
        format!("HTTPS://localhost:{port}/callback?{answer}"),
        format!("127.0.0.1:{port}/callback?{answer}"),
        format!("localhost:{port}/callback?{answer}"),
        format!("http://127.0.0.1:{port}/callback#{answer}"),
        format!("http://127.0.0.1:{port}/callback?#{answer}"),
        format!("http://127.0.0.1:{port}/callback?{start}\r\n  {end}"),
        format!("\"http://127.0.0.1:{port}/callback?{answer}\""),
        format!("<http://127.0.0.1:{port}/callback?{answer}>"),
        format!("http://127.0.0.1:{port}/callback?{}", answer.replace('&', "&amp;")),
        format!("?{answer}"),
        format!("#{answer}"),
        answer.clone(),
        format!("state={state}&code=c%2F1"),
        format!("http%3A%2F%2F127.0.0.1%3A{port}%2Fcallback%3Fcode%3Dc%252F1%26state%3D{state}"),
    ] {
        let callback = accept_pasted(&attempt, false, &pasted);
        let code = callback.map(|callback| callback.code.expose().clone());
        assert_eq!(code.as_deref(), Ok("c/1"), "{pasted}");
    }
}

#[tokio::test]
async fn a_pasted_answer_is_judged_like_a_hit() {
    let attempt = attempt().await;
    let port = attempt.redirect.port;
    let state = attempt.state.expose();
    for (iss_required, more, code) in [
        (false, "error=access_denied", Code::AuthDenied),
        (false, "code=c&iss=https://evil.example", Code::AuthIssuerMismatch),
        (true, "code=c", Code::AuthIssuerMissing),
        (false, "code=c&code=d", Code::AuthRefused),
    ] {
        let pasted = format!("http://127.0.0.1:{port}/callback?{more}&state={state}");
        let failure = accept_pasted(&attempt, iss_required, &pasted).unwrap_err();
        assert_eq!(failure.code, code, "{more}");
    }
}

#[tokio::test]
async fn another_address_is_told_from_the_right_one_and_the_attempt_goes_on() {
    let waiting = Waiting::start().await;
    let port = waiting.attempt.redirect.port;
    let state = waiting.attempt.state.expose().clone();
    let sign_in_page = waiting.attempt.address.as_str().to_owned();
    for (pasted, words) in [
        (String::new(), "Nothing was pasted"),
        (" \n\"\" ".to_owned(), "Nothing was pasted"),
        ("hello world".to_owned(), "another address"),
        ("://".to_owned(), "not an address"),
        (sign_in_page, "the sign-in page"),
        (format!("http://127.0.0.1:{port}/callback?code=c&state=wrong"), "another sign-in"),
        ("code=c&state=wrong".to_owned(), "another sign-in"),
        (format!("http://127.0.0.1:{port}/callback?code=c&state={state}&state={state}"), "another sign-in"),
        (format!("http://127.0.0.1:{port}/callback?code=c"), "is missing"),
        (format!("http://127.0.0.1:{port}/callback"), "is missing"),
        (format!("http://127.0.0.1:{port}/other?code=c&state={state}"), "another address"),
        (format!("http://127.0.0.1:{}/callback?code=c&state={state}", port ^ 1), "another address"),
        (format!("http://evil.example:{port}/callback?code=c&state={state}"), "another address"),
        (format!("ftp://127.0.0.1:{port}/callback?code=c&state={state}"), "another address"),
    ] {
        let failure = accept_pasted(&waiting.attempt, false, &pasted).unwrap_err();
        assert_eq!(failure.code, Code::AuthStateMismatch, "{pasted}");
        assert!(failure.sentence().contains(words), "{pasted}: {}", failure.sentence());
        assert!(!format!("{failure:?}").contains(&state), "the state is not quoted");
        if words == "another address" {
            assert_eq!(fact(&failure, "Callback address"), waiting.attempt.redirect.to_address());
        }
    }
    waiting.still_works().await;
}
