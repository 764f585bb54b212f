//! Requests to the callback listener, as raw bytes on a socket: only the right state is let in, and everything else gets a
//! fixed page or none, and changes nothing.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use replug_core::{CallbackHost, Failure};
use replug_oauth::{Attempt, AttemptInput, Callback, Listener, ServiceMetadata, ServiceSource};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::site::Site;

/// What stands for the attempt's state, and for its host with the port.
const STATE: &[u8] = b"STATE";
const HOST: &[u8] = b"HOST";

thread_local! {
    static FLOW: RefCell<Option<Flow>> = const { RefCell::new(None) };
}

/// An attempt that is waited for.
struct Flow {
    state: String,
    host: String,
    port: u16,
    outcome: JoinHandle<Result<Callback, Failure>>,
}

/// The bytes are what a browser, or somebody else, sends.
pub fn check(bytes: &[u8]) {
    Site::with(|site| {
        FLOW.with_borrow_mut(|flow| {
            let live = flow.take().unwrap_or_else(|| begin(site));
            let request =
                crate::replace(&crate::replace(bytes, STATE, live.state.as_bytes()), HOST, live.host.as_bytes());
            let page = site.runtime.block_on(send(live.port, &request));
            check_page(&page, &live, &request);
            let over = site.runtime.block_on(async {
                // Whatever the hit led to has been led to by now, because its answer is there.
                tokio::task::yield_now().await;
                live.outcome.is_finished()
            });
            if !over {
                *flow = Some(live);
                return;
            }
            let text = String::from_utf8_lossy(&request);
            assert!(text.contains(&live.state) || is_encoded(&text), "ended without the state: {text}");
            if let Ok(callback) = site.runtime.block_on(live.outcome).unwrap() {
                assert!(!callback.code.expose().is_empty());
            }
        });
    });
}

/// The state may be spelled with percent signs, which says the same.
fn is_encoded(text: &str) -> bool {
    text.contains('%')
}

fn begin(site: &Site) -> Flow {
    let (attempt, listener) = site.run(async |ctx| {
        let listener = Listener::bind(CallbackHost::Literal, None, "/callback").await.unwrap();
        let input = AttemptInput {
            client_id: "client-1",
            redirect: listener.redirect().clone(),
            scopes: &[],
            offline: false,
            resource: None,
            extra_params: &[],
        };
        (Arc::new(Attempt::begin(ctx, &service(), &input).unwrap()), listener)
    });
    let (state, port) = (attempt.state.expose().clone(), attempt.redirect.port);
    let outcome = site.runtime.spawn(async move {
        let later = Instant::now() + Duration::from_hours(24);
        listener.wait(&attempt, false, later, std::future::pending()).await
    });
    Flow { state, host: format!("127.0.0.1:{port}"), port, outcome }
}

fn service() -> ServiceMetadata {
    ServiceMetadata {
        issuer: "https://auth.example".to_owned(),
        source: ServiceSource::OauthMetadata,
        authorization_endpoint: "https://auth.example/authorize".to_owned(),
        token_endpoint: "https://auth.example/token".to_owned(),
        registration_endpoint: None,
        device_authorization_endpoint: None,
        revocation_endpoint: None,
        scopes: Vec::new(),
        code_challenge_methods: None,
        auth_methods: Vec::new(),
        grant_types: Vec::new(),
        iss_parameter: false,
        client_id_document: false,
    }
}

/// Sends the bytes and nothing more, and reads what comes back.
async fn send(port: u16, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    // The listener may close before it has read everything.
    let _ = stream.write_all(request).await;
    let _ = stream.shutdown().await;
    let mut page = Vec::new();
    let _ = stream.read_to_end(&mut page).await;
    page
}

/// A page is one of few, and has the headers that it needs; none is in order too.
fn check_page(page: &[u8], live: &Flow, request: &[u8]) {
    if page.is_empty() {
        return;
    }
    let page = std::str::from_utf8(page).unwrap();
    assert!(!page.contains(&live.state), "the state came back for {}", String::from_utf8_lossy(request));
    let (head, body) = page.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    for header in
        ["cache-control: no-store", "content-security-policy: default-src 'none'", "referrer-policy: no-referrer"]
    {
        assert!(head.contains(header), "{head}");
    }
    assert!(!head.contains("access-control-") && !head.contains("set-cookie"), "{head}");
    assert!(body.is_empty() || body.starts_with("<!doctype html>"), "{body}");
    assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
}
