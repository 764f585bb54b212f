//! Signing in on another device (RFC 8628): asking for the code that a person enters there, and asking whether they have. How
//! long and how often is decided in the engine.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use replug_core::{AuthMethod, Code, Failure, Registration, Secret};
use replug_net::{BrowserAddress, gate_for_browser, gate_for_request};

use super::verdict::Rejected;
use super::{Extent, Grant, Granted, TokenFailure, TokenRequest, TokenVerdict, check_issuer};
use crate::authorize::check_extra_params;
use crate::members::{Members, first_text, seconds, text};
use crate::{AttemptInput, Context, ServiceMetadata};

/// The grant's registered name (RFC 8628 §3.4).
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How long a code lasts where the service does not say, in seconds, and at most.
const USUAL_LIFE: i64 = 600;
const LONGEST_LIFE: i64 = 3600;
/// Seconds between two questions where the service does not say (RFC 8628 §3.2), and at most.
const USUAL_INTERVAL: i64 = 5;
const LONGEST_INTERVAL: i64 = 60;
/// Characters of a code that a person can be asked to type.
const LONGEST_CODE: usize = 40;

/// One try to sign in on another device. Kept in memory only.
pub struct DeviceAttempt {
    /// `device_code`.
    pub device_code: Secret<String>,
    /// What the person enters, fit to be shown.
    pub user_code: String,
    /// Where they enter it.
    pub address: BrowserAddress,
    /// The same with the code in it, when the service has such an address.
    pub complete_address: Option<BrowserAddress>,
    /// When the code ends, by this computer's clock; an hour from now at most.
    pub expires_at: Timestamp,
    /// How long to wait between two questions, to begin with.
    pub interval: Duration,
    /// The issuer that was asked, byte for byte.
    pub issuer: String,
    /// The `resource` that was sent.
    pub resource: Option<String>,
    /// The permissions that were asked for.
    pub scopes: Vec<String>,
    /// The way to authenticate that worked, when it was not the registered one; to be remembered.
    pub auth_method_changed: Option<AuthMethod>,
}

impl DeviceAttempt {
    /// What the tokens are asked for.
    pub fn extent(&self) -> Extent<'_> {
        Extent { scopes: &self.scopes, resource: self.resource.as_deref() }
    }

    /// The failure when the code has ended: `RPL-AUTH-TIMEOUT`.
    pub fn timed_out() -> Failure {
        Failure::new(Code::AuthTimeout).with_text("Nobody entered the code in time.")
    }
}

/// Without the codes.
impl fmt::Debug for DeviceAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAttempt")
            .field("issuer", &self.issuer)
            .field("expires_at", &self.expires_at)
            .field("interval", &self.interval)
            .field("resource", &self.resource)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// Why there are no tokens yet, or never will be.
#[derive(Debug)]
pub enum NotYet {
    /// The person has not answered.
    Pending,
    /// Nor have they, and the service wants to be asked five seconds less often from now on.
    SlowDown,
    /// There was no answer that says anything about the sign-in; it may be asked again.
    Unclear(TokenFailure),
    /// It is over.
    Over(Failure),
}

/// An answer of the device authorization endpoint (RFC 8628 §3.2).
struct CodeAnswer {
    device_code: Secret<String>,
    user_code: String,
    address: String,
    complete_address: Option<String>,
    life: i64,
    interval: i64,
}

/// Asks for a code (RFC 8628 §3.1). The callback address of `input` plays no part.
///
/// Fails with `RPL-AUTH-NO-DEVICE` where the service offers no such thing, with `RPL-META-UNSAFE-ADDRESS` when the page it names
/// is not safe to open, and with the codes of a token request.
pub async fn begin_on_device(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    input: &AttemptInput<'_>,
    registration: &Registration,
) -> Result<DeviceAttempt, TokenFailure> {
    let unsent = |failure: Failure| TokenFailure::unsent(TokenVerdict::Broken, failure);
    let endpoint = service.device_authorization_endpoint.as_deref();
    let endpoint = endpoint.ok_or_else(|| unsent(Failure::new(Code::AuthNoDevice)))?;
    check_issuer(registration, &service.issuer)?;
    let gated = gate_for_request(endpoint, ctx.loopback).map_err(unsent)?;
    check_extra_params(&gated, input.extra_params).map_err(unsent)?;
    let scope = input.scopes.join(" ");
    let mut fields: Vec<(&str, &str)> = Vec::new();
    fields.extend((!scope.is_empty()).then_some(("scope", scope.as_str())));
    fields.extend(input.resource.map(|resource| ("resource", resource)));
    fields.extend(input.extra_params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let request = TokenRequest { endpoint, fields, secrets: Vec::new(), grant: Grant::DeviceCode, registration };
    let answered = request.ask(ctx, code_answer).await.map_err(|rejected| rejected.failure)?;
    let answer = answered.content;
    let gate = |address: &str| gate_for_browser(address, ctx.loopback);
    Ok(DeviceAttempt {
        device_code: answer.device_code,
        user_code: answer.user_code,
        address: gate(&answer.address).map_err(unsent)?,
        complete_address: answer.complete_address.as_deref().map(gate).transpose().map_err(unsent)?,
        expires_at: answered.asked_at.saturating_add(SignedDuration::from_secs(answer.life)).unwrap_or(Timestamp::MAX),
        interval: Duration::from_secs(answer.interval.unsigned_abs()),
        issuer: service.issuer.clone(),
        resource: input.resource.map(str::to_owned),
        scopes: input.scopes.to_vec(),
        auth_method_changed: answered.method_changed,
    })
}

/// Asks whether the person has answered (RFC 8628 §3.4 and §3.5).
///
/// Dropping the future does not take back what was sent: the caller runs it in a task of its own.
pub async fn poll_device(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    attempt: &DeviceAttempt,
    registration: &Registration,
) -> Result<Granted, NotYet> {
    check_issuer(registration, &attempt.issuer).map_err(|foreign| NotYet::Over(foreign.failure))?;
    let code = attempt.device_code.expose().as_str();
    let mut fields = vec![("grant_type", DEVICE_GRANT), ("device_code", code)];
    fields.extend(attempt.resource.as_deref().map(|resource| ("resource", resource)));
    let request = TokenRequest {
        endpoint: &service.token_endpoint,
        fields,
        secrets: vec![code, &attempt.user_code],
        grant: Grant::Device,
        registration,
    };
    request.tokens(ctx).await.map_err(not_yet)
}

fn not_yet(rejected: Rejected) -> NotYet {
    let Rejected { failure: refused, error, .. } = rejected;
    match error.as_deref() {
        Some("authorization_pending") => NotYet::Pending,
        Some("slow_down") => NotYet::SlowDown,
        Some("access_denied") => NotYet::Over(Failure { code: Code::AuthDenied, ..refused.failure }),
        Some("expired_token") => NotYet::Over(DeviceAttempt::timed_out()),
        _ => match refused.verdict {
            TokenVerdict::Transient { .. } | TokenVerdict::Blocked | TokenVerdict::Broken => NotYet::Unclear(refused),
            TokenVerdict::Dead
            | TokenVerdict::RegistrationGone
            | TokenVerdict::ScopeRefused
            | TokenVerdict::Refused => NotYet::Over(refused.failure),
        },
    }
}

/// Services spell the addresses in two ways.
fn code_answer(members: &Members) -> Option<CodeAnswer> {
    let user_code = replug_core::sanitize(text(members, "user_code")?, LONGEST_CODE + 1);
    (user_code.chars().count() <= LONGEST_CODE).then_some(())?;
    let limited = |name, usual, most: i64| seconds(members, name).unwrap_or(usual).min(most);
    let complete = first_text(members, &["verification_uri_complete", "verification_url_complete"]);
    Some(CodeAnswer {
        device_code: Secret::new(text(members, "device_code")?.to_owned()),
        user_code,
        address: first_text(members, &["verification_uri", "verification_url"])?.to_owned(),
        complete_address: complete.map(str::to_owned),
        life: limited("expires_in", USUAL_LIFE, LONGEST_LIFE),
        interval: limited("interval", USUAL_INTERVAL, LONGEST_INTERVAL),
    })
}
