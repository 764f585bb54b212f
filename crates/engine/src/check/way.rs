//! Walking the way to a server rung by rung: name, connection, encryption. It is walked in a diagnosis, and when a request got no
//! answer, to say which rung is to blame; a routine check that is answered never comes here.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use replug_core::{Fact, Failure, Rung};
use replug_net::{Handshake, NetError, Reach, ShownCertificate, TimeoutPhase, TlsFault, connect};
use url::{Host, Url};

use super::climb::Climb;
use super::ladder::Foothold;
use crate::view::time;

/// How long one rung may take when the way is walked.
const EACH: Duration = Duration::from_secs(5);
/// How many addresses of a name are shown.
const SHOWN: usize = 4;

const NOT_ENCRYPTED: &str = "This address is not encrypted.";

/// What is in the way, and on which rung it was found.
#[derive(Debug, Clone)]
pub(super) struct Obstacle {
    pub(super) rung: Rung,
    pub(super) failure: Failure,
}

impl Climb<'_> {
    /// Walks the way, once in a climb; what is in it is kept as `obstacle`.
    pub(super) async fn walk_the_way(&mut self) {
        if !std::mem::replace(&mut self.walked, true) {
            self.obstacle = self.walk().await;
        }
    }

    async fn walk(&mut self) -> Option<Obstacle> {
        let url = self.subject.connector.address.base().clone();
        match self.engine.edges().http.proxy_for(&url) {
            Some(proxy) => self.walk_to_the_proxy(&url, &proxy).await,
            None => self.walk_to_the_server(&url).await,
        }
    }

    async fn walk_to_the_server(&mut self, url: &Url) -> Option<Obstacle> {
        let addresses = match self.look_up(url).await {
            Ok(addresses) => addresses,
            Err(obstacle) => return Some(obstacle),
        };
        let foothold = self.ladder.look_at(Rung::Tcp);
        let address = match connect(url, &addresses, EACH).await {
            Ok(address) => address,
            Err(error) => return Some(self.stopped(foothold, error.into())),
        };
        self.ladder.ok(foothold, format!("{address} accepts connections."));
        self.shake_hands(url, address).await
    }

    async fn look_up(&mut self, url: &Url) -> Result<Vec<IpAddr>, Obstacle> {
        let foothold = self.ladder.look_at(Rung::Dns);
        match self.engine.edges().http.addresses_of(url, Reach::OWN).await {
            Ok(addresses) if is_number(url) => {
                self.ladder.ok(foothold, "The address is a number; there is nothing to look up.");
                Ok(addresses)
            }
            Ok(addresses) => {
                let shown: Vec<String> = addresses.iter().take(SHOWN).map(ToString::to_string).collect();
                self.ladder.ok(foothold, format!("{}.", shown.join(", ")));
                Ok(addresses)
            }
            Err(error) => Err(self.stopped(foothold, error.into())),
        }
    }

    async fn shake_hands(&mut self, url: &Url, address: IpAddr) -> Option<Obstacle> {
        if url.scheme() == "http" {
            self.ladder.skip(Rung::Tls, NOT_ENCRYPTED);
            return None;
        }
        let foothold = self.ladder.look_at(Rung::Tls);
        let Handshake { certificate, outcome } = self.engine.edges().http.handshake(url, address, EACH).await;
        match outcome {
            Ok(version) => {
                self.ladder.ok(foothold, agreed(version, certificate.as_ref()));
                None
            }
            Err(error) => Some(self.stopped(foothold, not_agreed(error, certificate.as_ref()))),
        }
    }

    /// Behind a proxy nothing here says anything about the server: the proxy looks its name up and connects to it.
    async fn walk_to_the_proxy(&mut self, url: &Url, proxy: &Url) -> Option<Obstacle> {
        let host = shown_host(proxy);
        self.ladder.skip(Rung::Dns, format!("Looked up by the proxy {host}, not on this computer."));
        let foothold = self.ladder.look_at(Rung::Tcp);
        let way = match self.engine.edges().http.addresses_of(proxy, Reach::OWN).await {
            Ok(addresses) => connect(proxy, &addresses, EACH).await,
            Err(error) => Err(error),
        };
        match way {
            Ok(_) => self.ladder.ok(foothold, format!("The proxy {host} accepts connections; it makes the next one.")),
            Err(error) => {
                let text = format!("The proxy {host} cannot be reached.");
                return Some(self.stopped(foothold, Failure::from(error).with_text(text).with_fact("Proxy", host)));
            }
        }
        let text = if url.scheme() == "http" { NOT_ENCRYPTED } else { "Made through the proxy; not looked at apart." };
        self.ladder.skip(Rung::Tls, text);
        None
    }

    fn stopped(&mut self, foothold: Foothold, failure: Failure) -> Obstacle {
        self.ladder.failed(foothold, &failure);
        Obstacle { rung: foothold.rung(), failure }
    }

    /// An answer proves the way to the server, which is not walked apart then.
    pub(super) fn reached(&mut self) {
        let url = self.subject.connector.address.base().clone();
        if let Some(proxy) = self.engine.edges().http.proxy_for(&url) {
            let host = shown_host(&proxy);
            self.ladder.skip(Rung::Dns, format!("Looked up by the proxy {host}, not on this computer."));
            self.ladder.passed_by(Rung::Tcp, format!("Connected through the proxy {host}: the server answered."));
        } else {
            self.ladder.passed_by(Rung::Dns, "Found: the server answered.");
            self.ladder.passed_by(Rung::Tcp, "Connected: the server answered.");
        }
        if url.scheme() == "https" {
            self.ladder.passed_by(Rung::Tls, "Encrypted, with a certificate that is valid.");
        } else {
            self.ladder.skip(Rung::Tls, NOT_ENCRYPTED);
        }
    }
}

/// The rung at which a request without an answer ended.
pub(super) const fn network_rung(error: &NetError) -> Rung {
    match error {
        NetError::NameUnknown { .. } | NetError::AddressRefused { .. } => Rung::Dns,
        NetError::ProxySignIn
        | NetError::Unreachable { .. }
        | NetError::Timeout { phase: TimeoutPhase::Connect, .. } => Rung::Tcp,
        NetError::Tls { .. } => Rung::Tls,
        NetError::Timeout { .. } | NetError::Interrupted | NetError::TooLarge { .. } | NetError::Invalid(_) => {
            Rung::Http
        }
    }
}

fn agreed(version: &str, certificate: Option<&ShownCertificate>) -> String {
    certificate.map_or_else(
        || format!("{version}."),
        |shown| {
            format!(
                "{version}; a certificate for {} from {}, valid until {}.",
                shown.subject,
                shown.issuer,
                day(shown.not_after)
            )
        },
    )
}

/// The failure with what the certificate proves.
fn not_agreed(error: NetError, certificate: Option<&ShownCertificate>) -> Failure {
    let fault = match &error {
        NetError::Tls { fault, .. } => Some(*fault),
        _ => None,
    };
    let failure = Failure::from(error);
    let (Some(shown), Some(fault)) = (certificate, fault) else {
        return failure;
    };
    let failure = match fault {
        TlsFault::Expired => failure.with_text(format!("The server's certificate ended on {}.", day(shown.not_after))),
        TlsFault::NotYetValid => failure.with_text(format!(
            "The server's certificate begins on {}, or this computer's clock is wrong.",
            day(shown.not_before)
        )),
        TlsFault::WrongName if !shown.names.is_empty() => {
            failure.with_text(format!("The server's certificate is for {}.", shown.names.join(", ")))
        }
        TlsFault::UnknownIssuer if shown.self_signed => failure
            .with_text("The server's certificate is signed by itself; nobody this computer knows vouches for it."),
        TlsFault::UnknownIssuer => failure.with_text(format!(
            "The server's certificate comes from {}, which this computer does not know.",
            shown.top_issuer
        )),
        _ => failure,
    };
    facts_of(shown).into_iter().fold(failure, |failure, fact| failure.with_fact(&fact.label, fact.value))
}

fn facts_of(shown: &ShownCertificate) -> Vec<Fact> {
    let fact = |label: &str, value: String| Fact { label: label.to_owned(), value };
    let mut facts = vec![
        fact("Certificate for", if shown.names.is_empty() { shown.subject.clone() } else { shown.names.join(", ") }),
        fact("Issuer", shown.issuer.clone()),
    ];
    if shown.top_issuer != shown.issuer {
        facts.push(fact("Top issuer", shown.top_issuer.clone()));
    }
    facts.push(fact("Valid from", time(shown.not_before)));
    facts.push(fact("Valid until", time(shown.not_after)));
    facts
}

fn day(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn is_number(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)))
}

/// Host and port, never credentials.
fn shown_host(proxy: &Url) -> String {
    let host = proxy.host_str().unwrap_or_default();
    proxy.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
