//! The token endpoint (RFC 6749 §4.1.3 and §6, RFC 8707 §2.2): redeeming a code and renewing a sign-in, one request each
//! and at most one more with the other way to authenticate. When to renew, and what is stored, is decided in the engine.

mod answer;
mod claims;
pub(crate) mod device;
mod own_name;
mod verdict;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use replug_core::{AuthMethod, Code, Failure, GrantType, Registration, RegistrationKind, Secret, Tokens};
use replug_net::{Limits, NetError, gate_for_request};
use url::Url;

use crate::client_auth::{authenticated_post, method_of, other_method};
use crate::members::Members;
use crate::{Attempt, Context, ServiceMetadata};
use answer::{Read, TokenAnswer};
pub use claims::{Claims, differences, peek_claims};
pub use device::{DeviceAttempt, NotYet, begin_on_device, poll_device};
pub use own_name::client_credentials;
use verdict::Rejected;
pub use verdict::{TokenFailure, TokenVerdict};

/// The longest wait that a service is granted by `Retry-After`.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// What tokens are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Extent<'a> {
    /// The permissions.
    pub scopes: &'a [String],
    /// `resource` (RFC 8707), byte for byte.
    pub resource: Option<&'a str>,
}

/// What the service granted.
#[derive(Debug)]
pub struct Granted {
    /// The access token.
    pub access: Secret<String>,
    /// The refresh token; `None` when the service sent none.
    pub refresh: Option<Secret<String>>,
    /// When the access token ends, by this computer's clock; `None` when the service did not say.
    pub expires_at: Option<Timestamp>,
    /// When the request was sent.
    pub obtained_at: Timestamp,
    /// The permissions granted; `None` when the service did not say, which means those that were asked for.
    pub scopes: Option<Vec<String>>,
    /// The way to authenticate that worked, when it was not the registered one; to be remembered.
    pub auth_method_changed: Option<AuthMethod>,
    /// What was unusual about the answer, one sentence each.
    pub notes: Vec<String>,
}

impl Granted {
    /// The tokens of a new sign-in. `address` is the server's address they are for.
    pub fn into_tokens(self, service: &ServiceMetadata, grant: GrantType, asked: &Extent<'_>, address: &str) -> Tokens {
        Tokens {
            access: self.access,
            refresh: self.refresh,
            expires_at: self.expires_at,
            obtained_at: self.obtained_at,
            grant,
            scopes: self.scopes.unwrap_or_else(|| asked.scopes.to_vec()),
            issuer: service.issuer.clone(),
            token_endpoint: service.token_endpoint.clone(),
            revocation_endpoint: service.revocation_endpoint.clone(),
            resource: asked.resource.map(str::to_owned),
            address: address.to_owned(),
        }
    }

    /// The tokens of a renewed sign-in: what the service did not send anew stays as it was (RFC 6749 §6).
    pub fn into_renewed(self, previous: &Tokens) -> Tokens {
        Tokens {
            access: self.access,
            refresh: self.refresh.or_else(|| previous.refresh.as_ref().map(Secret::duplicate)),
            expires_at: self.expires_at,
            obtained_at: self.obtained_at,
            grant: previous.grant,
            scopes: self.scopes.unwrap_or_else(|| previous.scopes.clone()),
            issuer: previous.issuer.clone(),
            token_endpoint: previous.token_endpoint.clone(),
            revocation_endpoint: previous.revocation_endpoint.clone(),
            resource: previous.resource.clone(),
            address: previous.address.clone(),
        }
    }
}

/// Redeems an authorization code. It is presented once, and once more only when the service refused the way the client
/// authenticated, which comes before it looks at codes.
pub async fn exchange(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    attempt: &Attempt,
    code: &Secret<String>,
    registration: &Registration,
) -> Result<Granted, TokenFailure> {
    if service.issuer != attempt.issuer {
        return Err(foreign(&attempt.issuer, &service.issuer));
    }
    if registration.client_id != attempt.client_id {
        let failure = Failure::new(Code::LocalInternal)
            .with_fact("Asked with client ID", &attempt.client_id)
            .with_fact("Registered client ID", &registration.client_id);
        return Err(TokenFailure::unsent(TokenVerdict::Refused, failure));
    }
    check_issuer(registration, &attempt.issuer)?;
    let redirect = attempt.redirect.to_address();
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code.expose().as_str()),
        ("redirect_uri", &redirect),
        ("code_verifier", attempt.verifier.expose()),
    ];
    fields.extend(attempt.resource.as_deref().map(|resource| ("resource", resource)));
    let request = TokenRequest {
        endpoint: &service.token_endpoint,
        fields,
        secrets: vec![code.expose(), attempt.verifier.expose()],
        grant: Grant::Code,
        registration,
    };
    request.run(ctx).await
}

/// Renews a sign-in with its refresh token, or by asking again where a client asks in its own name. With a refresh token no
/// permissions are named, so they stay as they are (RFC 6749 §6).
///
/// Dropping the future does not take back what was sent: the caller runs it in a task of its own.
pub async fn refresh(ctx: &Context<'_>, tokens: &Tokens, registration: &Registration) -> Result<Granted, TokenFailure> {
    if tokens.grant == GrantType::ClientCredentials {
        return own_name::again(ctx, tokens, registration).await;
    }
    let Some(refresh) = &tokens.refresh else {
        return Err(TokenFailure::unsent(TokenVerdict::Dead, Failure::new(Code::TokenExpired)));
    };
    check_issuer(registration, &tokens.issuer)?;
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.expose().as_str())];
    fields.extend(tokens.resource.as_deref().map(|resource| ("resource", resource)));
    let request = TokenRequest {
        endpoint: &tokens.token_endpoint,
        fields,
        secrets: vec![refresh.expose(), tokens.access.expose()],
        grant: Grant::Refresh,
        registration,
    };
    request.run(ctx).await
}

/// What is presented to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    /// An authorization code.
    Code,
    /// A refresh token.
    Refresh,
    /// Nothing but the client itself.
    OwnName,
    /// Nothing yet: a code for another device is asked for.
    DeviceCode,
    /// The code that a person enters on another device.
    Device,
}

/// How the members of a successful answer are read.
type Form<T> = fn(&Members) -> Option<T>;

struct TokenRequest<'a> {
    endpoint: &'a str,
    fields: Vec<(&'a str, &'a str)>,
    /// What must not be kept when the service echoes it.
    secrets: Vec<&'a str>,
    grant: Grant,
    registration: &'a Registration,
}

/// What came of a request that was not refused.
struct Answered<T> {
    content: T,
    /// When the request was sent.
    asked_at: Timestamp,
    /// The way to authenticate that worked, when it was not the registered one.
    method_changed: Option<AuthMethod>,
}

impl TokenRequest<'_> {
    async fn run(&self, ctx: &Context<'_>) -> Result<Granted, TokenFailure> {
        self.tokens(ctx).await.map_err(|rejected| rejected.failure)
    }

    async fn tokens(&self, ctx: &Context<'_>) -> Result<Granted, Rejected> {
        self.ask(ctx, answer::granted).await.map(|answered| self.granted(answered))
    }

    /// Asks for what `form` makes of the members of a successful answer.
    async fn ask<T>(&self, ctx: &Context<'_>, form: Form<T>) -> Result<Answered<T>, Rejected> {
        let endpoint = gate_for_request(self.endpoint, ctx.loopback)
            .map_err(|failure| Rejected::plain(TokenFailure::unsent(TokenVerdict::Broken, failure)))?;
        let first = self.send(ctx, (&endpoint, method_of(self.registration)), form).await;
        let rejected = match first {
            Ok(answered) => return Ok(answered),
            Err(rejected) => rejected,
        };
        let Some(other) = other_method(self.registration).filter(|_| rejected.client_refused) else {
            return Err(rejected);
        };
        match self.send(ctx, (&endpoint, other), form).await {
            Ok(answered) => Ok(Answered { method_changed: Some(other), ..answered }),
            // Refused both ways: the first answer is about the method that was agreed on.
            Err(second) if second.client_refused => Err(rejected),
            Err(second) => Err(second),
        }
    }

    async fn send<T>(
        &self,
        ctx: &Context<'_>,
        (endpoint, method): (&Url, AuthMethod),
        form: Form<T>,
    ) -> Result<Answered<T>, Rejected> {
        let client = (self.registration, method);
        let ask = authenticated_post(ctx, endpoint.clone(), &self.fields, client)
            .map_err(|failure| Rejected::plain(TokenFailure::unsent(TokenVerdict::Refused, failure)))?
            .limits(Limits::TOKEN);
        let asked_at = ctx.clock.now();
        let answer = match ctx.http.ask(&ask, ctx.trace).await {
            Ok(answer) => answer,
            Err(error) => return Err(self.unanswered(&error, endpoint)),
        };
        match answer::read(&answer, form) {
            Read::Granted(content) => Ok(Answered { content, asked_at, method_changed: None }),
            Read::Refused(error) => Err(verdict::of_error(self, &answer, &error, ctx.clock.now())),
            Read::Unusable { said } => Err(verdict::of_status(self, &answer, said.as_deref(), ctx.clock.now())),
        }
    }

    fn granted(&self, answered: Answered<TokenAnswer>) -> Granted {
        let Answered { content: answer, asked_at, method_changed } = answered;
        let mut notes = answer.notes;
        if matches!(self.grant, Grant::Code | Grant::Device) && answer.refresh.is_none() {
            notes.push("The service gave no refresh token.".to_owned());
        }
        Granted {
            access: answer.access,
            // A client that asks in its own name asks again (RFC 6749 §4.4.3).
            refresh: answer.refresh.filter(|_| self.grant != Grant::OwnName),
            // Counted from before the request, so that it is never later than the service means.
            expires_at: answer
                .expires_in
                .and_then(|seconds| asked_at.checked_add(SignedDuration::from_secs(seconds)).ok()),
            obtained_at: asked_at,
            scopes: answer.scopes,
            auth_method_changed: method_changed,
            notes,
        }
    }

    fn unanswered(&self, error: &NetError, endpoint: &Url) -> Rejected {
        let verdict = match error {
            NetError::AddressRefused { .. } | NetError::ProxySignIn | NetError::Tls { .. } => TokenVerdict::Blocked,
            NetError::TooLarge { .. } | NetError::Invalid(_) => TokenVerdict::Broken,
            NetError::NameUnknown { .. }
            | NetError::Unreachable { .. }
            | NetError::Timeout { .. }
            | NetError::Interrupted => TokenVerdict::Transient { retry_after: None },
        };
        let failure = Failure::from(error.clone())
            .with_fact("Asked for", self.purpose())
            .with_fact("Asked", replug_net::mask_url(endpoint));
        Rejected::plain(TokenFailure { verdict, failure, unclear: !error.never_sent() })
    }

    const fn purpose(&self) -> &'static str {
        match self.grant {
            Grant::Code | Grant::Device => "the first token",
            Grant::Refresh => "a renewed token",
            Grant::OwnName => "a token for the client itself",
            Grant::DeviceCode => "a code for another device",
        }
    }

    /// Whether the person entered the client, so that Replug cannot replace it.
    fn client_is_settings(&self) -> bool {
        matches!(self.registration.kind, RegistrationKind::PreRegistered | RegistrationKind::ClientIdDocument)
    }
}

/// A registration is shown only to the issuer it belongs to; a client-ID document belongs to none.
fn check_issuer(registration: &Registration, issuer: &str) -> Result<(), TokenFailure> {
    let portable = registration.kind == RegistrationKind::ClientIdDocument;
    if portable || registration.issuer == issuer { Ok(()) } else { Err(foreign(&registration.issuer, issuer)) }
}

fn foreign(expected: &str, found: &str) -> TokenFailure {
    let failure = Failure::new(Code::AuthIssuerChanged).with_fact("Registered at", expected).with_fact("Now", found);
    TokenFailure::unsent(TokenVerdict::Refused, failure)
}
