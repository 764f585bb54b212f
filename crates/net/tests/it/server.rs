//! A scripted HTTP server on loopback: one answer for each path, and a record of what was asked.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// Raw bytes to answer with; `HANG` keeps the connection open and says nothing.
pub(crate) type Script = HashMap<&'static str, Vec<u8>>;
pub(crate) const HANG: &[u8] = b"";

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start(script: impl FnOnce(SocketAddr) -> Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(script(address));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&record)));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// The requests so far, head and body as they came.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, record: Arc<Mutex<Vec<String>>>) {
    let mut seen = Vec::new();
    let mut piece = [0_u8; 4096];
    let request = loop {
        let Ok(read @ 1..) = stream.read(&mut piece).await else {
            return;
        };
        seen.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&seen).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0_usize) {
            break text;
        }
    };
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    record.lock().unwrap().push(request);
    let answer = script.get(path.as_str()).cloned().unwrap_or_else(|| text(404, "", "nothing here"));
    if answer == HANG {
        std::future::pending::<()>().await;
    }
    let _ = stream.write_all(&answer).await;
}

/// An answer with this status, these header lines (each with its line end) and this body.
pub(crate) fn text(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
}
