//! The one HTTP client of Replug: it judges addresses before it contacts them, follows no redirect by itself, bounds time
//! and bytes, and records each exchange without its secrets. What an answer means is decided by its callers.

mod answer;
mod ask;
mod browser;
mod client;
mod error;
mod gate;
mod mask;
mod reach;
mod resolver;
mod route;
mod shape;
mod stream;
mod trace;

pub use answer::Answer;
pub use ask::{Ask, Follow, Limits};
pub use browser::{Browser, SystemBrowser};
pub use client::{Http, HttpOptions};
pub use error::{NetError, TimeoutPhase};
pub use gate::{BrowserAddress, gate_for_browser, gate_for_request};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use mask::mask_url;
pub use reach::Reach;
pub use route::{addresses_of, connect};
pub use stream::Stream;
pub use trace::Trace;
