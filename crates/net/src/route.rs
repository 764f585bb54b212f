//! The way to a server, step by step: its addresses and whether one of them accepts a connection. Used when a request got no
//! answer, to say which step failed; requests themselves do not come here.

use std::net::IpAddr;
use std::time::Duration;

use replug_core::class_of_ip;
use tokio::net::TcpStream;
use url::{Host, Url};

use crate::resolver::look_up;
use crate::{Names, NetError, Reach, TimeoutPhase};

/// The addresses of a URL's host, those that may be reached only. An address by number is its own.
///
/// Fails when the name is unknown, or when none of its addresses may be reached.
pub(crate) async fn addresses_of(names: &dyn Names, url: &Url, reach: Reach) -> Result<Vec<IpAddr>, NetError> {
    let name = url.host_str().unwrap_or_default().to_owned();
    let found = match url.host() {
        Some(Host::Ipv4(ip)) => vec![IpAddr::V4(ip)],
        Some(Host::Ipv6(ip)) => vec![IpAddr::V6(ip)],
        _ => look_up(names, &name).await.map_err(|_| NetError::NameUnknown { host: name.clone() })?,
    };
    let first = found.first().copied().ok_or_else(|| NetError::NameUnknown { host: name.clone() })?;
    let allowed: Vec<IpAddr> = found.into_iter().filter(|ip| reach.allows(class_of_ip(*ip))).collect();
    if allowed.is_empty() {
        return Err(NetError::AddressRefused { host: name, class: class_of_ip(first) });
    }
    Ok(allowed)
}

/// Connects to the first of these addresses that accepts, and closes the connection again.
pub async fn connect(url: &Url, addresses: &[IpAddr], limit: Duration) -> Result<IpAddr, NetError> {
    let port = url.port_or_known_default().unwrap_or(443);
    let host = format!("{}:{port}", url.host_str().unwrap_or_default());
    let mut last = NetError::Unreachable { host: host.clone() };
    for ip in addresses {
        match tokio::time::timeout(limit, TcpStream::connect((*ip, port))).await {
            Ok(Ok(_)) => return Ok(*ip),
            Ok(Err(_)) => last = NetError::Unreachable { host: host.clone() },
            Err(_) => last = NetError::Timeout { phase: TimeoutPhase::Connect, limit },
        }
    }
    Err(last)
}
