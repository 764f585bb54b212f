//! Fetching one metadata document, and naming what stood in its place. What the document says is judged by its readers.

use http::{HeaderName, HeaderValue, StatusCode};
use replug_core::{Code, Failure};
use replug_net::{Answer, Ask, Follow, NetError, mask_url};
use url::Url;

use crate::Context;
use crate::members::{Members, object};
use crate::page::{is_challenge, with_page_facts};

/// The revision that is named when metadata is asked for, as MCP 2025-03-26 wants it.
const PROTOCOL_VERSION: &str = "2025-11-25";
/// Redirects followed within the origin.
const MAX_REDIRECTS: u8 = 2;

/// What a well-known address had.
pub(crate) enum Fetched {
    /// A JSON object.
    Document(Members),
    /// Something else.
    Miss(Miss),
}

/// Why there was no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Miss {
    pub(crate) kind: MissKind,
    pub(crate) failure: Failure,
}

/// The kinds of misses, the least telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MissKind {
    /// Plainly nothing there.
    Nothing,
    /// An answer that is not such a document.
    NotJson,
    /// The site sent the request on to something that is not the document.
    Redirected,
    /// It asks for a sign-in, or forbids.
    Locked,
    /// It could not be asked: an error of the server's own, or too many requests.
    NotAsked,
    /// A firewall's page.
    BlockedPage,
}

impl Miss {
    fn new(kind: MissKind, code: Code, address: &Url, answer: &Answer) -> Self {
        let failure =
            Failure::new(code).with_fact("Address", mask_url(address)).with_fact("Status", answer.status.as_str());
        Self { kind, failure }
    }

    fn map(mut self, change: impl FnOnce(Failure) -> Failure) -> Self {
        self.failure = change(self.failure);
        self
    }
}

/// The more telling of two misses; of two alike, the first.
pub(crate) fn more_telling(first: Option<Miss>, second: Option<Miss>) -> Option<Miss> {
    match (first, second) {
        (Some(first), Some(second)) if second.kind > first.kind => Some(second),
        (first, second) => first.or(second),
    }
}

/// Asks for a document. Redirects are followed within the origin only, at most two.
pub(crate) async fn fetch(ctx: &Context<'_>, address: &Url) -> Result<Fetched, NetError> {
    let ask = Ask::get(address.clone(), ctx.reach)
        .accept("application/json")
        .header(HeaderName::from_static("mcp-protocol-version"), HeaderValue::from_static(PROTOCOL_VERSION))
        .follow(Follow::SameOrigin(MAX_REDIRECTS));
    let answer = ctx.http.ask(&ask, ctx.trace).await?;
    if answer.status.is_success()
        && !is_challenge(&answer)
        && let Some(document) = object(&answer)
    {
        return Ok(Fetched::Document(document));
    }
    Ok(Fetched::Miss(miss_of(ctx, address, &answer)))
}

fn miss_of(ctx: &Context<'_>, address: &Url, answer: &Answer) -> Miss {
    let status = answer.status;
    let new = |kind, code| Miss::new(kind, code, address, answer);
    if is_challenge(answer) || (status == StatusCode::FORBIDDEN && answer.is_html()) {
        return new(MissKind::BlockedPage, Code::HttpBlockedPage).map(|failure| with_page_facts(failure, answer));
    }
    if let Some(target) = led_astray(address, answer) {
        return new(MissKind::Redirected, Code::MetaRedirected)
            .map(|failure| failure.with_fact("Leads to", mask_url(&target)));
    }
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => new(MissKind::Locked, Code::MetaBlocked),
        StatusCode::TOO_MANY_REQUESTS => {
            new(MissKind::NotAsked, Code::HttpRateLimited).map(|failure| with_wait(ctx, failure, answer))
        }
        StatusCode::NOT_IMPLEMENTED => new(MissKind::Nothing, Code::MetaNone),
        _ if status.is_server_error() => new(MissKind::NotAsked, Code::HttpServerError),
        _ if status.is_success() => new(MissKind::NotJson, Code::MetaNotJson).map(|failure| {
            if answer.is_html() {
                with_page_facts(failure, answer)
            } else {
                failure.with_text("The description of the sign-in cannot be read.")
            }
        }),
        _ => new(MissKind::Nothing, Code::MetaNone),
    }
}

/// Where the site led the request instead of answering it. A slash added to the path leads nowhere else.
fn led_astray(asked: &Url, answer: &Answer) -> Option<Url> {
    if answer.status.is_redirection() {
        return answer.location();
    }
    let slash_only = answer.url.path().trim_end_matches('/') == asked.path().trim_end_matches('/');
    (!slash_only).then(|| answer.url.clone())
}

/// Adds how long the other side asks to wait.
pub(crate) fn with_wait(ctx: &Context<'_>, failure: Failure, answer: &Answer) -> Failure {
    match answer.retry_after(ctx.clock.now()) {
        Some(seconds) => failure.with_fact("Retry after", format!("{seconds} s")),
        None => failure,
    }
}
