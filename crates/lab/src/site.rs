//! One listener on loopback with a thread and a runtime of its own, so that dropping it closes every connection at once
//! and a test's paused clock does not stop it. What is served is a [`Site`].

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::serve::ListenerExt;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use replug_core::Clock;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::wire::{self, Incoming};
use crate::{Front, RequestLog};

/// Something that answers requests.
pub(crate) trait Site: Send + Sync + 'static {
    /// The clock behind every `Date` header and every expiry.
    fn clock(&self) -> &dyn Clock;
    /// Where requests are written down.
    fn log(&self) -> &RequestLog;
    /// What stands before the endpoint that is asked.
    fn front(&self, request: &Incoming) -> Front;
    /// The endpoint's own answer.
    fn answer(&self, request: &Incoming) -> Response;
}

/// A site at a port of 127.0.0.1. It keeps its port while it is unplugged.
pub(crate) struct Socket {
    address: SocketAddr,
    site: Arc<dyn Site>,
    running: Mutex<Option<Running>>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Socket {
    pub(crate) fn open(site: Arc<dyn Site>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let running = Running::start(listener, Arc::clone(&site), origin_of(address))?;
        Ok(Self { address, site, running: Mutex::new(Some(running)) })
    }

    pub(crate) fn origin(&self) -> String {
        origin_of(self.address)
    }

    /// Closes the listener and every connection. What the site remembers stays.
    pub(crate) fn unplug(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.stop();
        }
    }

    /// Listens again at the same port. Fails when somebody else took it meanwhile.
    pub(crate) fn plug_in(&self) -> io::Result<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_none() {
            let listener = TcpListener::bind(self.address)?;
            *running = Some(Running::start(listener, Arc::clone(&self.site), self.origin())?);
        }
        Ok(())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.unplug();
    }
}

fn origin_of(address: SocketAddr) -> String {
    format!("http://{address}")
}

impl Running {
    fn start(listener: TcpListener, site: Arc<dyn Site>, origin: String) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("lab server".to_owned())
            .spawn(move || run(&runtime, listener, router(site, origin), stopped))?;
        Ok(Self { stop, thread })
    }

    fn stop(self) {
        // A thread that is gone has nothing left to be told or waited for.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

fn run(runtime: &Runtime, listener: tokio::net::TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small answers may be slow");
        }
    });
    runtime.block_on(async {
        tokio::select! {
            ended = async { axum::serve(listener, router).await } => {
                tracing::warn!(?ended, "a lab server ended by itself");
            }
            _ = stopped => {}
        }
    });
}

fn router(site: Arc<dyn Site>, origin: String) -> Router {
    Router::new().fallback(move |request: Request| serve(Arc::clone(&site), origin.clone(), request))
}

async fn serve(site: Arc<dyn Site>, origin: String, request: Request) -> Response {
    let Ok(request) = Incoming::read(origin, request).await else {
        return wire::text(413, "The request is too large or broke off");
    };
    let place = site.log().arrived(&request);
    let front = site.front(&request);
    let mut response = front.stand_before(site.as_ref(), &request).await;
    if let Some(date) = date_of(site.clock().now()) {
        response.headers_mut().insert(header::DATE, date);
    }
    site.log().answered(place, response.status().as_u16());
    response
}

/// The `Date` header (RFC 9110 §6.6.1) by the site's own clock, not by the computer's.
fn date_of(now: Timestamp) -> Option<HeaderValue> {
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()?;
    HeaderValue::from_str(&text).ok()
}
