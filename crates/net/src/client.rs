//! Sending: choosing the connection pool for a reach, judging addresses by number, following what may be followed.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use replug_core::{AddressClass, Code, Failure, Secret};
use tokio::time::Instant;
use url::{Host, Url};

use crate::handshake::{Handshake, shake_hands};
use crate::proxy::{Proxies, is_direct};
use crate::reach::{class_of_name, literal_class};
use crate::resolver::{JudgingResolver, look_up};
use crate::route::addresses_of;
use crate::trace::Draft;
use crate::trust::Trust;
use crate::{Answer, Ask, Follow, Names, NetError, Reach, Stream, SystemNames, TimeoutPhase, Trace};

const USER_AGENT: &str = concat!("Replug/", env!("CARGO_PKG_VERSION"));

/// How the client is set up.
#[derive(Debug)]
pub struct HttpOptions {
    /// How long a connection may take.
    pub connect: Duration,
    /// Who knows the addresses of names.
    pub names: Arc<dyn Names>,
    /// Hosts of the system's proxies, so that a proxy on a private address works.
    pub proxy_hosts: Vec<String>,
    /// The address of a proxy in place of the system's, which may carry credentials; `None` follows the system.
    pub proxy: Option<Secret<String>>,
    /// Certificates to trust besides the system's, as PEM. Empty in the product; tests bring their own authority.
    pub extra_roots: Vec<Vec<u8>>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            names: Arc::new(SystemNames),
            proxy_hosts: Vec::new(),
            proxy: None,
            extra_roots: Vec::new(),
        }
    }
}

/// Which pool of connections a request uses. Loopback targets never go through a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Pool {
    reach: Reach,
    direct: bool,
}

/// The HTTP client. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Http(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: HttpOptions,
    trust: Trust,
    proxies: Proxies,
    pools: Mutex<HashMap<Pool, reqwest::Client>>,
}

impl Http {
    /// A client with these options. Fails when the system's certificates cannot be read.
    pub fn new(options: HttpOptions) -> Result<Self, Failure> {
        let internal = |reason: String| Failure::new(Code::LocalInternal).with_fact("Reason", reason);
        let trust = Trust::new(&options.extra_roots).map_err(|error| internal(error.to_string()))?;
        let proxies = Proxies::new(options.proxy.as_ref());
        let http = Self(Arc::new(Inner { options, trust, proxies, pools: Mutex::default() }));
        http.pool(Pool { reach: Reach::OWN, direct: true }).map_err(|error| internal(error.to_string()))?;
        Ok(http)
    }

    /// Sends and reads the whole answer. Any status is an answer; only silence is an error. A GET that is answered by a stream
    /// of events gets no body: such a stream need not end, and is no document.
    pub async fn ask(&self, ask: &Ask, trace: &Trace) -> Result<Answer, NetError> {
        let stream = self.stream(ask, trace).await?;
        if ask.method == Method::GET && stream.is_event_stream() {
            return Ok(stream.into_head());
        }
        stream.into_answer().await
    }

    /// Sends and hands the answer over while it arrives.
    pub async fn stream(&self, ask: &Ask, trace: &Trace) -> Result<Stream, NetError> {
        let deadline = Instant::now() + ask.limits.total;
        let mut url = ask.url.clone();
        let mut left = match ask.follow {
            Follow::Never => 0,
            Follow::SameOrigin(hops) => hops,
        };
        loop {
            let stream = self.send_once(ask, &url, deadline, trace).await?;
            match next_hop(ask, &stream) {
                Some(next) if left > 0 => {
                    left -= 1;
                    url = next;
                }
                _ => return Ok(stream),
            }
        }
    }

    /// The class of `url`'s address, to decide how far the addresses that its server names may reach. Only an address by
    /// number or `localhost` is ever this computer. A name is looked up, and is private only when all its addresses are;
    /// every other name counts as public, because the look-up of a request may be answered differently.
    pub async fn class_of(&self, url: &Url) -> Result<AddressClass, NetError> {
        if let Some(class) = literal_class(url) {
            return Ok(class);
        }
        let host = url.host_str().unwrap_or_default();
        let unknown = || NetError::NameUnknown { host: host.to_owned() };
        let found = look_up(&*self.0.options.names, host).await.map_err(|_| unknown())?;
        if found.is_empty() { Err(unknown()) } else { Ok(class_of_name(&found)) }
    }

    /// The proxy that a request to `url` goes through, without credentials; `None` when it goes there directly. Loopback is
    /// always asked directly.
    pub fn proxy_for(&self, url: &Url) -> Option<Url> {
        self.0.proxies.on_the_way_to(url)
    }

    /// The addresses of a URL's host, those that may be reached only. An address by number is its own.
    ///
    /// Fails when the name is unknown, or when none of its addresses may be reached.
    pub async fn addresses_of(&self, url: &Url, reach: Reach) -> Result<Vec<IpAddr>, NetError> {
        addresses_of(&*self.0.options.names, url, reach).await
    }

    /// Shakes hands with one address of a URL's host, as a request would, and sends nothing. `limit` bounds it as a whole.
    pub async fn handshake(&self, url: &Url, address: IpAddr, limit: Duration) -> Handshake {
        shake_hands(&self.0.trust, url, address, limit).await
    }

    async fn send_once(&self, ask: &Ask, url: &Url, deadline: Instant, trace: &Trace) -> Result<Stream, NetError> {
        judge_literal(url, ask.reach)?;
        let client = self.pool(Pool { reach: ask.reach, direct: is_direct(url) })?;
        let request = build(&client, ask, url)?;
        let mut draft = Draft::begin(ask, url, request.headers());
        let limit = ask.limits.total;
        let sent = tokio::time::timeout_at(deadline, client.execute(request)).await;
        let response = match sent {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let error = NetError::from_reqwest(&error, &authority(url), limit);
                trace.record(draft.finish(0, replug_core::BodyShape::Empty, Some(&error)));
                return Err(error);
            }
            Err(_) => {
                let error = NetError::Timeout { phase: TimeoutPhase::Answer, limit };
                trace.record(draft.finish(0, replug_core::BodyShape::Empty, Some(&error)));
                return Err(error);
            }
        };
        draft.answered(response.status(), response.headers(), url);
        if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED && self.proxy_for(url).is_some() {
            // The proxy's own answer; the server was not asked.
            trace.record(draft.finish(0, replug_core::BodyShape::Empty, Some(&NetError::ProxySignIn)));
            return Err(NetError::ProxySignIn);
        }
        Ok(Stream::new(response, ask.limits, deadline, (draft, trace.clone())))
    }

    fn pool(&self, pool: Pool) -> Result<reqwest::Client, NetError> {
        let mut pools = self.0.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = pools.get(&pool) {
            return Ok(client.clone());
        }
        let client = self.build_client(pool)?;
        pools.insert(pool, client.clone());
        Ok(client)
    }

    fn build_client(&self, pool: Pool) -> Result<reqwest::Client, NetError> {
        let invalid = |error: reqwest::Error| NetError::Invalid(error.to_string());
        let options = &self.0.options;
        let tls = self.0.trust.config().map_err(|error| NetError::Invalid(error.to_string()))?;
        let resolver = JudgingResolver {
            reach: pool.reach,
            names: Arc::clone(&options.names),
            proxy_hosts: options.proxy_hosts.clone(),
        };
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(options.connect)
            .pool_idle_timeout(Duration::from_secs(30))
            .tls_backend_preconfigured(tls)
            .dns_resolver(resolver);
        if pool.direct {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &options.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.expose()).map_err(invalid)?);
        }
        builder.build().map_err(invalid)
    }
}

fn build(client: &reqwest::Client, ask: &Ask, url: &Url) -> Result<reqwest::Request, NetError> {
    let mut headers: HeaderMap = ask.headers.clone();
    // Without decompression in the client, anything but the plain form could not be read.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let mut request = client.request(ask.method.clone(), url.clone()).headers(headers);
    if ask.method != Method::GET {
        request = request.body(ask.body.clone());
    }
    request.build().map_err(|error| NetError::from_reqwest(&error, &authority(url), ask.limits.total))
}

/// Custom resolvers are not asked for addresses by number, so those are judged here.
fn judge_literal(url: &Url, reach: Reach) -> Result<(), NetError> {
    match literal_class(url) {
        Some(class) if !reach.allows(class) => Err(NetError::AddressRefused { host: authority(url), class }),
        _ => Ok(()),
    }
}

fn authority(url: &Url) -> String {
    let host = match url.host() {
        Some(Host::Ipv6(ip)) => format!("[{ip}]"),
        _ => url.host_str().unwrap_or_default().to_owned(),
    };
    url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
}

fn next_hop(ask: &Ask, stream: &Stream) -> Option<Url> {
    let follows = match stream.status {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => ask.method == Method::GET,
        _ => false,
    };
    let location = stream.headers.get(header::LOCATION)?.to_str().ok()?;
    let next = stream.url.join(location).ok()?;
    (follows && next.origin() == stream.url.origin() && next.username().is_empty() && next.password().is_none())
        .then_some(next)
}
