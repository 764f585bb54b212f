//! The hosts of proxies that the environment names, so that one on a private address is not refused as a server's trick.

use url::Url;

/// The host names in the values of the proxy variables; values without one are left out. A value may lack its scheme.
pub fn proxy_hosts(values: impl IntoIterator<Item = String>) -> Vec<String> {
    let host = |value: String| {
        let whole = if value.contains("://") { value } else { format!("http://{value}") };
        Url::parse(&whole).ok()?.host_str().map(str::to_owned)
    };
    let mut hosts: Vec<String> = values.into_iter().filter_map(host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_with_and_without_a_scheme() {
        let values = ["http://user:canary@proxy.example:3128", "other.example:8080", "", "http://proxy.example"];
        assert_eq!(proxy_hosts(values.map(str::to_owned)), ["other.example", "proxy.example"]);
    }
}
