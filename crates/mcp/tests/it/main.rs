//! Tests of the wire through its public interface, against real servers on loopback.

#![expect(clippy::unwrap_used, reason = "a test whose surroundings fail has failed")]

mod calls;
mod eras;
mod events;
mod hostile;
mod independent;
mod lists;
mod questions;
mod refusals;
mod schemas;
mod server;

use std::time::Duration;

use replug_core::Secret;
use replug_mcp::{Budget, Elicitation, Endpoint, Refusal, Session, Spoken, probe};
use replug_net::{HeaderName, Http, HttpOptions, Reach, Trace};
use url::Url;

/// A client pointed at one address.
struct Client {
    http: Http,
    trace: Trace,
    endpoint: Endpoint,
    budget: Budget,
}

impl Client {
    fn of(url: &str) -> Self {
        Self {
            http: Http::new(HttpOptions::default()).unwrap(),
            trace: Trace::new(),
            endpoint: Endpoint {
                url: Url::parse(url).unwrap(),
                bearer: None,
                headers: Vec::new(),
                reach: Reach::OWN,
                elicitation: Elicitation::Decline,
            },
            budget: Budget::check(),
        }
    }

    fn with_bearer(mut self, token: &str) -> Self {
        self.endpoint.bearer = Some(Secret::new(token.to_owned()));
        self
    }

    fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let name = HeaderName::from_static(name);
        self.endpoint.headers.push((name, Secret::new(value.to_owned())));
        self
    }

    fn with_defaults(mut self) -> Self {
        self.endpoint.elicitation = Elicitation::Defaults;
        self
    }

    fn with_budget(mut self, each: u64, total: u64) -> Self {
        self.budget = Budget::new(Duration::from_millis(each), Duration::from_millis(total));
        self
    }

    async fn probe(&self) -> Result<Session<'_>, Refusal> {
        self.probe_with(None).await
    }

    async fn probe_with(&self, hint: Option<&Spoken>) -> Result<Session<'_>, Refusal> {
        probe(&self.http, &self.trace, &self.endpoint, hint, self.budget).await
    }
}
