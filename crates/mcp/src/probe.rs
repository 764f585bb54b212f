//! Finding out how a server is spoken to: the eras in order, and when to stop (2026-07-28 streamable-http, Backward
//! Compatibility). The greetings themselves are in `handshake`.

use replug_net::{Http, Trace};

use crate::budget::Budget;
use crate::endpoint::Endpoint;
use crate::handshake::{Miss, Then, greet};
use crate::link::Link;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::version::{Era, Spoken};
use crate::wire::Wire;

const DEFAULT_ORDER: [Era; 3] = [Era::Modern, Era::Legacy, Era::Sse];

/// Begins a session with whatever the server speaks. `hint` is what worked last time; it is tried first, and the others
/// after it when it no longer works.
///
/// Each era is tried at most once. A 401, 403, 429, redirect or dead network ends the probe at once, because no other era
/// would be answered differently.
pub async fn probe<'a>(
    http: &'a Http,
    trace: &'a Trace,
    endpoint: &'a Endpoint,
    hint: Option<&Spoken>,
    budget: Budget,
) -> Result<Session<'a>, Refusal> {
    let wire = Wire { http, trace, endpoint, budget };
    let first = hint.map_or(Era::Modern, |spoken| spoken.era);
    let rest = DEFAULT_ORDER.into_iter().filter(|era| *era != first);
    let mut told: Option<(u8, Refusal)> = None;
    let mut old_transport = first == Era::Sse;
    for era in std::iter::once(first).chain(rest) {
        if era == Era::Sse && !old_transport {
            continue;
        }
        let miss = match begin(wire, era).await {
            Ok(session) => return Ok(session),
            Err(miss) => miss,
        };
        tracing::debug!(?era, refusal = %miss.refusal, "the server does not speak this era");
        if miss.then == Then::Stop {
            return Err(miss.refusal);
        }
        old_transport = era == Era::Legacy && miss.then == Then::AnyEra;
        let weight = weight_of(era, &miss.refusal);
        if told.as_ref().is_none_or(|(heavier, _)| weight >= *heavier) {
            told = Some((weight, miss.refusal));
        }
    }
    Err(told.map_or(Refusal::NotFound, |(_, refusal)| refusal))
}

/// Opens a link in one era and greets over it.
pub(crate) async fn begin(wire: Wire<'_>, era: Era) -> Result<Session<'_>, Miss> {
    let mut link = Link::open(wire, era).await.map_err(|refusal| Miss { then: after_opening(&refusal), refusal })?;
    let greeting = greet(&mut link).await?;
    Ok(Session::new(link, greeting))
}

/// Only the old transport contacts the server to open a link.
const fn after_opening(refusal: &Refusal) -> Then {
    match refusal {
        Refusal::NotFound
        | Refusal::Rejected { .. }
        | Refusal::NotMcp { .. }
        | Refusal::WebPage { .. }
        | Refusal::ServerError { .. } => Then::AnyEra,
        _ => Then::Stop,
    }
}

/// How much a refusal tells about the server when every era failed. What a server says to a method it cannot know tells
/// least.
const fn weight_of(era: Era, refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::VersionUnsupported { .. } => 7,
        _ if matches!(era, Era::Modern) => 0,
        Refusal::Handshake { .. } => 6,
        Refusal::ServerError { .. } if matches!(era, Era::Legacy) => 5,
        Refusal::WebPage { .. } => 4,
        Refusal::NotMcp { .. } => 3,
        Refusal::Rejected { .. } | Refusal::ServerError { .. } => 2,
        _ => 1,
    }
}
