//! Answers of a token endpoint, from a real server: only the service's own word ends a sign-in, and nothing that was sent is
//! kept when it comes back.

use jiff::Timestamp;
use replug_core::{AuthMethod, CallbackHost, GrantType, Redirect, Registration, RegistrationKind, Secret, Tokens};
use replug_oauth::{Granted, TokenFailure, TokenVerdict, refresh};

use crate::site::Site;

const STATUSES: [u16; 16] = [200, 201, 204, 302, 304, 400, 401, 403, 404, 408, 425, 429, 500, 502, 503, 418];
const TYPES: [&str; 5] =
    ["application/json", "application/x-www-form-urlencoded", "text/html", "text/plain", "application/octet-stream"];

/// The first byte is the status, the second the type, and the rest the body.
pub fn check(bytes: &[u8]) {
    let [status, content_type, body @ ..] = bytes else { return };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    Site::with(|site| {
        site.say(status, TYPES[usize::from(*content_type) % TYPES.len()], body);
        let tokens = tokens(&site.origin());
        match site.run(async |ctx| refresh(ctx, &tokens, &client()).await) {
            Ok(granted) => check_granted(status, &granted),
            Err(failure) => check_refused(status, body, &failure),
        }
    });
}

fn check_granted(status: u16, granted: &Granted) {
    assert!((200..300).contains(&status), "tokens with {status}");
    assert!(!granted.access.expose().trim().is_empty());
    assert!(granted.refresh.as_ref().is_none_or(|token| !token.expose().trim().is_empty()));
    let ten_years = 10 * 365 * 24 * 3600;
    let life = granted.expires_at.map(|end| end.duration_since(granted.obtained_at).as_secs());
    assert!(life.is_none_or(|life| (1..=ten_years).contains(&life)), "{life:?}");
    assert!(granted.scopes.as_ref().is_none_or(|scopes| !scopes.is_empty()), "no permissions are none that are named");
}

fn check_refused(status: u16, body: &[u8], failure: &TokenFailure) {
    let shown = format!("{failure:?}");
    assert!(!shown.contains("refresh-canary") && !shown.contains("access-canary"), "{shown}");
    if matches!(failure.verdict, TokenVerdict::Dead | TokenVerdict::RegistrationGone) {
        assert!(matches!(status, 200..=299 | 400 | 401), "{status} ended a sign-in: {shown}");
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        assert!(text.starts_with('{') || text.contains('='), "without structure: {text}");
    }
    let passing = matches!(status, 408 | 425 | 429 | 500..);
    let kept = matches!(failure.verdict, TokenVerdict::Transient { .. } | TokenVerdict::Blocked);
    assert!(!passing || kept, "{status} passes: {shown}");
}

fn client() -> Registration {
    Registration {
        kind: RegistrationKind::Dynamic,
        issuer: "https://auth.example".to_owned(),
        client_id: "client-1".to_owned(),
        client_secret: None,
        secret_issued_at: None,
        secret_expires_at: None,
        auth_method: AuthMethod::None,
        management: None,
        redirect: Redirect { host: CallbackHost::Literal, port: 4100, path: "/callback".to_owned() },
        last_used_at: None,
    }
}

fn tokens(origin: &str) -> Tokens {
    Tokens {
        access: Secret::new("access-canary".to_owned()),
        refresh: Some(Secret::new("refresh-canary".to_owned())),
        expires_at: None,
        obtained_at: Timestamp::UNIX_EPOCH,
        grant: GrantType::AuthorizationCode,
        scopes: Vec::new(),
        issuer: "https://auth.example".to_owned(),
        token_endpoint: format!("{origin}/token"),
        revocation_endpoint: None,
        resource: None,
        address: format!("{origin}/mcp"),
    }
}
