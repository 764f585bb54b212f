//! A look into an access token that happens to be a JWT (RFC 9068), as a hint for the diagnosis. Nothing is verified,
//! nothing is decided by it, and the person's identifier is not read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use replug_core::{Fact, Secret, mask_path, sanitize};
use replug_net::mask_url;
use serde_json::Value;
use url::Url;

use crate::members::{Members, first_text, text, texts};

/// Longer tokens are not looked into.
const MAX_TOKEN: usize = 32 * 1024;

/// What an access token says about itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claims {
    /// `aud`: whom it is for.
    pub aud: Vec<String>,
    /// `iss`: who issued it.
    pub iss: Option<String>,
    /// `exp`: when it ends.
    pub exp: Option<Timestamp>,
    /// `scope`, or `scp`: its permissions.
    pub scope: Vec<String>,
    /// `azp`, or `client_id`: the client it was issued to.
    pub azp: Option<String>,
}

/// The claims of a token; `None` when it is opaque.
pub fn peek_claims(token: &Secret<String>) -> Option<Claims> {
    let token = token.expose();
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if token.len() > MAX_TOKEN || parts.next().is_some() {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let members: Members = serde_json::from_slice(&payload).ok()?;
    Some(Claims {
        aud: texts(&members, "aud").into_iter().map(str::to_owned).collect(),
        iss: text(&members, "iss").map(str::to_owned),
        exp: time(&members, "exp"),
        scope: ["scope", "scp"]
            .iter()
            .flat_map(|name| texts(&members, name))
            .flat_map(str::split_whitespace)
            .map(str::to_owned)
            .collect(),
        azp: first_text(&members, &["azp", "client_id"]).map(str::to_owned),
    })
}

fn time(members: &Members, name: &str) -> Option<Timestamp> {
    let Some(Value::Number(number)) = members.get(name) else {
        return None;
    };
    #[expect(clippy::cast_possible_truncation, reason = "fractions of a second do not matter, and the cast saturates")]
    let seconds = number.as_f64()? as i64;
    Timestamp::from_second(seconds).ok()
}

/// Where a token differs from what the server should accept, in words like "it is X, should be Y". That nothing stands out
/// proves nothing.
pub fn differences(claims: &Claims, resource: Option<&str>, issuer: &str, now: Timestamp) -> Vec<Fact> {
    let audience = resource
        .filter(|resource| !claims.aud.iter().any(|audience| audience == resource))
        .map(|resource| fact("Audience", &named(&claims.aud), &shown(resource)));
    let issuer = claims
        .iss
        .as_deref()
        .filter(|iss| iss.trim_end_matches('/') != issuer.trim_end_matches('/'))
        .map(|iss| fact("Issuer", &shown(iss), &shown(issuer)));
    let ended =
        claims.exp.filter(|exp| *exp <= now).map(|exp| fact("Ends", &exp.to_string(), &format!("later than {now}")));
    [audience, issuer, ended].into_iter().flatten().collect()
}

fn named(audience: &[String]) -> String {
    let names: Vec<String> = audience.iter().map(|audience| shown(audience)).collect();
    if names.is_empty() { "empty".to_owned() } else { names.join(", ") }
}

/// An address that may be shown. One with nothing to hide stays as it is written, because a `/` at its end may be the whole
/// difference; a text that is no address is only made safe to show.
fn shown(text: &str) -> String {
    let Ok(url) = Url::parse(text) else { return text.to_owned() };
    let user_info = !url.username().is_empty() || url.password().is_some();
    let harmless = !user_info && url.query().is_none() && url.fragment().is_none();
    if harmless && mask_path(url.path()) == url.path() { text.to_owned() } else { mask_url(&url) }
}

fn fact(label: &str, is: &str, should_be: &str) -> Fact {
    Fact { label: label.to_owned(), value: sanitize(&format!("it is {is}, should be {should_be}"), 500) }
}
