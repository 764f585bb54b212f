//! A request, with everything that bounds it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use replug_core::Secret;
use url::Url;

use crate::{Reach, mask_url};

/// How much time and how many bytes a request may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the first byte sent to the last one read.
    pub total: Duration,
    /// Bytes of the answer's body.
    pub bytes: usize,
}

impl Limits {
    /// For metadata documents: 15 s and 1 MiB.
    pub const METADATA: Self = Self { total: Duration::from_secs(15), bytes: 1024 * 1024 };
    /// For MCP messages: 15 s and 16 MiB.
    pub const MESSAGE: Self = Self { total: Duration::from_secs(15), bytes: 16 * 1024 * 1024 };
    /// For token requests: 45 s and 1 MiB. They are long, because giving up may lose a rotated token.
    pub const TOKEN: Self = Self { total: Duration::from_secs(45), bytes: 1024 * 1024 };
}

/// Which redirects are followed. Off the origin none ever is: the caller gets the answer and decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// None.
    Never,
    /// At most this many within the same origin: 301, 302, 303, 307, 308 for GET; 307 and 308, sent again unchanged, for
    /// other methods.
    SameOrigin(u8),
}

/// A request. Headers and body may hold secrets, and `Debug` shows neither.
#[derive(Clone)]
pub struct Ask {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) limits: Limits,
    pub(crate) reach: Reach,
    pub(crate) follow: Follow,
}

impl Ask {
    /// A GET that follows no redirect.
    pub fn get(url: Url, reach: Reach) -> Self {
        Self::new(Method::GET, url, reach)
    }

    /// Any method, without a body.
    pub fn new(method: Method, url: Url, reach: Reach) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            limits: Limits::METADATA,
            reach,
            follow: Follow::Never,
        }
    }

    /// A POST of JSON.
    pub fn post_json(url: Url, body: impl Into<Bytes>, reach: Reach) -> Self {
        Self::new(Method::POST, url, reach).body("application/json", body)
    }

    /// A POST of a urlencoded form.
    pub fn post_form(url: Url, form: String, reach: Reach) -> Self {
        Self::new(Method::POST, url, reach).body("application/x-www-form-urlencoded", form)
    }

    /// Sets the body with its type.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// Sets a header, replacing one of the same name.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the `Accept` header.
    #[must_use]
    pub fn accept(self, types: &'static str) -> Self {
        self.header(header::ACCEPT, HeaderValue::from_static(types))
    }

    /// Sets `Authorization: Bearer …` (RFC 6750 §2.1). A token with characters that no header can carry is left out, and
    /// the server's 401 says so.
    #[must_use]
    pub fn bearer(self, token: &Secret<String>) -> Self {
        match HeaderValue::from_str(&format!("Bearer {}", token.expose())) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.header(header::AUTHORIZATION, value)
            }
            Err(_) => self,
        }
    }

    /// Sets the bounds.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets which redirects are followed.
    #[must_use]
    pub const fn follow(mut self, follow: Follow) -> Self {
        self.follow = follow;
        self
    }

    /// Where it goes.
    pub const fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("method", &self.method)
            .field("url", &mask_url(&self.url))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
