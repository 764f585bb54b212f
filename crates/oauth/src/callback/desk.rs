//! Deciding about one request to the callback listener: which answer it gets, and whether it is the one that was waited
//! for. Sockets and time limits are in `listener`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use replug_core::{Failure, Redirect};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Callback;
use super::page::{Page, Reply};
use super::request::{Request, Unreadable};
use super::response::{Expected, Fields};

/// Pages for wrong hits within [`WINDOW`]; whoever sends more gets none (T10).
const PAGES_PER_WINDOW: u32 = 300;
const WINDOW: Duration = Duration::from_secs(1);

/// How the attempt ended.
pub(super) type Outcome = Result<Callback, Failure>;

/// Knows what is waited for, and hands it over once.
pub(super) struct Desk {
    redirect: Redirect,
    expected: Expected,
    waiting: Mutex<Option<oneshot::Sender<Outcome>>>,
    wrong_hits: Mutex<(Instant, u32)>,
}

impl Desk {
    /// A desk, and where the outcome arrives.
    pub(super) fn new(redirect: Redirect, expected: Expected) -> (Self, oneshot::Receiver<Outcome>) {
        let (sender, receiver) = oneshot::channel();
        let desk =
            Self { redirect, expected, waiting: Mutex::new(Some(sender)), wrong_hits: Mutex::new((Instant::now(), 0)) };
        (desk, receiver)
    }

    /// The answer to what was read, or to what could not be; `None` closes the connection without one.
    pub(super) fn answer(&self, read: Result<Request, Unreadable>) -> Option<Reply> {
        let status = match read {
            Ok(request) => match self.check(&request) {
                Ok(()) => return self.attend(&request),
                Err(status) => status,
            },
            Err(Unreadable::Status(status)) => status,
            Err(Unreadable::Gone) => return None,
        };
        self.wrong_hit(status, Page::Nothing)
    }

    /// Whether a request may be looked at: the attempt's own host (against DNS rebinding), the callback path, a method that
    /// brings answers, and a navigation of the whole tab rather than a script, an image or a frame (T12).
    fn check(&self, request: &Request) -> Result<(), u16> {
        if !request.header("host").is_some_and(|host| self.is_own_host(host)) {
            return Err(421);
        }
        if request.path() != self.redirect.path {
            return Err(404);
        }
        if !matches!(request.method.as_str(), "GET" | "POST" | "HEAD") {
            return Err(405);
        }
        let other_than = |name, value| request.header(name).is_some_and(|found| !found.eq_ignore_ascii_case(value));
        if other_than("sec-fetch-dest", "document") || other_than("sec-fetch-mode", "navigate") {
            return Err(403);
        }
        Ok(())
    }

    fn is_own_host(&self, host: &str) -> bool {
        let name = self.redirect.host.as_str();
        let own = format!("{name}:{}", self.redirect.port);
        // Browsers leave out the usual port.
        host.eq_ignore_ascii_case(&own) || (self.redirect.port == 80 && host.eq_ignore_ascii_case(name))
    }

    fn attend(&self, request: &Request) -> Option<Reply> {
        if request.method == "HEAD" {
            // Link scanners look before the person does; that must not use the answer up.
            return Some(Reply { status: 200, page: Page::Empty });
        }
        let posted = request.method == "POST";
        let mut fields = Fields::parse(request.query().as_bytes());
        if posted && !fields.has("state") {
            // Without the answer in the address it was no 307 from a consent page, so it is `response_mode=form_post`.
            if !is_urlencoded(request) {
                return self.wrong_hit(415, Page::Nothing);
            }
            fields = Fields::parse(&request.body);
        }
        if !self.expected.is_ours(&fields) {
            let page = if fields.is_empty() { Page::NoAnswer } else { Page::OldTab };
            return self.wrong_hit(400, page);
        }
        Some(Reply { status: 200, page: self.hand_over(&fields, posted) })
    }

    /// Hands the first answer with the right state over, and turns the later ones away.
    fn hand_over(&self, fields: &Fields, posted: bool) -> Page {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(sender) = waiting else {
            return Page::AlreadyDone;
        };
        let outcome = self.expected.judge(fields, posted);
        let page = if outcome.is_ok() { Page::Done } else { Page::Failed };
        tracing::info!(accepted = outcome.is_ok(), posted, "the browser came back");
        // Nobody waits any more when the attempt was given up in this very moment.
        let _ = sender.send(outcome);
        page
    }

    fn wrong_hit(&self, status: u16, page: Page) -> Option<Reply> {
        let mut hits = self.wrong_hits.lock().unwrap_or_else(PoisonError::into_inner);
        if hits.0.elapsed() > WINDOW {
            *hits = (Instant::now(), 0);
        }
        hits.1 = hits.1.saturating_add(1);
        (hits.1 <= PAGES_PER_WINDOW).then_some(Reply { status, page })
    }
}

fn is_urlencoded(request: &Request) -> bool {
    let media_type = request.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
