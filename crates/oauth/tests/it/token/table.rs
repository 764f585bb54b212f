//! The verdicts of the token endpoint as a table (R18): every status with every form of answer, for both grants, against a
//! second reading of the rules that shares no code with the product. Single rows with their codes are in `verdicts`.

use std::fmt::Write as _;

use replug_core::{AuthMethod, Registration, Secret};
use replug_oauth::{Attempt, Granted, TokenFailure, TokenVerdict, exchange, refresh};
use serde_json::json;

use crate::fakes::Surroundings;
use crate::parts::{attempt, redirect, registration, service, tokens};
use crate::server::{Reply, Server};

const STATUSES: [u16; 27] = [
    200, 201, 204, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 408, 409, 410, 418, 422, 425, 429, 500,
    501, 502, 503, 520,
];

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const HTML: &str = "text/html; charset=utf-8";

/// The verdict that several rules lead to.
const GONE: &str = "registration gone";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    Code,
    Refresh,
}

/// What a body says, whatever its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// Here are tokens.
    Tokens,
    /// An error by its name in RFC 6749 §5.2.
    Error(&'static str),
    /// An error by a name that no token endpoint has.
    Unheard,
    /// Nothing that can be understood.
    Nothing,
    /// A web page.
    Page,
    /// A web page of a firewall.
    Challenge,
    /// More than is read.
    TooMuch,
    /// The connection broke off.
    Broken,
}

/// One form of answer.
struct Form {
    name: String,
    says: Says,
    content_type: &'static str,
    body: String,
}

fn form(name: &str, says: Says, content_type: &'static str, body: impl Into<String>) -> Form {
    Form { name: name.to_owned(), says, content_type, body: body.into() }
}

/// Each error that means something, in each way that services write errors.
fn errors() -> Vec<Form> {
    let mut forms = Vec::new();
    for name in [
        "invalid_grant",
        "invalid_client",
        "unauthorized_client",
        "invalid_scope",
        "invalid_target",
        "invalid_request",
        "unsupported_grant_type",
        "temporarily_unavailable",
        "server_error",
    ] {
        let said = json!({"error": name, "error_description": "words"});
        forms.push(form(&format!("{name} in JSON"), Says::Error(name), JSON, said.to_string()));
        forms.push(form(&format!("{name} as a form"), Says::Error(name), FORM, format!("error={name}&x=1")));
    }
    let grant = Says::Error("invalid_grant");
    let client = Says::Error("invalid_client");
    for (name, says, body) in [
        ("nested", grant, json!({"error": {"code": "invalid_grant", "message": "words"}})),
        ("a member of its own", client, json!({"errorCode": "invalid_client", "errorSummary": "words"})),
        ("a second member of its own", grant, json!({"error_code": "invalid_grant"})),
        ("bad_refresh_token", grant, json!({"error": "bad_refresh_token"})),
        ("with ok false", grant, json!({"ok": false, "error": "invalid_refresh_token"})),
        ("incorrect_client_credentials", client, json!({"error": "incorrect_client_credentials"})),
        ("beside tokens", grant, json!({"error": "invalid_grant", "access_token": "a-token"})),
        ("unheard of", Says::Unheard, json!({"error": "Not Found", "message": "words"})),
        ("a vendor's number", Says::Unheard, json!({"error": "E4711", "error_description": "words"})),
    ] {
        forms.push(form(&format!("an error, {name}"), says, JSON, body.to_string()));
    }
    let said = r#"{"error":"invalid_grant"}"#;
    forms.push(form("an error in JSON that claims to be a page", grant, HTML, said));
    forms.push(form("an error after a byte order mark", grant, "text/plain", format!("\u{feff}{said}")));
    forms
}

fn grants() -> Vec<Form> {
    let tokens = |name: &str, body: serde_json::Value| form(name, Says::Tokens, JSON, body.to_string());
    vec![
        tokens("plain", json!({"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600})),
        tokens("another type", json!({"access_token": "a-token", "token_type": "MAC"})),
        tokens("without type", json!({"access_token": "a-token", "error": null})),
        tokens("nested", json!({"ok": true, "authed_user": {"access_token": "a-token", "token_type": "user"}})),
        tokens("in data", json!({"code": 0, "data": {"access_token": "a-token"}})),
        form("as a form", Says::Tokens, FORM, "access_token=a-token&token_type=bearer&scope=a%2Cb"),
        form("as a form that claims to be text", Says::Tokens, "text/plain", "access_token=a-token&expires=3600"),
        form("in JSON that claims to be a page", Says::Tokens, HTML, r#"{"access_token":"a-token"}"#),
    ]
}

/// What stands where tokens or an error should.
fn junk() -> Vec<Form> {
    let nothing = |name: &str, content_type, body: &str| form(name, Says::Nothing, content_type, body);
    vec![
        nothing("empty", JSON, ""),
        nothing("blank", "text/plain", " \r\n"),
        nothing("an empty object", JSON, "{}"),
        nothing("null", JSON, "null"),
        nothing("an empty token", JSON, r#"{"access_token":""}"#),
        nothing("a token that is a number", JSON, r#"{"access_token":7}"#),
        nothing("a list", JSON, r#"[{"error":"invalid_grant"}]"#),
        nothing("a text", JSON, r#""invalid_grant""#),
        nothing("a list of errors", JSON, r#"{"error":["invalid_grant"]}"#),
        nothing("an error in the wrong case", JSON, r#"{"Error":"invalid_grant"}"#),
        nothing("only a message", JSON, r#"{"message":"invalid_grant","error":""}"#),
        nothing("cut in the middle", JSON, r#"{"error":"invalid_grant","#),
        nothing("two errors", JSON, r#"{"error":"invalid_grant","error":"invalid_client"}"#),
        nothing("two tokens", JSON, r#"{"access_token":"a-token","access_token":"b-token"}"#),
        nothing("bottomless", JSON, &format!(r#"{{"error":"invalid_grant","x":{}"#, "[".repeat(100_000))),
        nothing("words", "text/plain", "invalid_grant"),
        form("a page", Says::Page, HTML, "<!doctype html><title>invalid_grant</title>"),
        form("a page that claims to be JSON", Says::Page, JSON, "<html><head><title>Log in</title></head></html>"),
        form("a firewall's page", Says::Challenge, HTML, "<!doctype html><title>Just a moment...</title>"),
        form("too much", Says::TooMuch, JSON, format!(r#"{{"error":"invalid_grant","x":"{}"}}"#, "x".repeat(1 << 20))),
        form("broken off", Says::Broken, JSON, r#"{"error":"invalid_grant"}"#),
    ]
}

/// The rules, read once more.
fn expected(grant: Grant, status: u16, says: Says) -> &'static str {
    let later = matches!(status, 408 | 425 | 429 | 500..);
    let trusted = matches!(status, 200..=299 | 400 | 401);
    let exact = matches!(status, 400 | 401);
    match (says, grant) {
        (Says::TooMuch, _) => "broken",
        (Says::Challenge, _) => "blocked",
        (Says::Broken | Says::Error("temporarily_unavailable" | "server_error"), _) => "transient",
        _ if later => "transient",
        (Says::Tokens, _) if (200..300).contains(&status) => "ok",
        (Says::Error("invalid_grant"), Grant::Refresh) if trusted => "dead",
        (Says::Error("invalid_client"), _) | (Says::Error("unauthorized_client"), Grant::Code) if trusted => GONE,
        (Says::Error("unauthorized_client"), Grant::Refresh) if exact => GONE,
        (Says::Error("unauthorized_client" | "invalid_scope"), Grant::Refresh) if !exact => {
            by_status(grant, status, says)
        }
        (Says::Error("invalid_scope"), _) => "scope refused",
        (Says::Error(_), _) | (Says::Unheard, Grant::Code) => "refused",
        _ => by_status(grant, status, says),
    }
}

fn by_status(grant: Grant, status: u16, says: Says) -> &'static str {
    match (status, says) {
        (300..=399 | 403, _) | (200..=299, Says::Page) => "blocked",
        (401, says) if grant == Grant::Code && says != Says::Page => "refused",
        _ => "broken",
    }
}

/// A client and a service that answers as it is told.
struct Bench {
    server: Server,
    surroundings: Surroundings,
    client: Registration,
    attempt: Attempt,
}

impl Bench {
    async fn new() -> Self {
        let (server, surroundings) = (Server::start().await, Surroundings::new());
        let attempt = attempt(&surroundings.context(), &server.origin(), redirect(4100));
        Self { server, surroundings, client: registration(AuthMethod::None, None), attempt }
    }

    async fn ask(&self, grant: Grant, reply: Reply) -> Result<Granted, TokenFailure> {
        self.server.on("POST", "/token", move |_| reply.clone());
        let (ctx, origin) = (self.surroundings.context(), self.server.origin());
        match grant {
            Grant::Refresh => refresh(&ctx, &tokens(&origin), &self.client).await,
            Grant::Code => {
                let code = Secret::new("code-canary".to_owned());
                exchange(&ctx, &service(&origin), &self.attempt, &code, &self.client).await
            }
        }
    }
}

const fn word(outcome: &Result<Granted, TokenFailure>) -> &'static str {
    match outcome {
        Ok(_) => "ok",
        Err(failure) => match failure.verdict {
            TokenVerdict::Dead => "dead",
            TokenVerdict::RegistrationGone => GONE,
            TokenVerdict::Transient { .. } => "transient",
            TokenVerdict::Blocked => "blocked",
            TokenVerdict::Broken => "broken",
            TokenVerdict::ScopeRefused => "scope refused",
            TokenVerdict::Refused => "refused",
        },
    }
}

/// Asks for every cell and compares the whole table at once.
async fn compare(grant: Grant, forms: &[Form]) {
    let bench = Bench::new().await;
    let mut differences = String::new();
    let mut cells = 0;
    for (form, status) in forms.iter().flat_map(|form| STATUSES.map(|status| (form, status))) {
        // These statuses have no body (RFC 9110 §6.4.1), so nothing of it is ever seen.
        let says = match form.says {
            Says::Broken | Says::TooMuch if status == 204 || status == 304 => continue,
            _ if status == 204 || status == 304 => Says::Nothing,
            says => says,
        };
        let mut reply = Reply::new(status, form.content_type, form.body.clone());
        if (300..400).contains(&status) {
            reply = reply.header("location", "/login");
        }
        if form.says == Says::Broken {
            reply = reply.cut_off();
        }
        let (found, expected) = (word(&bench.ask(grant, reply).await), expected(grant, status, says));
        if found != expected {
            writeln!(differences, "{status} {}: {found}, not {expected}", form.name).unwrap();
        }
        cells += 1;
    }
    assert!(differences.is_empty(), "of {cells} cells for {grant:?} these differ:\n{differences}");
    assert!(cells > 200, "a table of {cells} cells proves little");
}

#[tokio::test]
async fn a_renewal_is_judged_by_the_errors_that_services_name() {
    compare(Grant::Refresh, &errors()).await;
}

#[tokio::test]
async fn a_renewal_is_judged_by_status_where_nothing_is_named() {
    compare(Grant::Refresh, &[grants(), junk()].into_iter().flatten().collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn a_code_is_judged_by_the_errors_that_services_name() {
    compare(Grant::Code, &errors()).await;
}

#[tokio::test]
async fn a_code_is_judged_by_status_where_nothing_is_named() {
    compare(Grant::Code, &[grants(), junk()].into_iter().flatten().collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn a_lifetime_is_read_however_it_is_written() {
    const TEN_YEARS: i64 = 315_360_000;
    let bench = Bench::new().await;
    for (written, seconds) in [
        ("3600", Some(3600)),
        (r#""3600""#, Some(3600)),
        (r#"" 3600 ""#, Some(3600)),
        ("3600.7", Some(3600)),
        ("3.6e3", Some(3600)),
        (r#""3600.0""#, Some(3600)),
        ("1", Some(1)),
        ("0", None),
        ("0.5", None),
        ("-1", None),
        (r#""-3600""#, None),
        ("null", None),
        ("true", None),
        ("[]", None),
        (r#""""#, None),
        (r#""soon""#, None),
        (r#""Infinity""#, None),
        ("1e400", None),
        ("99999999999999999999", Some(TEN_YEARS)),
        ("9223372036854775807", Some(TEN_YEARS)),
        ("1e300", Some(TEN_YEARS)),
    ] {
        for grant in [Grant::Refresh, Grant::Code] {
            let body = format!(r#"{{"access_token":"a-token","expires_in":{written}}}"#);
            let granted = bench.ask(grant, Reply::new(200, JSON, body)).await;
            let life =
                granted.map(|granted| granted.expires_at.map(|end| end.duration_since(granted.obtained_at).as_secs()));
            if written == "1e400" {
                assert_eq!(life.unwrap_err().verdict, TokenVerdict::Broken, "no JSON parser takes it");
            } else {
                assert_eq!(life, Ok(seconds), "{written}");
            }
        }
    }
}
