//! A request as the servers read it, and the few kinds of answer they write. What an answer says is decided elsewhere.

use std::collections::HashSet;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use url::form_urlencoded;

const MAX_BODY: usize = 4 * 1024 * 1024;
const LOCALE: &str = "/en";

/// One request, read to its end (at most 4 MiB).
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    /// Scheme, host and port of the listener that got it, never of the `Host` header.
    pub(crate) origin: String,
    pub(crate) method: Method,
    /// The path as it was sent.
    pub(crate) sent_path: String,
    /// The path without the language prefix that [`crate::Front::Locale`] adds.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) raw_query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Incoming {
    pub(crate) async fn read(origin: String, request: Request) -> Result<Self, axum::Error> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, MAX_BODY).await?;
        let sent_path = parts.uri.path().to_owned();
        let path = match sent_path.strip_prefix(LOCALE) {
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            _ => sent_path.clone(),
        };
        let raw_query = parts.uri.query().map(ToOwned::to_owned);
        Ok(Self {
            origin,
            method: parts.method,
            path,
            query: pairs(raw_query.as_deref().unwrap_or_default().as_bytes()),
            raw_query,
            sent_path,
            headers: parts.headers,
            body,
        })
    }

    /// Whether the path carries the language prefix.
    pub(crate) fn is_localised(&self) -> bool {
        self.path != self.sent_path
    }

    /// Path and query below the language prefix.
    pub(crate) fn localised_target(&self) -> String {
        format!("{LOCALE}{}", self.target())
    }

    /// Path and query as sent.
    pub(crate) fn target(&self) -> String {
        match &self.raw_query {
            Some(query) => format!("{}?{query}", self.sent_path),
            None => self.sent_path.clone(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The members of an urlencoded body; none when the body says it is something else.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let declared = self.header("content-type").unwrap_or_default();
        if declared.starts_with("application/x-www-form-urlencoded") { pairs(&self.body) } else { Vec::new() }
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The credentials of an `Authorization` header with this scheme (RFC 9110 §11.4).
    pub(crate) fn credentials(&self, scheme: &str) -> Option<&str> {
        let (sent, rest) = self.header("authorization")?.split_once(' ')?;
        sent.eq_ignore_ascii_case(scheme).then(|| rest.trim())
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// The first value of a member.
pub(crate) fn value<'a>(members: &'a [(String, String)], name: &str) -> Option<&'a str> {
    members.iter().find(|(member, _)| member == name).map(|(_, value)| value.as_str())
}

/// The first member that occurs twice, which RFC 6749 §3.1 forbids.
pub(crate) fn doubled(members: &[(String, String)]) -> Option<&str> {
    let mut seen = HashSet::new();
    members
        .iter()
        .map(|(member, _)| member.as_str())
        // RFC 8707 §2 allows several resources.
        .find(|member| *member != "resource" && !seen.insert(*member))
}

/// A JSON answer that no cache may keep.
pub(crate) fn json(status: u16, body: &Value) -> Response {
    let mut response = typed(status, "application/json", body.to_string());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A page for people.
pub(crate) fn html(status: u16, body: impl Into<Body>) -> Response {
    typed(status, "text/html; charset=utf-8", body)
}

/// Plain words.
pub(crate) fn text(status: u16, body: impl Into<Body>) -> Response {
    typed(status, "text/plain; charset=utf-8", body)
}

/// A body with its type.
pub(crate) fn typed(status: u16, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = code(status);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// No body at all.
pub(crate) fn empty(status: u16) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = code(status);
    response
}

/// A redirect to `location`.
pub(crate) fn redirect(status: u16, location: &str) -> Response {
    with_header(empty(status), header::LOCATION, location)
}

/// Adds a header. A value that no header can carry is sent as an empty one.
pub(crate) fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    let value = HeaderValue::from_str(value).unwrap_or_else(|_| HeaderValue::from_static(""));
    response.headers_mut().insert(name, value);
    response
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Text made safe for a page.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
