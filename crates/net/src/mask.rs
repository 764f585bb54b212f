//! Addresses as they may be shown: query values and random-looking path segments hidden, user info dropped.

use replug_core::{mask_path, mask_query};
use url::Url;

/// The address for logs, traces and reports.
pub fn mask_url(url: &Url) -> String {
    // Without a host nothing says which part of the rest may be shown.
    if !url.has_host() {
        return format!("{}:…", url.scheme());
    }
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}{}", url.scheme(), mask_path(url.path()), mask_query(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_left_in_a_shown_address() {
        let url =
            Url::parse("https://user:pass@h.example:8443/a/aB3dE5fG7hJ9kL1mN3pQ?key=canary&canary&x=1#frag").unwrap();
        assert_eq!(mask_url(&url), "https://h.example:8443/a/…?key=…&…&x=…");
        assert_eq!(mask_url(&Url::parse("mailto:user:pass@h.example").unwrap()), "mailto:…");
    }
}
