//! A scripted HTTP server on this computer: routes to closures, every request written down. It knows no protocol above
//! HTTP/1.1 and closes each connection after its answer.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::{Url, form_urlencoded};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The target without its query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The members of the query, decoded, in order.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        pairs(query.as_bytes())
    }

    /// The members of a urlencoded body, decoded, in order.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        pairs(&self.body)
    }

    /// The first member of that name in a urlencoded body.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        self.form().into_iter().find_map(|(found, value)| (found == name).then_some(value))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(found, value)| (found == name).then_some(value.as_str()))
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    ending: Ending,
}

/// How the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// After the answer.
    Whole,
    /// In the middle of the body.
    CutOff,
    /// Before the answer.
    HungUp,
}

impl Reply {
    /// Any status with any text.
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), ending: Ending::Whole }
            .header("content-type", content_type)
    }

    /// 200 with JSON.
    pub(crate) fn json(value: &Value) -> Self {
        Self::json_with(200, value)
    }

    /// Any status with JSON.
    pub(crate) fn json_with(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// A web page with this title.
    pub(crate) fn page(status: u16, title: &str) -> Self {
        let html = format!("<!doctype html><html><head><title>{title}</title></head><body></body></html>");
        Self::new(status, "text/html; charset=utf-8", html)
    }

    /// Plain text.
    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain", text)
    }

    /// No body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), ending: Ending::Whole }
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::empty(status).header("location", location)
    }

    /// The connection is closed without an answer.
    pub(crate) fn hang_up() -> Self {
        Self { ending: Ending::HungUp, ..Self::empty(200) }
    }

    /// The connection is closed before the last byte of the body.
    pub(crate) fn cut_off(self) -> Self {
        Self { ending: Ending::CutOff, ..self }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", self.status);
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        let promised = self.body.len() + usize::from(self.ending == Ending::CutOff);
        write!(head, "content-length: {promised}\r\nconnection: close\r\n\r\n").unwrap();
        [head.as_bytes(), &self.body].concat()
    }
}

type Handler = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

#[derive(Default)]
struct Script {
    /// By `METHOD /path`.
    routes: HashMap<String, Handler>,
    seen: Vec<Request>,
}

/// A running server. It stops when dropped. Whatever has no route is answered with an empty 404.
pub(crate) struct Server {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::<Mutex<Script>>::default();
        let shared = Arc::clone(&script);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, script, task }
    }

    /// Answers `method` on `path` (without its query) by the closure. A later route replaces an earlier one.
    pub(crate) fn on(
        &self,
        method: &str,
        path: &str,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> &Self {
        let route = format!("{method} {path}");
        self.script.lock().unwrap().routes.insert(route, Arc::new(handler));
        self
    }

    /// Answers GET on `path` with JSON.
    pub(crate) fn document(&self, path: &str, value: Value) -> &Self {
        self.on("GET", path, move |_| Reply::json(&value))
    }

    /// Scheme, host and port, without a slash at the end.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of a path, byte for byte.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The address of a path, in parts.
    pub(crate) fn url(&self, path: &str) -> Url {
        self.at(path).parse().unwrap()
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.script.lock().unwrap().seen.clone()
    }

    /// Every request so far as `METHOD /path?query`.
    pub(crate) fn log(&self) -> Vec<String> {
        let script = self.script.lock().unwrap();
        script.seen.iter().map(|request| format!("{} {}", request.method, request.target)).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let Some(request) = read_request(&mut stream).await else {
        return;
    };
    let route = format!("{} {}", request.method, request.path());
    let handler = {
        let mut script = script.lock().unwrap();
        script.seen.push(request.clone());
        script.routes.get(&route).map(Arc::clone)
    };
    let reply = handler.map_or_else(|| Reply::empty(404), |handler| handler(&request));
    if reply.ending != Ending::HungUp {
        // The other side may have gone; a test sees that from its own end.
        let _ = stream.write_all(&reply.bytes()).await;
        let _ = stream.shutdown().await;
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let mut body = bytes.split_off(head_end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Request { method, target, headers, body })
}
