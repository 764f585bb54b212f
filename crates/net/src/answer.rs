//! An answer that was read to its end, and the few questions everybody asks of one.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header};
use jiff::Timestamp;
use replug_core::BodyShape;
use serde::de::DeserializeOwned;
use url::Url;

use crate::mask_url;
use crate::shape::shape_of;

/// A complete answer. Headers and body may hold secrets, and `Debug` shows neither.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Where the answer came from, after the redirects that were followed.
    pub url: Url,
}

impl Answer {
    /// The value of a header, when it is text.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All values of `WWW-Authenticate` (RFC 9110 §11.6.1), one for each header line.
    pub fn challenges(&self) -> Vec<&str> {
        self.headers.get_all(header::WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).collect()
    }

    /// The media type in lower case, without parameters.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header(&header::CONTENT_TYPE)?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The body as JSON, whatever type the header claims. A byte order mark is skipped.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        let body = self.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.body);
        serde_json::from_slice(body)
    }

    /// The body as text, broken bytes replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// What the body looks like.
    pub fn shape(&self) -> BodyShape {
        shape_of(&self.headers, &self.body)
    }

    /// Whether the body is a web page, by its type or by its beginning.
    pub fn is_html(&self) -> bool {
        matches!(self.shape(), BodyShape::Html { .. })
    }

    /// Where a redirect points, resolved against the address that was asked.
    pub fn location(&self) -> Option<Url> {
        if !self.status.is_redirection() {
            return None;
        }
        self.url.join(self.header(&header::LOCATION)?).ok()
    }

    /// The server's own time (RFC 9110 §6.6.1).
    pub fn date(&self) -> Option<Timestamp> {
        http_date(self.header(&header::DATE)?)
    }

    /// How many seconds the server asks to wait (RFC 9110 §10.2.3); `now` is needed for its date form.
    pub fn retry_after(&self, now: Timestamp) -> Option<u64> {
        let value = self.header(&header::RETRY_AFTER)?.trim();
        if let Ok(seconds) = value.parse() {
            return Some(seconds);
        }
        let until = http_date(value)?;
        u64::try_from(until.as_second() - now.as_second()).ok()
    }
}

/// Reads a date as headers write it (RFC 9110 §5.6.7); `None` for one that is no date.
pub fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("url", &mask_url(&self.url))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
