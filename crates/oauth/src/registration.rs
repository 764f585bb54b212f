//! Dynamic client registration (RFC 7591) and its end (RFC 7592). Whether to register at all, and for how long the result is
//! kept, is decided in the engine.

mod answer;
mod document;
mod draft;
mod refusal;
mod update;

use http::{Method, StatusCode};
use replug_core::{AuthMethod, Code, Failure, Management, Redirect, Reduction, Registration};
use replug_net::{Answer, Ask, Limits, gate_for_request, mask_url};
use url::Url;

use self::answer::{Outcome, Unusable};
pub use self::document::{CALLBACK_PATH, CALLBACK_PORTS, client_document, is_document_address};
use self::draft::Draft;
use self::refusal::{Part, Refusal};
pub use self::update::{NotRenewed, SecretRenewal, renew_secret};
use crate::discovery::confirm_assumed;
use crate::metadata::with_wait;
use crate::page::{is_challenge, with_page_facts};
use crate::{Context, Revoked, ServiceMetadata, ServiceSource};

/// Requests for one registration, the reduced ones included: enough for every member once. Services that limit
/// registrations begin at ten an hour.
pub const MOST_REQUESTS: usize = 9;

/// What a registration is asked with.
#[derive(Debug, Clone)]
pub struct RegistrationRequest<'a> {
    /// The name to register under; `Replug` when `None`. One with other characters than letters, digits, hyphens and spaces
    /// is sent as it is, made plain only when the service refuses it, and left out when that does not help.
    pub client_name: Option<&'a str>,
    /// The callback address.
    pub redirect: Redirect,
    /// The permissions, separated by spaces, when they should be part of the registration.
    pub scope: Option<&'a str>,
    /// Callback addresses to try, in this order, when the service refuses the first one.
    pub other_redirects: &'a [Redirect],
    /// Whether the person signs in on another device (RFC 8628): the client asks for that grant too, and may be registered
    /// without a callback address.
    pub on_device: bool,
    /// What the service is known to refuse, so that it is not asked for again.
    pub reductions: &'a [Reduction],
    /// How many requests may be sent, reduced ones included; [`MOST_REQUESTS`] are enough for every member once.
    pub at_most: usize,
}

/// A registration the service granted.
#[derive(Debug)]
pub struct Registered {
    /// The client, which has not produced a token yet. Its `redirect` is the one that was accepted.
    pub registration: Registration,
    /// What the accepted request went without, to begin the next one with.
    pub reductions: Vec<Reduction>,
    /// What had to be left out or changed this time, and what was odd about the answer, a sentence each.
    pub notes: Vec<String>,
}

/// The way to authenticate at the token endpoint: of those the service lists the first of none, post and basic; none when it
/// lists nothing. `None` when it lists only ways that Replug does not speak.
pub fn choose_auth_method(service: &ServiceMetadata) -> Option<AuthMethod> {
    auth_methods(service).first().copied()
}

fn auth_methods(service: &ServiceMetadata) -> Vec<AuthMethod> {
    let listed = &service.auth_methods;
    [AuthMethod::None, AuthMethod::Post, AuthMethod::Basic]
        .into_iter()
        .filter(|method| listed.is_empty() || listed.iter().any(|name| name == method.as_str()))
        .collect()
}

/// Registers a client. When the service refuses, the request is reduced member by member, within the number of requests that is allowed: what the
/// refusal names first, and when it names nothing, one after the other in the order of [`Reduction`]. A client that was issued
/// with a way to authenticate that Replug does not speak is given back, and the next way is asked for.
///
/// Fails with `RPL-REG-…`; for an assumed service without a sign-in page with `RPL-META-NONE`; and with a code of the network.
pub async fn register(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    request: &RegistrationRequest<'_>,
) -> Result<Registered, Failure> {
    let address = service.registration_endpoint.as_deref().ok_or_else(|| {
        Failure::new(Code::RegNotOffered).with_fact("Callback address", request.redirect.to_address())
    })?;
    let endpoint = gate_for_request(address, ctx.loopback)?;
    let methods = auth_methods(service);
    if methods.is_empty() {
        return Err(Failure::new(Code::RegMetadataRefused)
            .with_text("The sign-in service wants apps to identify themselves in a way Replug does not speak.")
            .with_fact("Listed", service.auth_methods.join(", ")));
    }
    let mut draft = Draft::new(request, methods);
    let mut notes = Vec::new();
    let mut left = request.at_most;
    loop {
        left = left.saturating_sub(1);
        let refused = match ask(ctx, service, &endpoint, &draft).await {
            Ok(mut registered) => {
                registered.notes.splice(..0, notes);
                return Ok(registered);
            }
            Err(refused) => refused,
        };
        let step = refused.refusal.as_ref().filter(|_| left > 0).and_then(|refusal| draft.reduce(refusal));
        let Some(note) = step else {
            return Err(with_steps(draft.explain(refused.failure), &notes));
        };
        notes.push(note);
        tracing::info!(step = notes.len(), "the registration was refused and is tried in another form");
    }
}

/// Why a request was not granted, and what of it another request could change.
struct Refused {
    refusal: Option<Refusal>,
    failure: Failure,
}

impl Refused {
    /// For good: no other request would change it.
    const fn finally(failure: Failure) -> Self {
        Self { refusal: None, failure }
    }
}

/// Sends one request.
async fn ask(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    endpoint: &Url,
    draft: &Draft,
) -> Result<Registered, Refused> {
    let ask =
        Ask::post_json(endpoint.clone(), draft.to_body(), ctx.reach).accept("application/json").limits(Limits::TOKEN);
    let answer = match ctx.http.ask(&ask, ctx.trace).await {
        Ok(answer) => answer,
        Err(error) => return Err(Refused::finally(Failure::from(error).with_fact("Address", mask_url(endpoint)))),
    };
    match answer::read(&answer) {
        Outcome::Issued(issued) => match issued.into_registered(ctx, service, draft.to_sent()) {
            Ok(registered) => Ok(registered),
            Err(unusable) => {
                let Unusable { failure, issued } = *unusable;
                if let Some(issued) = issued {
                    delete_client(ctx, &issued).await;
                }
                Err(Refused { refusal: Some(Refusal::of(Part::AuthMethod)), failure })
            }
        },
        Outcome::Refused(refusal) => {
            let failure = refusal.to_failure(endpoint, answer.status);
            Err(Refused { refusal: Some(refusal), failure })
        }
        Outcome::Other => Err(Refused::finally(other_failure(ctx, service, endpoint, &answer).await)),
    }
}

/// Adds the steps that were tried in vain.
fn with_steps(failure: Failure, notes: &[String]) -> Failure {
    notes.iter().fold(failure, |failure, note| failure.with_fact("Tried", note))
}

/// Names an answer that neither grants a registration nor says what is wrong with the request.
async fn other_failure(ctx: &Context<'_>, service: &ServiceMetadata, endpoint: &Url, answer: &Answer) -> Failure {
    let assumed = service.source == ServiceSource::Assumed;
    let code = code_of(answer, assumed);
    if code == Code::RegNotAdvertised {
        // With no sign-in page either, nothing here is a sign-in service.
        match confirm_assumed(ctx, service).await {
            Err(failure) if failure.code == Code::MetaNone => return failure,
            _ => {}
        }
    }
    let mut failure =
        Failure::new(code).with_fact("Address", mask_url(endpoint)).with_fact("Status", answer.status.as_str());
    if answer.status.is_success() && code == Code::RegMetadataRefused {
        failure = failure.with_text("The sign-in service answers the registration without a client ID.");
    }
    let failure = match answer.location() {
        Some(target) => failure.with_fact("Leads to", mask_url(&target)),
        None => with_wait(ctx, failure, answer),
    };
    match answer.status.is_success() {
        _ if answer.is_html() => with_page_facts(failure, answer),
        // A grant in a form that cannot be read may hold a secret, so it is not quoted.
        true => failure,
        false => failure.with_said(refusal::words_of(answer)),
    }
}

fn code_of(answer: &Answer, assumed: bool) -> Code {
    let missing = if assumed { Code::RegNotAdvertised } else { Code::RegNotOffered };
    match answer.status {
        _ if is_challenge(answer) => Code::RegBlocked,
        StatusCode::TOO_MANY_REQUESTS => Code::RegRateLimited,
        StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
            missing
        }
        status if status.is_server_error() => Code::RegServerError,
        // A guard before the whole server answers like this at every address it does not know.
        StatusCode::UNAUTHORIZED if assumed => missing,
        StatusCode::UNAUTHORIZED => Code::RegNotApproved,
        _ if answer.is_html() && assumed => missing,
        _ if answer.is_html() => Code::RegBlocked,
        StatusCode::FORBIDDEN => Code::RegNotApproved,
        _ if assumed => missing,
        status if status.is_redirection() => Code::MetaRedirected,
        _ => Code::RegMetadataRefused,
    }
}

/// Deletes the registration at the service (RFC 7592 §2.3). It is offered when the service gave an address and a token for it.
pub async fn delete_registration(ctx: &Context<'_>, registration: &Registration) -> Revoked {
    match &registration.management {
        Some(management) => delete_client(ctx, management).await,
        None => Revoked::NotOffered,
    }
}

/// Deletes a client of which nothing but the access to it is known any more (RFC 7592 §2.3).
pub async fn delete_client(ctx: &Context<'_>, management: &Management) -> Revoked {
    let Ok(address) = gate_for_request(&management.address, ctx.loopback) else {
        return Revoked::NotOffered;
    };
    let ask = Ask::new(Method::DELETE, address, ctx.reach).bearer(&management.token);
    let Ok(answer) = ctx.http.ask(&ask, ctx.trace).await else {
        return Revoked::Unreachable;
    };
    match answer.status {
        StatusCode::GONE => Revoked::Yes,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => Revoked::NotOffered,
        StatusCode::TOO_MANY_REQUESTS => Revoked::Unreachable,
        status if status.is_server_error() || answer.is_html() => Revoked::Unreachable,
        status if status.is_success() => Revoked::Yes,
        _ => Revoked::No,
    }
}
