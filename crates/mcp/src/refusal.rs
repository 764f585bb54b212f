//! Why a server cannot be talked to, one variant for each meaning, with its evidence. Which answer leads to which variant
//! is decided in `verdict`; what a person should do about a missing sign-in is the engine's to say.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use replug_core::{Code, Failure, sanitize};
use replug_net::{NetError, mask_url};
use url::Url;

/// The values of `WWW-Authenticate` (RFC 9110 §11.6.1), one for each header line. Servers can echo a token in them, so they
/// are not printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Challenges(Vec<String>);

impl Challenges {
    pub(crate) const fn new(values: Vec<String>) -> Self {
        Self(values)
    }

    /// The values.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenges({})", self.0.len())
    }
}

/// Why a request was not answered the way MCP answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 401, or 403 whose challenge says `invalid_token` (RFC 6750 §3.1).
    Unauthorized {
        /// What the server asks for.
        challenges: Challenges,
    },
    /// 403 with `insufficient_scope` (RFC 6750 §3.1).
    InsufficientScope {
        /// What the server asks for.
        challenges: Challenges,
    },
    /// 403 without an OAuth error.
    Forbidden {
        /// The value of `x-deny-reason`, which some gateways send.
        deny_reason: Option<String>,
        /// The server's words.
        said: String,
    },
    /// A firewall's page, or a challenge for browsers.
    BlockedPage {
        /// The status.
        status: StatusCode,
        /// The page's title.
        title: Option<String>,
        /// What gave it away, such as `cf-mitigated: challenge`.
        markers: Vec<String>,
    },
    /// A web page with a status of success where a message is expected.
    WebPage {
        /// The status.
        status: StatusCode,
        /// The page's title.
        title: Option<String>,
    },
    /// A redirect that is not followed. Nothing secret was sent there.
    RedirectsAway {
        /// Where it leads.
        to: Url,
        /// The status.
        status: StatusCode,
    },
    /// The old transport's `endpoint` event names an address on another origin (2024-11-05 transports). It is not contacted.
    MessagesElsewhere {
        /// The address it names.
        to: Url,
    },
    /// 404.
    NotFound,
    /// 429.
    RateLimited {
        /// For how many seconds the server asks to wait.
        retry_after_s: Option<u64>,
    },
    /// 5xx.
    ServerError {
        /// The status.
        status: StatusCode,
        /// For how many seconds the server asks to wait.
        retry_after_s: Option<u64>,
        /// The server's words; may be empty.
        said: String,
    },
    /// Another status of 4xx, without a JSON-RPC error.
    Rejected {
        /// The status.
        status: StatusCode,
        /// The server's words; may be empty.
        said: String,
    },
    /// The answer is no MCP message.
    NotMcp {
        /// What it is instead.
        why: String,
    },
    /// No revision is spoken by both sides.
    VersionUnsupported {
        /// What the server offers.
        offered: Vec<String>,
    },
    /// The server answered the greeting with a JSON-RPC error.
    Handshake {
        /// The error's code.
        code: i64,
        /// The error's message.
        message: String,
    },
    /// The server forgot the session, and did so again after a new one was begun.
    SessionLost,
    /// The server wants something before it answers that Replug cannot give (2026-07-28 basic/patterns/mrtr).
    InputWanted {
        /// The method it asks with, or what it does instead of coming to an end.
        what: String,
    },
    /// There was no answer.
    Net(NetError),
}

impl Refusal {
    pub(crate) fn input_wanted(what: &str) -> Self {
        Self::InputWanted { what: sanitize(what, 100) }
    }

    /// For how long the server asks to be left alone (RFC 9110 §10.2.3).
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after_s } | Self::ServerError { retry_after_s, .. } => {
                retry_after_s.map(Duration::from_secs)
            }
            _ => None,
        }
    }

    /// The failure a person sees. `None` for a missing sign-in, because what is missing depends on what is stored.
    pub fn to_failure(&self) -> Option<Failure> {
        Some(match self {
            Self::Unauthorized { .. } => return None,
            Self::InsufficientScope { .. } => Failure::new(Code::TokenScope),
            Self::Net(error) => error.clone().into(),
            Self::NotFound => Failure::new(Code::HttpNotFound).with_fact("Status", "404"),
            Self::SessionLost => {
                Failure::new(Code::HttpUnexpected).with_text("The server forgets the session as soon as it has begun.")
            }
            Self::InputWanted { what } => Failure::new(Code::HttpUnexpected)
                .with_text("The server wants something that Replug cannot give before it answers.")
                .with_fact("It asks for", what),
            Self::RateLimited { retry_after_s } => with_wait(Failure::new(Code::HttpRateLimited), *retry_after_s),
            Self::NotMcp { why } => Failure::new(Code::McpNotMcp).with_fact("Answer", why),
            Self::VersionUnsupported { offered } => {
                Failure::new(Code::McpVersion).with_fact("Server speaks", offered.join(", "))
            }
            Self::Handshake { code, message } => {
                Failure::new(Code::McpHandshake).with_fact("Error", code.to_string()).with_said(message)
            }
            Self::Forbidden { .. }
            | Self::BlockedPage { .. }
            | Self::WebPage { .. }
            | Self::RedirectsAway { .. }
            | Self::MessagesElsewhere { .. }
            | Self::ServerError { .. }
            | Self::Rejected { .. } => return self.http_failure(),
        })
    }

    fn http_failure(&self) -> Option<Failure> {
        Some(match self {
            Self::Forbidden { deny_reason, said } => {
                let failure = Failure::new(Code::HttpForbidden).with_said(said);
                match deny_reason {
                    Some(reason) => failure.with_fact("Reason given", reason),
                    None => failure,
                }
            }
            Self::BlockedPage { status, title, markers } => {
                let failure = page(Code::HttpBlockedPage, *status, title.as_deref());
                markers.iter().fold(failure, |failure, marker| failure.with_fact("Marker", marker))
            }
            Self::WebPage { status, title } => page(Code::McpNotMcp, *status, title.as_deref()),
            Self::RedirectsAway { to, status } => Failure::new(Code::HttpRedirectsAway)
                .with_fact("New address", mask_url(to))
                .with_fact("Status", status.as_str()),
            Self::MessagesElsewhere { to } => Failure::new(Code::HttpUnexpected)
                .with_text("The server wants messages sent to another site.")
                .with_fact("Address", mask_url(to)),
            Self::ServerError { status, retry_after_s, said } => {
                let failure = Failure::new(Code::HttpServerError).with_fact("Status", status.as_str());
                with_wait(failure, *retry_after_s).with_said(said)
            }
            Self::Rejected { status, said } => {
                Failure::new(Code::McpNotMcp).with_fact("Status", status.as_str()).with_said(said)
            }
            _ => return None,
        })
    }
}

fn with_wait(failure: Failure, seconds: Option<u64>) -> Failure {
    match seconds {
        Some(seconds) => failure.with_fact("Retry after", format!("{seconds} s")),
        None => failure,
    }
}

fn page(code: Code, status: StatusCode, title: Option<&str>) -> Failure {
    let failure = Failure::new(code).with_fact("Status", status.as_str());
    match title {
        Some(title) => failure.with_fact("Page title", title),
        None => failure,
    }
}

impl From<NetError> for Refusal {
    fn from(error: NetError) -> Self {
        Self::Net(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_failure() {
            Some(failure) => failure.fmt(f),
            None => f.write_str("the server asks for a sign-in"),
        }
    }
}

impl std::error::Error for Refusal {}
