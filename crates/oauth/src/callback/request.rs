//! Reading one HTTP/1.1 request by hand, bounded in bytes, strict about what a browser never sends. What it asks for is
//! decided in `desk`.

use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes of a request's head.
const MAX_HEAD: usize = 16 * 1024;
/// Bytes of a request's body.
const MAX_BODY: usize = 16 * 1024;

/// A request whose form is in order.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// Why there is no request to answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The other side went away.
    Gone,
    /// It is answered with this status.
    Status(u16),
}

impl Request {
    /// The target without its query.
    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The query, without the question mark.
    pub(super) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The value of a header that stands once.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(found, value)| (found == name).then_some(value.as_str()))
    }
}

/// Reads a request. The caller bounds the time.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Request, Unreadable> {
    let mut bytes = Vec::with_capacity(2048);
    let head_end = loop {
        if let Some(end) = find_head_end(&bytes) {
            break end;
        }
        // A browser that tries https first is told at once, so that it comes back in plain.
        if bytes.first().is_some_and(|first| !first.is_ascii_alphabetic()) {
            return Err(Unreadable::Status(400));
        }
        if bytes.len() >= MAX_HEAD {
            return Err(Unreadable::Status(431));
        }
        fill(stream, &mut bytes, MAX_HEAD).await?;
    };
    let mut body = bytes.split_off(head_end + 4);
    bytes.truncate(head_end);
    let mut request = parse_head(&bytes).ok_or(Unreadable::Status(400))?;
    if request.method == "POST" {
        let length = body_length(&request)?;
        while body.len() < length {
            fill(stream, &mut body, length).await?;
        }
        body.truncate(length);
        request.body = body;
    }
    Ok(request)
}

/// Reads more, up to `limit` bytes in all.
async fn fill(stream: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>, limit: usize) -> Result<(), Unreadable> {
    let room = u64::try_from(limit.saturating_sub(bytes.len())).unwrap_or(u64::MAX);
    match stream.take(room).read_buf(bytes).await {
        Ok(read) if read > 0 => Ok(()),
        _ => Err(Unreadable::Gone),
    }
}

fn find_head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n")
}

fn parse_head(head: &[u8]) -> Option<Request> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target, version) = (first.next()?, first.next()?, first.next()?);
    let well_formed = first.next().is_none()
        && is_token(method)
        && target.starts_with('/')
        && target.bytes().all(|byte| byte.is_ascii_graphic())
        && matches!(version, "HTTP/1.1" | "HTTP/1.0");
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name = name.to_ascii_lowercase();
        let twice = headers.iter().any(|(found, _)| *found == name);
        if !is_token(&name) || value.contains(['\r', '\n', '\0']) || (twice && must_be_single(&name)) {
            return None;
        }
        headers.push((name, value.trim().to_owned()));
    }
    well_formed.then(|| Request { method: method.to_owned(), target: target.to_owned(), headers, body: Vec::new() })
}

/// Headers that decide something here; a second one could be read differently by somebody in between.
fn must_be_single(name: &str) -> bool {
    matches!(
        name,
        "host" | "content-length" | "content-type" | "transfer-encoding" | "sec-fetch-dest" | "sec-fetch-mode"
    )
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn body_length(request: &Request) -> Result<usize, Unreadable> {
    if request.header("transfer-encoding").is_some() {
        return Err(Unreadable::Status(411));
    }
    let text = request.header("content-length").ok_or(Unreadable::Status(411))?;
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Unreadable::Status(400));
    }
    match text.parse() {
        Ok(length) if length <= MAX_BODY => Ok(length),
        _ => Err(Unreadable::Status(413)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_all(bytes: &[u8]) -> Result<Request, Unreadable> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(read(&mut &*bytes))
    }

    #[test]
    fn a_browsers_request_is_read() {
        let request = read_all(b"GET /callback?a=b?c HTTP/1.1\r\nHost: 127.0.0.1:9\r\nAccept: */*\r\n\r\n").unwrap();
        assert_eq!((request.path(), request.query()), ("/callback", "a=b?c"));
        assert_eq!(request.header("host"), Some("127.0.0.1:9"));
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for (bytes, status) in [
            (&b"GET http://h.example/ HTTP/1.1\r\n\r\n"[..], 400),
            (b"GET / HTTP/2\r\n\r\n", 400),
            (b"GET  / HTTP/1.1\r\n\r\n", 400),
            (b"GET /\xff HTTP/1.1\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", 411),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
            (b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nContent-Length: 16385\r\n\r\n", 413),
            (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        ] {
            let outcome = read_all(bytes).map(|_| ());
            assert_eq!(outcome, Err(Unreadable::Status(status)), "{}", String::from_utf8_lossy(bytes));
        }
        let long = [b"GET / HTTP/1.1\r\nX: ".as_slice(), &[b'a'; MAX_HEAD]].concat();
        assert_eq!(read_all(&long).map(|_| ()), Err(Unreadable::Status(431)), "a head has an end");
    }

    /// Pieces of requests, so that the reader gets further than its first check.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::sample::select(vec![
                "GET ",
                "POST ",
                " ",
                "/",
                "/callback?",
                "state=x&",
                " HTTP/1.1\r\n",
                "Host:",
                "content-length: ",
                "9",
                "99999",
                ":",
                "\r\n",
                "\r\n\r\n",
            ])
            .prop_map(|text| text.as_bytes().to_vec()),
            prop::collection::vec(any::<u8>(), 0..4),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn reading_never_panics_and_keeps_its_bounds(pieces in prop::collection::vec(piece(), 0..24)) {
            if let Ok(request) = read_all(&pieces.concat()) {
                prop_assert!(request.target.starts_with('/') && request.body.len() <= MAX_BODY);
                prop_assert!(request.body.is_empty() || request.method == "POST");
            }
        }
    }
}
