//! The pages of the window over HTTP on loopback, with the real engine behind them, for tests in a browser. What a command
//! does is in the engine; the real window has no such server.

mod commands;
mod pages;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{BoxError, Router};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use replug_engine::wire::Event;
use replug_engine::{Engine, EventStream};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::wire;
use pages::Pages;

/// The server of the pages, at a port of its own. Dropping it ends it.
pub struct UiServer {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl UiServer {
    /// Serves the pages of `dist`, a build for the lab, and the commands of `engine`.
    ///
    /// Fails when `dist` cannot be read or has no `index.html`.
    pub async fn start(engine: Engine, dist: &Path) -> io::Result<Self> {
        let pages = Pages::read(dist)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = router(engine, pages, address);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "the pages are not served any more");
            }
        });
        Ok(Self { address, task })
    }

    /// Where the start page is: scheme, host and port, without a slash at the end.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for UiServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn router(engine: Engine, pages: Pages, address: SocketAddr) -> Router {
    let own: Arc<str> = Arc::from(address.to_string());
    let pages = Arc::new(pages);
    let show = move |request: Request| std::future::ready(pages.page(request.method(), request.uri().path()));
    Router::new()
        .nest("/api", commands::router(engine.clone()))
        .route("/events", get(events).with_state(engine))
        .fallback(show)
        .layer(middleware::from_fn_with_state(own, only_own_pages))
}

/// Lets nobody in who came by another name, as a page does whose host was made to resolve to this computer, nor a command
/// that another page sends.
async fn only_own_pages(State(own): State<Arc<str>>, request: Request, next: Next) -> Response {
    if !is_own(request.method(), request.headers(), &own) {
        return wire::text(403, "This is for the pages of the lab alone");
    }
    next.run(request).await
}

fn is_own(method: &Method, headers: &HeaderMap, own: &str) -> bool {
    let value = |name| headers.get(name).map(HeaderValue::as_bytes);
    let origin = format!("http://{own}");
    let comes_here = value(header::HOST) == Some(own.as_bytes());
    let comes_from_here = value(header::ORIGIN).map_or(method == Method::GET, |sent| sent == origin.as_bytes());
    comes_here && comes_from_here
}

/// What happens from now on, as server-sent events.
async fn events(State(engine): State<Engine>) -> Response {
    let mut response = wire::typed(200, "text/event-stream", Body::from_stream(lines(engine.subscribe())));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn lines(events: EventStream) -> impl Stream<Item = Result<Bytes, BoxError>> {
    // A page that asks before anything happens has to see that it is connected.
    let opened = stream::iter([Ok(Bytes::from_static(b": listening\n\n"))]);
    let told = stream::unfold(events, |mut events| async move {
        let event = events.next().await?;
        Some((line(&event), events))
    });
    opened.chain(told)
}

/// JSON has no line breaks, so that one `data` line holds an event.
fn line(event: &Event) -> Result<Bytes, BoxError> {
    Ok(Bytes::from(format!("data: {}\n\n", serde_json::to_string(event)?)))
}
