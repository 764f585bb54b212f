//! A server on this computer that answers every request with the same bytes, and a client's surroundings to ask it with. Both
//! live in one thread, so that a check can be repeated thousands of times a second.

use std::cell::OnceCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use replug_core::{Clock, Random};
use replug_net::{Http, HttpOptions, Reach, Trace};
use replug_oauth::Context;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

thread_local! {
    static SITE: OnceCell<Site> = const { OnceCell::new() };
}

/// The server, and everything around a request to it.
pub(crate) struct Site {
    pub(crate) runtime: Runtime,
    pub(crate) address: SocketAddr,
    answer: Arc<Mutex<Vec<u8>>>,
    http: Http,
    clock: StoppedClock,
    random: CountingRandom,
}

impl Site {
    /// Runs `check` with the thread's own site.
    pub(crate) fn with<T>(check: impl FnOnce(&Self) -> T) -> T {
        SITE.with(|site| check(site.get_or_init(Self::start)))
    }

    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::<Mutex<Vec<u8>>>::default();
        let shared = Arc::clone(&answer);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        let http = Http::new(HttpOptions::default()).unwrap();
        Self { runtime, address, answer, http, clock: StoppedClock, random: CountingRandom::default() }
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers every request from now on with this status, type and body.
    pub(crate) fn say(&self, status: u16, content_type: &str, body: &[u8]) {
        // These have no body (RFC 9110 §6.4.1), and bytes after them would be read as the next answer.
        let body = if matches!(status, 204 | 304) { &[] } else { body };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nlocation: /elsewhere\r\n\r\n",
            body.len()
        );
        *self.answer.lock().unwrap() = [head.as_bytes(), body].concat();
    }

    /// Takes a protocol step in the surroundings of a connector on this computer.
    pub(crate) fn run<T>(&self, step: impl AsyncFnOnce(&Context<'_>) -> T) -> T {
        let trace = Trace::new();
        let ctx = Context {
            http: &self.http,
            trace: &trace,
            clock: &self.clock,
            random: &self.random,
            reach: Reach::OWN,
            loopback: true,
        };
        self.runtime.block_on(step(&ctx))
    }
}

async fn serve(mut stream: TcpStream, answer: Arc<Mutex<Vec<u8>>>) {
    let mut bytes = Vec::new();
    loop {
        while !is_whole(&bytes) {
            if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
                return;
            }
        }
        bytes.clear();
        let answer = answer.lock().unwrap().clone();
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// Whether a request has arrived to its end. The client sends one after the other.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0_usize)
}

/// A clock that stands still.
#[derive(Debug)]
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

/// Bytes that differ with every call.
#[derive(Debug, Default)]
struct CountingRandom(std::sync::atomic::AtomicU64);

impl Random for CountingRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let count = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            *byte = count.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0];
        }
    }
}
