//! Name resolution that judges every address before it is connected to, so that a name cannot lead to a network that the
//! request may not reach. Addresses by number never come here; the client judges those itself.

use std::net::{IpAddr, SocketAddr};

use replug_core::{AddressClass, class_of_ip};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::Reach;
use crate::reach::is_localhost;

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
        Box::pin(async move {
            let addresses = look_up(name.as_str()).await?;
            let allowed: Vec<SocketAddr> =
                addresses.iter().copied().filter(|address| reach.allows(class_of_ip(address.ip()))).collect();
            match (allowed.is_empty(), addresses.first()) {
                (true, Some(first)) => Err(ResolveError::Refused(class_of_ip(first.ip())).into()),
                (true, None) => Err(ResolveError::Unknown.into()),
                (false, _) => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

/// Looks a name up. `localhost` is answered without asking anybody, so that nobody can answer it differently.
pub(crate) async fn look_up(name: &str) -> Result<Vec<SocketAddr>, ResolveError> {
    if is_localhost(name) {
        return Ok(vec![
            SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0),
            SocketAddr::new(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST), 0),
        ]);
    }
    let found = tokio::net::lookup_host((name, 0)).await.map_err(|_| ResolveError::Unknown)?;
    Ok(found.collect())
}
