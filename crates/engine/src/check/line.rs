//! The line to a server: its address with everything that goes with a request, owned for as long as a session lasts.

use http::{HeaderName, header};
use replug_core::{Connector, Credentials, Secret, Tokens, Transport};
use replug_mcp::{Budget, Challenges, Elicitation, Endpoint, Era, MODERN, Refusal, Session, Spoken};
use replug_net::{Http, Reach, Trace};

use crate::Engine;

/// A line that is ready to be opened.
pub(crate) struct Line {
    http: Http,
    trace: Trace,
    endpoint: Endpoint,
    spoken: Option<Spoken>,
}

/// How a server answered the first message.
pub(crate) enum Opened<'a> {
    /// A greeting.
    Session(Box<Session<'a>>),
    /// 401, with its challenges.
    Unauthorized(Challenges),
    /// Anything else.
    Refused(Refusal),
}

impl Line {
    /// The line of a connector with these credentials. A fixed Authorization header goes before the sign-in's token.
    pub(crate) fn new(engine: &Engine, trace: &Trace, connector: &Connector, record: &Credentials) -> Self {
        let tokens = token_of(connector, record).filter(|_| !has_authorization(record));
        let endpoint = Endpoint {
            url: connector.address.to_url(&record.inputs.query),
            bearer: tokens.map(|tokens| tokens.access.duplicate()),
            headers: fixed_headers(record),
            reach: Reach::OWN,
            elicitation: Elicitation::default(),
        };
        Self { http: engine.edges().http.clone(), trace: trace.clone(), endpoint, spoken: spoken_with(connector) }
    }

    /// The same line with another way to treat questions to the person.
    pub(crate) const fn treating(mut self, elicitation: Elicitation) -> Self {
        self.endpoint.elicitation = elicitation;
        self
    }

    /// Sends the first message of either era.
    pub(crate) async fn open(&self) -> Opened<'_> {
        let hint = self.spoken.as_ref();
        match replug_mcp::probe(&self.http, &self.trace, &self.endpoint, hint, Budget::check()).await {
            Ok(session) => Opened::Session(Box::new(session)),
            Err(Refusal::Unauthorized { challenges }) => Opened::Unauthorized(challenges),
            Err(refusal) => Opened::Refused(refusal),
        }
    }
}

/// What worked last time.
fn spoken_with(connector: &Connector) -> Option<Spoken> {
    let protocol = connector.protocol.clone()?;
    let era = match connector.transport? {
        Transport::Sse => Era::Sse,
        Transport::StreamableHttp if MODERN.contains(&protocol.as_str()) => Era::Modern,
        Transport::StreamableHttp => Era::Legacy,
    };
    Some(Spoken { era, protocol })
}

/// The tokens, when they were obtained for the address the connector has now.
pub(crate) fn token_of<'a>(connector: &Connector, record: &'a Credentials) -> Option<&'a Tokens> {
    record.tokens.as_ref().filter(|tokens| tokens.address == connector.address.base().as_str())
}

fn fixed_headers(record: &Credentials) -> Vec<(HeaderName, Secret<String>)> {
    let header = |(name, value): &(String, Secret<String>)| Some((name.parse().ok()?, value.duplicate()));
    record.inputs.headers.iter().filter_map(header).collect()
}

pub(crate) fn has_authorization(record: &Credentials) -> bool {
    record.inputs.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header::AUTHORIZATION.as_str()))
}
