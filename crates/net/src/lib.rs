//! The one HTTP client of Replug: it judges addresses before it contacts them, follows no redirect by itself, bounds time
//! and bytes, and records each exchange without its secrets. What an answer means is decided by its callers.

mod answer;
mod ask;
mod browser;
mod certificate;
mod client;
mod error;
mod gate;
mod handshake;
mod mask;
mod proxy;
mod reach;
mod resolver;
mod route;
mod shape;
mod stream;
mod trace;
mod trust;

pub use answer::{Answer, http_date};
pub use ask::{Ask, Follow, Limits};
pub use browser::{Browser, SystemBrowser};
pub use certificate::ShownCertificate;
pub use client::{Http, HttpOptions};
pub use error::{NetError, TimeoutPhase, TlsFault};
pub use gate::{BrowserAddress, gate_for_browser, gate_for_request};
pub use handshake::Handshake;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use mask::mask_url;
pub use reach::Reach;
pub use resolver::{LookedUp, Names, SystemNames};
pub use route::connect;
pub use stream::Stream;
pub use trace::Trace;
