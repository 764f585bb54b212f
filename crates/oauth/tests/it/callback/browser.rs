//! A listener that waits for an attempt, and what stands for the browser: raw bytes on a socket.

use std::future::{Future, pending};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use replug_core::{CallbackHost, Failure};
use replug_oauth::{Attempt, Callback, Listener};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::fakes::Surroundings;
use crate::parts::attempt;

/// Long enough for every test that does not want to see it pass.
const LONG: Duration = Duration::from_mins(2);

/// An attempt with its listener, waiting.
pub(super) struct Waiting {
    pub(super) attempt: Arc<Attempt>,
    pub(super) outcome: JoinHandle<Result<Callback, Failure>>,
}

impl Waiting {
    pub(super) async fn start() -> Self {
        Self::with(CallbackHost::Literal, false).await
    }

    pub(super) async fn with(host: CallbackHost, iss_required: bool) -> Self {
        let listener = Listener::bind(host, None, "/callback").await.unwrap();
        Self::begin(listener, iss_required, Instant::now() + LONG, pending())
    }

    pub(super) fn begin(
        listener: Listener,
        iss_required: bool,
        deadline: Instant,
        cancel: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let surroundings = Surroundings::new();
        let attempt = Arc::new(attempt(&surroundings.context(), "http://127.0.0.1:9", listener.redirect().clone()));
        let waiting = Arc::clone(&attempt);
        let outcome = tokio::spawn(async move { listener.wait(&waiting, iss_required, deadline, cancel).await });
        Self { attempt, outcome }
    }

    pub(super) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.attempt.redirect.port))
    }

    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.attempt.redirect.host.as_str(), self.attempt.redirect.port)
    }

    /// The callback path with the right state and more parameters.
    pub(super) fn target(&self, more: &str) -> String {
        format!("/callback?state={}{more}", self.attempt.state.expose())
    }

    /// A GET as a browser sends it.
    pub(super) async fn get(&self, target: &str) -> Page {
        self.send(&format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n\r\n",
            self.authority()
        ))
        .await
    }

    pub(super) async fn post(&self, target: &str, content_type: &str, body: &str) -> Page {
        self.send(&format!(
            "POST {target} HTTP/1.1\r\nHost: {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
            self.authority(),
            body.len()
        ))
        .await
    }

    /// Any bytes; an answer that does not come is an empty page.
    pub(super) async fn send(&self, bytes: &str) -> Page {
        Page::fetch(self.address(), bytes).await
    }

    /// The outcome, which has to come by itself now.
    pub(super) async fn finish(self) -> Result<Callback, Failure> {
        tokio::time::timeout(LONG, self.outcome).await.unwrap().unwrap()
    }

    /// Shows that the attempt is still alive, by bringing it to a good end.
    pub(super) async fn still_works(self) {
        let page = self.get(&self.target("&code=good")).await;
        assert_eq!(page.status, 200, "the right answer is taken: {page:?}");
        let callback = self.finish().await.unwrap();
        assert_eq!(callback.code.expose(), "good");
    }
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Page {
    pub(super) async fn fetch(address: SocketAddr, bytes: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The listener may have closed before it read everything; what counts is what it said.
        let _ = stream.write_all(bytes.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Self { status: status.unwrap_or(0), head: head.to_owned(), body: body.to_owned() }
    }
}
