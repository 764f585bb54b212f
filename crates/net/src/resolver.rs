//! Name resolution that judges every address before it is connected to, so that a name cannot lead to a network that the
//! request may not reach. Addresses by number never come here; the client judges those itself.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use replug_core::{AddressClass, class_of_ip};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::Reach;
use crate::reach::is_localhost;

/// What a look-up comes to.
pub type LookedUp<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Who knows the addresses of names. What it says is judged, so it need not be trusted.
pub trait Names: fmt::Debug + Send + Sync {
    /// The addresses of a name. It is not asked for addresses by number, nor for `localhost`.
    fn look_up<'a>(&'a self, name: &'a str) -> LookedUp<'a>;
}

/// The names that this computer's system knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn look_up<'a>(&'a self, name: &'a str) -> LookedUp<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why a name led nowhere. Found again by type in reqwest's chain of causes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveError {
    #[error("the name is unknown")]
    Unknown,
    #[error("the name leads to an address that may not be reached")]
    Refused(AddressClass),
}

#[derive(Debug, Clone)]
pub(crate) struct JudgingResolver {
    pub(crate) reach: Reach,
    pub(crate) names: Arc<dyn Names>,
    /// Hosts of the system's proxies: they were chosen by whoever set up this computer, not by a server.
    pub(crate) proxy_hosts: Vec<String>,
}

impl Resolve for JudgingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = if self.proxy_hosts.iter().any(|host| host.eq_ignore_ascii_case(name.as_str())) {
            Reach::OWN
        } else {
            self.reach
        };
        let names = Arc::clone(&self.names);
        Box::pin(async move {
            let found = look_up(&*names, name.as_str()).await?;
            let allowed: Vec<IpAddr> = found.iter().copied().filter(|ip| reach.allows(class_of_ip(*ip))).collect();
            match (allowed.is_empty(), found.first()) {
                (true, Some(first)) => Err(ResolveError::Refused(class_of_ip(*first)).into()),
                (true, None) => Err(ResolveError::Unknown.into()),
                (false, _) => Ok(Box::new(allowed.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs),
            }
        })
    }
}

/// Looks a name up. `localhost` is answered without asking anybody, so that nobody can answer it differently.
pub(crate) async fn look_up(names: &dyn Names, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
    if is_localhost(name) {
        return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
    }
    names.look_up(name).await.map_err(|_| ResolveError::Unknown)
}
