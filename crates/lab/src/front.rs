//! What stands between a client and an endpoint: firewalls, catch-all pages, redirects, limits, slow and broken lines. The
//! endpoint behind it is not touched; what the endpoint itself does wrong is in its own switches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use crate::site::Site;
use crate::wire::{self, Incoming};

/// One obstacle before one endpoint.
#[derive(Debug, Clone, Default)]
pub enum Front {
    /// Nothing; the endpoint answers.
    #[default]
    Open,
    /// A bot challenge of a firewall: a page with the marks such products leave.
    Firewall {
        /// Its status, usually 403 or 200.
        status: u16,
    },
    /// An ordinary web page, as a catch-all route of a single-page application sends it.
    WebPage {
        /// Its status, usually 200.
        status: u16,
    },
    /// Plain words, or nothing when `body` is empty.
    Plain {
        /// The status.
        status: u16,
        /// The words.
        body: String,
    },
    /// Any JSON document.
    Json {
        /// The status.
        status: u16,
        /// The document.
        body: Value,
    },
    /// 429 with `Retry-After` and a body that is no OAuth error.
    RateLimited {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// 503 with `Retry-After`.
    Unavailable {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// 200 and a stream of events that says something now and then, and never ends.
    Events,
    /// A 307 to the same path below a language prefix.
    Locale {
        /// Whether the endpoint answers there; else a web page with 404.
        works: bool,
    },
    /// A redirect to the same path at another origin.
    Moved {
        /// 301, 302, 307 or 308.
        status: u16,
        /// Scheme, host and port, without a slash at the end.
        origin: String,
    },
    /// The endpoint answers after a while.
    Slow(Duration),
    /// The request is read, and nothing ever comes back.
    Silent,
    /// The connection ends in the middle of an answer; the endpoint is not asked.
    CutOff,
    /// The endpoint does its work, and the connection ends before its answer is through.
    AnswerLost,
    /// The endpoint does its work, and its answer never comes.
    AnswerHeld,
    /// The endpoint does its work, and something in between answers a web page in its stead.
    AnswerReplaced {
        /// The status of that page, such as 502.
        status: u16,
    },
    /// The endpoint does its work; half of its answer comes, and then nothing.
    AnswerHalf,
    /// Another obstacle, for a number of requests only; made by [`Front::first`].
    First {
        /// How many requests still meet it.
        left: Arc<AtomicU32>,
        /// The obstacle.
        front: Box<Self>,
    },
    /// Another obstacle, for all but a number of requests; made by [`Front::after`].
    After {
        /// How many requests do not meet it yet.
        left: Arc<AtomicU32>,
        /// The obstacle.
        front: Box<Self>,
    },
}

impl Front {
    /// The obstacle for the next `times` requests, then nothing.
    #[must_use]
    pub fn first(times: u32, front: Self) -> Self {
        Self::First { left: Arc::new(AtomicU32::new(times)), front: Box::new(front) }
    }

    /// Nothing for the next `times` requests, then the obstacle.
    #[must_use]
    pub fn after(times: u32, front: Self) -> Self {
        Self::After { left: Arc::new(AtomicU32::new(times)), front: Box::new(front) }
    }

    /// The obstacle this very request meets.
    fn met(self) -> Self {
        let is_counted = |left: &AtomicU32| {
            left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
        };
        match self {
            Self::First { left, front } => {
                if is_counted(&left) {
                    front.met()
                } else {
                    Self::Open
                }
            }
            Self::After { left, front } => {
                if is_counted(&left) {
                    Self::Open
                } else {
                    front.met()
                }
            }
            other => other,
        }
    }

    pub(crate) async fn stand_before(self, site: &dyn Site, request: &Incoming) -> Response {
        let met = self.met();
        if request.is_localised() && !matches!(met, Self::Locale { works: true }) {
            return wire::html(404, page("Page not found"));
        }
        match met {
            Self::Open | Self::First { .. } | Self::After { .. } => site.answer(request),
            Self::Firewall { status } => firewall(status),
            Self::WebPage { status } => wire::html(status, page("Welcome")),
            Self::Plain { status, body } if body.is_empty() => wire::empty(status),
            Self::Plain { status, body } => wire::text(status, body),
            Self::Json { status, body } => wire::json(status, &body),
            Self::RateLimited { retry_after_s } => {
                wire::with_header(wire::text(429, "Too many requests"), header::RETRY_AFTER, &retry_after_s.to_string())
            }
            Self::Unavailable { retry_after_s } => {
                wire::with_header(wire::text(503, "Closed"), header::RETRY_AFTER, &retry_after_s.to_string())
            }
            Self::Events => events(),
            Self::Locale { .. } if request.is_localised() => site.answer(request),
            Self::Locale { .. } => wire::redirect(307, &request.localised_target()),
            Self::Moved { status, origin } => wire::redirect(status, &format!("{origin}{}", request.target())),
            Self::Slow(pause) => {
                tokio::time::sleep(pause).await;
                site.answer(request)
            }
            Self::Silent => std::future::pending().await,
            Self::CutOff => cut_off(),
            Self::AnswerLost => {
                drop(site.answer(request));
                cut_off()
            }
            Self::AnswerReplaced { status } => {
                drop(site.answer(request));
                wire::html(status, page("Bad gateway"))
            }
            Self::AnswerHalf => {
                drop(site.answer(request));
                half_an_answer()
            }
            Self::AnswerHeld => {
                drop(site.answer(request));
                std::future::pending().await
            }
        }
    }
}

fn page(title: &str) -> String {
    format!("<!doctype html><html><head><title>{title}</title></head><body><div id=\"app\">{title}</div></body></html>")
}

fn firewall(status: u16) -> Response {
    let response = wire::html(
        status,
        page("Just a moment...").replace("<body>", "<body><noscript>Enable JavaScript to continue</noscript>"),
    );
    let response = wire::with_header(response, header::SERVER, "cloudflare");
    let response = wire::with_header(response, HeaderName::from_static("cf-mitigated"), "challenge");
    wire::with_header(response, HeaderName::from_static("cf-ray"), "8f00ba4000000000-LAB")
}

/// A stream of events with one in it; the rest never comes.
fn events() -> Response {
    let first = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b": here\n\ndata: {}\n\n")) });
    wire::typed(200, "text/event-stream", Body::from_stream(stream::StreamExt::chain(first, stream::pending())))
}

/// An answer that promises 4 KiB and never comes to its end.
fn half_an_answer() -> Response {
    let begun = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{\""))]);
    let response = wire::typed(200, "application/json", Body::from_stream(begun.chain(stream::pending())));
    wire::with_header(response, header::CONTENT_LENGTH, "4096")
}

/// An answer that promises 4 KiB and breaks off after its first bytes.
fn cut_off() -> Response {
    let chunks = [Ok(Bytes::from_static(b"{\"")), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    let response = wire::typed(200, "application/json", Body::from_stream(stream::iter(chunks)));
    wire::with_header(response, header::CONTENT_LENGTH, "4096")
}
