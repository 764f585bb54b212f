//! Which sign-in services support PKCE with S256 although they do not list it. What a list says is never overruled.

use url::Url;

/// Hosts of issuers, by the label; `*` stands for exactly one.
const KNOWN: &[&str] = &[
    // Microsoft Entra ID and its national clouds, External ID and B2C.
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.windows.net",
    "sts.windows.net",
    "*.ciamlogin.com",
    "*.b2clogin.com",
    // Google.
    "accounts.google.com",
    // Amazon Cognito user pools.
    "cognito-idp.*.amazonaws.com",
    "cognito-idp.*.amazonaws.com.cn",
];

/// Whether the issuer is known to support S256 without listing it.
pub(super) fn is_known_to_support(issuer: &str) -> bool {
    let Ok(url) = Url::parse(issuer) else {
        return false;
    };
    url.scheme() == "https" && url.host_str().is_some_and(|host| KNOWN.iter().any(|pattern| fits(host, pattern)))
}

fn fits(host: &str, pattern: &str) -> bool {
    let mut labels = host.split('.');
    let every = pattern.split('.').all(|wanted| labels.next().is_some_and(|label| wanted == "*" || wanted == label));
    every && labels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_hosts_are_known() {
        for issuer in [
            "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0",
            "https://accounts.google.com",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
            "https://tenant.ciamlogin.com/x/v2.0",
        ] {
            assert!(is_known_to_support(issuer), "{issuer}");
        }
        for issuer in [
            "http://accounts.google.com",
            "https://accounts.google.com.evil.example",
            "https://evil.example/accounts.google.com",
            "https://x.accounts.google.com",
            "https://cognito-idp.amazonaws.com",
            "https://cognito-idp.a.b.amazonaws.com",
            "https://ciamlogin.com",
            "accounts.google.com",
        ] {
            assert!(!is_known_to_support(issuer), "{issuer}");
        }
    }
}
