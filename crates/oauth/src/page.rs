//! Recognising web pages that stand where data was expected, above all those of firewalls. Which code they lead to is
//! decided by whoever asked.

use replug_core::{BodyShape, Failure};
use replug_net::{Answer, HeaderName};

const CF_MITIGATED: HeaderName = HeaderName::from_static("cf-mitigated");
const CF_RAY: HeaderName = HeaderName::from_static("cf-ray");

/// Beginnings of titles that firewalls give their pages, in lower case.
const TITLES: &[&str] = &[
    "just a moment",
    "attention required!",
    "access denied",
    "ddos-guard",
    "pardon our interruption",
    "request rejected",
    "human verification",
];

/// Texts that only the pages of firewalls hold.
const MARKS: &[&str] = &[
    "/cdn-cgi/challenge-platform/",
    "_Incapsula_Resource",
    "awsWafCookieDomainList",
    "gokuProps",
    "px-captcha",
    "captcha-delivery.com",
];

/// Whether a firewall wants to see a browser before it lets anybody through, whatever the status.
pub(crate) fn is_challenge(answer: &Answer) -> bool {
    if answer.header(&CF_MITIGATED).is_some() {
        return true;
    }
    let BodyShape::Html { title } = answer.shape() else {
        return false;
    };
    let title = title.unwrap_or_default().to_lowercase();
    let text = answer.text();
    TITLES.iter().any(|start| title.starts_with(start)) || MARKS.iter().any(|mark| text.contains(mark))
}

/// Adds what proves that a page came instead: its title, and the number by which the firewall's owner finds the request.
pub(crate) fn with_page_facts(mut failure: Failure, answer: &Answer) -> Failure {
    if let BodyShape::Html { title: Some(title) } = answer.shape() {
        failure = failure.with_fact("Title of the page", title);
    }
    match answer.header(&CF_RAY) {
        Some(ray) => failure.with_fact("Ray ID", ray),
        None => failure,
    }
}
