//! What is known about sign-in services before they are asked: how their requests differ, how a client is made at them by
//! hand, and their error numbers in plain words. What a service says about itself goes first, and no profile weakens a check.
//! What one connector found out by itself is in [`Quirks`](replug_core::Quirks).

mod table;

use replug_core::{CallbackHost, Code, Failure};
use url::Url;

use self::table::{ANY_SERVICE, PROFILES, WORDS};

/// A service that differs from what the specifications say.
#[derive(Debug)]
pub(crate) struct Profile {
    /// What people call it.
    name: &'static str,
    /// Hosts of its issuers by the label; `*` stands for exactly one.
    hosts: &'static [&'static str],
    /// What the path of its issuers begins with, for software that runs at any host.
    path: Option<&'static str>,
    /// Parameters of the authorization request that it needs.
    params: &'static [(&'static str, Value)],
    /// How it wants the callback address to name this computer.
    callback_host: CallbackHost,
    /// Whether it takes `resource` (RFC 8707).
    takes_resource: bool,
    /// How a person makes a client there, step by step; empty where clients register by themselves.
    guide: &'static [&'static str],
}

/// The value of a parameter.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// This text.
    Text(&'static str),
    /// The server's `resource`; the parameter is left out when there is none.
    Resource,
}

/// The profile of the service with this issuer.
pub(crate) fn profile(issuer: &str) -> &'static Profile {
    let Ok(url) = Url::parse(issuer) else { return &ANY_SERVICE };
    PROFILES.iter().find(|profile| profile.is_of(&url)).unwrap_or(&ANY_SERVICE)
}

impl Profile {
    fn is_of(&self, issuer: &Url) -> bool {
        let host = issuer.host_str().unwrap_or_default();
        let by_host = issuer.scheme() == "https" && self.hosts.iter().any(|pattern| fits(host, pattern));
        by_host || self.path.is_some_and(|path| issuer.path().starts_with(path))
    }

    /// How the callback address names this computer when nobody set it.
    pub(crate) const fn callback_host(&self) -> CallbackHost {
        self.callback_host
    }

    /// The `resource` to send.
    pub(crate) fn resource<'a>(&self, resource: Option<&'a str>) -> Option<&'a str> {
        resource.filter(|_| self.takes_resource)
    }

    /// The parameters of the authorization request: the person's own, and those the service needs that neither the person nor
    /// the endpoint's address sets.
    pub(crate) fn params(
        &self,
        own: &[(String, String)],
        resource: Option<&str>,
        endpoint: &str,
    ) -> Vec<(String, String)> {
        let in_address: Vec<String> =
            Url::parse(endpoint).iter().flat_map(Url::query_pairs).map(|(name, _)| name.to_ascii_lowercase()).collect();
        let is_set = |name: &str| {
            own.iter().any(|(set, _)| set.trim().eq_ignore_ascii_case(name)) || in_address.iter().any(|set| set == name)
        };
        let value = |value: Value| match value {
            Value::Text(text) => Some(text.to_owned()),
            Value::Resource => resource.map(str::to_owned),
        };
        let needed = self.params.iter().filter(|(name, _)| !is_set(name));
        let needed = needed.filter_map(|(name, text)| Some(((*name).to_owned(), value(*text)?)));
        own.iter().cloned().chain(needed).collect()
    }

    /// Tells how a client is made by hand, when the failure is about there being none.
    pub(crate) fn guide(&self, mut failure: Failure) -> Failure {
        let wanted = match failure.code {
            Code::RegNotOffered => true,
            Code::RegNotApproved | Code::RegNotAdvertised | Code::RegMetadataRefused => !self.guide.is_empty(),
            _ => false,
        };
        if !wanted {
            return failure;
        }
        if !self.name.is_empty() && failure.code == Code::RegNotOffered {
            failure = failure.with_text(format!("{} wants a client ID.", self.name));
        }
        let steps = if self.guide.is_empty() { ANY_SERVICE.guide } else { self.guide };
        steps
            .iter()
            .enumerate()
            .fold(failure, |failure, (at, step)| failure.with_fact(&format!("Step {}", at + 1), step))
    }
}

/// Puts the error numbers and set phrases of well-known services into plain words. They are looked for wherever a failure
/// quotes the service: one service often speaks for another.
pub(crate) fn in_plain_words(failure: Failure) -> Failure {
    let Some(said) = &failure.said else { return failure };
    let is_said = |mark: &str| {
        if mark.contains(' ') {
            said.contains(mark)
        } else {
            said.split(|c: char| !c.is_alphanumeric()).any(|word| word == mark)
        }
    };
    match WORDS.iter().find(|(mark, _)| is_said(mark)) {
        Some((_, sentence)) => failure.with_text(*sentence),
        None => failure,
    }
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
    fn a_service_is_recognised_by_its_host_over_https_or_by_its_path() {
        for (issuer, name) in [
            ("https://login.microsoftonline.com/common/v2.0", "Microsoft Entra"),
            ("https://accounts.google.com", "Google"),
            ("https://tenant.eu.auth0.com/", "Auth0"),
            ("https://github.com/login/oauth", "GitHub"),
            ("https://acme.my.salesforce.com", "Salesforce"),
            ("https://sso.acme.example/realms/staff", "Keycloak"),
            ("http://127.0.0.1:8080/realms/staff", "Keycloak"),
            ("http://accounts.google.com", ""),
            ("https://accounts.google.com.evil.example", ""),
            ("https://my.salesforce.com.evil.example", ""),
            ("https://auth.example/x/realms/staff", ""),
            ("not an address", ""),
        ] {
            assert_eq!(profile(issuer).name, name, "{issuer}");
        }
    }

    #[test]
    fn no_two_profiles_claim_the_same_host_and_every_guide_has_steps_a_person_can_follow() {
        let hosts: Vec<&str> = PROFILES.iter().flat_map(|profile| profile.hosts).copied().collect();
        for (at, host) in hosts.iter().enumerate() {
            assert!(!hosts[at + 1..].contains(host), "{host}");
        }
        for profile in &PROFILES {
            assert!(!profile.hosts.is_empty() || profile.path.is_some(), "{}", profile.name);
            assert!(profile.guide.iter().all(|step| step.ends_with('.')), "{}", profile.name);
        }
    }

    #[test]
    fn what_a_service_needs_is_added_unless_somebody_has_set_it() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let google = profile("https://accounts.google.com");
        let endpoint = "https://accounts.google.com/o/oauth2/v2/auth";
        assert_eq!(google.params(&[], None, endpoint), [pair("access_type", "offline"), pair("prompt", "consent")]);
        let own = [pair("Prompt", "select_account")];
        let with_query = format!("{endpoint}?access_type=online");
        assert_eq!(google.params(&own, None, &with_query), own, "nothing stands there twice");
        let auth0 = profile("https://tenant.auth0.com/");
        let resource = Some("https://mcp.example/mcp");
        assert_eq!(auth0.params(&[], resource, ""), [pair("audience", "https://mcp.example/mcp")]);
        assert_eq!(auth0.params(&[], None, ""), []);
    }

    #[test]
    fn numbers_are_read_as_whole_words() {
        let said = |text: &str| in_plain_words(Failure::new(Code::AuthRefused).with_said(text));
        let known = said("invalid_request: AADSTS50011: The redirect URI does not match");
        assert!(known.sentence().contains("callback address"), "{known:?}");
        let other = said("AADSTS5001199: something new");
        assert_eq!(other.text, None, "a longer number is another one");
    }
}
