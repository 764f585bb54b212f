//! A scripted HTTP server on loopback: it reads one request a connection and plays whatever a test gives it, well-formed or not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) verb: String,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
}

impl Asked {
    /// The JSON-RPC method; the HTTP one when there is no message.
    pub(crate) fn method(&self) -> &str {
        self.body["method"].as_str().unwrap_or(&self.verb)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What the server does with a connection, step by step. It closes it at the end.
pub(crate) enum Play {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends the same bytes again and again, with a pause, until the client leaves.
    Drip(Vec<u8>, Duration),
    /// Sends what comes out of the channel.
    Feed(UnboundedReceiver<String>),
    /// Says nothing until the client leaves.
    Hold,
}

pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Starts a server at `/mcp` whose answers come from `answer`.
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Vec<Play> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), asked.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log) = (answer.clone(), log.clone());
                tokio::spawn(async move { serve(stream, answer.as_ref(), &log).await });
            }
        });
        Self { url, asked, task }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The methods asked so far, in order.
    pub(crate) fn methods(&self) -> Vec<String> {
        self.asked().iter().map(|asked| asked.method().to_owned()).collect()
    }
}

async fn serve(mut stream: TcpStream, answer: &(impl Fn(&Asked) -> Vec<Play> + Send + Sync), log: &Mutex<Vec<Asked>>) {
    let Some(asked) = read_request(&mut stream).await else {
        return;
    };
    log.lock().unwrap().push(asked.clone());
    for play in answer(&asked) {
        if perform(&mut stream, play).await.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

async fn perform(stream: &mut TcpStream, play: Play) -> std::io::Result<()> {
    match play {
        Play::Send(bytes) => stream.write_all(&bytes).await,
        Play::Drip(bytes, pause) => {
            // A pause of nothing is a flood; the timer wants at least something.
            let mut drips = tokio::time::interval(pause.max(Duration::from_nanos(1)));
            loop {
                drips.tick().await;
                stream.write_all(&bytes).await?;
            }
        }
        Play::Feed(mut feed) => {
            let (mut reader, mut writer) = stream.split();
            let mut nothing = [0; 16];
            loop {
                tokio::select! {
                    text = feed.recv() => match text {
                        Some(text) => writer.write_all(text.as_bytes()).await?,
                        None => return Ok(()),
                    },
                    read = reader.read(&mut nothing) => if read? == 0 { return Ok(()) },
                }
            }
        }
        Play::Hold => {
            let mut nothing = [0; 16];
            while stream.read(&mut nothing).await? > 0 {}
            Ok(())
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (verb, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off(head_end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Asked { verb, path, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

/// An answer with a status line, header lines and a body.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<Play> {
    let length = body.len().to_string();
    let own = [("connection", "close"), ("content-length", length.as_str())];
    let lines = own.iter().chain(headers).map(|(name, value)| [*name, ": ", *value, "\r\n"].concat());
    let lines: String = lines.collect();
    vec![Play::Send(format!("HTTP/1.1 {status} X\r\n{lines}\r\n{body}").into_bytes())]
}

pub(crate) fn json_answer(status: u16, body: &Value) -> Vec<Play> {
    answer(status, &[("content-type", "application/json")], &body.to_string())
}

/// A web page.
pub(crate) fn page(status: u16, title: &str) -> Vec<Play> {
    let body = format!("<!doctype html><html><head><title>{title}</title></head><body>x</body></html>");
    answer(status, &[("content-type", "text/html; charset=utf-8")], &body)
}

/// A result for the request.
pub(crate) fn result(asked: &Asked, result: &Value) -> Vec<Play> {
    json_answer(200, &json!({"jsonrpc": "2.0", "id": asked.body["id"], "result": result}))
}

/// An error for the request.
pub(crate) fn error(asked: &Asked, status: u16, code: i64, message: &str) -> Vec<Play> {
    json_answer(status, &json!({"jsonrpc": "2.0", "id": asked.body["id"], "error": {"code": code, "message": message}}))
}

/// The head of a stream of events; what follows it is the test's.
pub(crate) fn event_head() -> Play {
    Play::Send(b"HTTP/1.1 200 X\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n".to_vec())
}

/// A whole stream of events.
pub(crate) fn events(text: &str) -> Vec<Play> {
    vec![event_head(), Play::Send(text.as_bytes().to_vec())]
}

pub(crate) fn discovery() -> Value {
    json!({
        "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}, "prompts": {}},
        "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "modern", "title": "Modern One", "version": "1.2"}},
        "instructions": "Ask nicely"
    })
}

pub(crate) fn initialized(version: &str) -> Value {
    json!({
        "protocolVersion": version, "capabilities": {"tools": {}},
        "serverInfo": {"name": "legacy", "version": "0.1"}
    })
}

/// A server of 2026-07-28; `rest` answers everything after the greeting.
pub(crate) async fn modern(rest: impl Fn(&Asked) -> Vec<Play> + Send + Sync + 'static) -> Server {
    Server::start(move |asked| match asked.method() {
        "server/discover" => result(asked, &discovery()),
        _ => rest(asked),
    })
    .await
}

/// A server with `initialize` and the session `s-1`, which it asks for; `rest` answers everything after the greeting.
pub(crate) async fn legacy(
    version: &'static str,
    rest: impl Fn(&Asked) -> Vec<Play> + Send + Sync + 'static,
) -> Server {
    Server::start(move |asked| match asked.method() {
        "server/discover" => error(asked, 400, -32000, "Bad Request: Server not initialized"),
        "initialize" => {
            let body = json!({"jsonrpc": "2.0", "id": asked.body["id"], "result": initialized(version)});
            let headers = [("content-type", "application/json"), ("mcp-session-id", "s-1")];
            answer(200, &headers, &body.to_string())
        }
        "notifications/initialized" => answer(202, &[], ""),
        "DELETE" => answer(405, &[], ""),
        _ => rest(asked),
    })
    .await
}

/// A server of 2024-11-05 with its stream at `/mcp` and its messages at `messages`; `reply` makes the answer to a request.
pub(crate) async fn old_sse(messages: &'static str, reply: impl Fn(&Asked) -> Value + Send + Sync + 'static) -> Server {
    let stream: Mutex<Option<UnboundedSender<String>>> = Mutex::new(None);
    Server::start(move |asked| match (asked.verb.as_str(), asked.path.as_str()) {
        ("GET", "/mcp") => {
            let (sender, receiver) = unbounded_channel();
            sender.send(format!("event: endpoint\ndata: {messages}\n\n")).unwrap();
            *stream.lock().unwrap() = Some(sender);
            vec![event_head(), Play::Feed(receiver)]
        }
        ("POST", path) if path.starts_with("/messages") => {
            if asked.body["id"].is_u64() {
                let body = json!({"jsonrpc": "2.0", "id": asked.body["id"], "result": reply(asked)});
                let sender = stream.lock().unwrap().clone().unwrap();
                // The client may have left already; then nobody misses the answer.
                let _ = sender.send(format!("event: message\ndata: {body}\n\n"));
            }
            answer(202, &[], "Accepted")
        }
        _ => page(404, "Error"),
    })
    .await
}
