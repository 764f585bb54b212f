//! Asking the authorization endpoint, before the browser is opened, whether it takes the client and its callback address. A
//! service that does not shows its error in the browser only, and nothing ever comes back. What its words mean is in
//! `complaint`.

mod complaint;

use http::StatusCode;
use replug_core::{Code, Failure};
use replug_net::{Answer, Ask};

use self::complaint::{About, Complaint};
use crate::page::is_challenge;
use crate::{Attempt, AttemptInput, Context, ServiceMetadata};

/// What the authorization endpoint says about a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preflight {
    /// It goes on with the sign-in.
    Known,
    /// It does not know the client any more (`RPL-REG-FORGOTTEN`).
    Stale(Failure),
    /// It knows the client, and does not take the callback address (`RPL-REG-REDIRECT-REFUSED`).
    RedirectRefused(Failure),
    /// It says nothing that could be relied on; the browser is opened anyway.
    Unclear,
}

/// Sends the request that `input` describes, with a state and a verifier that are thrown away, and follows nothing.
///
/// Only a refusal counts: a status of 4xx, or a redirect with an OAuth `error`. What it refuses is read from the error's name,
/// and from its words where there is none. A page with 200 never counts, whatever it says.
pub async fn preflight(ctx: &Context<'_>, service: &ServiceMetadata, input: &AttemptInput<'_>) -> Preflight {
    let Ok(attempt) = Attempt::begin(ctx, service, input) else {
        // The attempt proper fails in the same way and says why.
        return Preflight::Unclear;
    };
    let ask = Ask::get(attempt.address.url().clone(), ctx.reach).accept("text/html,application/json;q=0.9");
    let Ok(answer) = ctx.http.ask(&ask, ctx.trace).await else {
        return Preflight::Unclear;
    };
    if answer.status.is_redirection() {
        return match answer.location() {
            Some(target) if !complaint::is_error(&target) => Preflight::Known,
            Some(target) => named(&answer, input, complaint::of_redirect(&target)),
            None => Preflight::Unclear,
        };
    }
    named(&answer, input, refusal(&answer))
}

/// What a refusal is about. A firewall's page is about neither, and a bare 403 is no word about a client.
fn refusal(answer: &Answer) -> Option<Complaint> {
    if is_challenge(answer) {
        return None;
    }
    let complaint = || complaint::of_answer(answer);
    match answer.status {
        StatusCode::BAD_REQUEST
        | StatusCode::UNAUTHORIZED
        | StatusCode::NOT_FOUND
        | StatusCode::UNPROCESSABLE_ENTITY => complaint(),
        StatusCode::FORBIDDEN => complaint().filter(|complaint| complaint.about == About::Redirect),
        _ => None,
    }
}

fn named(answer: &Answer, input: &AttemptInput<'_>, complaint: Option<Complaint>) -> Preflight {
    let Some(complaint) = complaint else {
        return Preflight::Unclear;
    };
    let failure = |code| {
        Failure::new(code)
            .with_fact("Asked", replug_net::mask_url(&answer.url))
            .with_fact("Status", answer.status.as_str())
            .with_said(&complaint.said)
    };
    match complaint.about {
        About::Client => Preflight::Stale(failure(Code::RegForgotten)),
        About::Redirect => Preflight::RedirectRefused(
            failure(Code::RegRedirectRefused).with_fact("Callback address", input.redirect.to_address()),
        ),
    }
}
