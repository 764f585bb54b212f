//! The checks that a sign-in service's metadata has to pass before anything in it is used. Where it came from is `discovery`'s.

use replug_core::{Code, Failure, registrable_domain};
use replug_net::{gate_for_request, mask_url};
use url::Url;

use super::DiscoveryPrefs;
use super::pkce::is_known_to_support;
use crate::Context;
use crate::members::{Members, flag, text, texts};
use crate::service::{ServiceMetadata, ServiceSource};

/// The members that are addresses Replug goes to.
const ENDPOINTS: [&str; 5] = [
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "device_authorization_endpoint",
    "revocation_endpoint",
];

/// Checks the document that stands for an identifier, and says what was accepted although it is unusual. The members are
/// those of RFC 8414 §2, RFC 9207 §3 and client-ID metadata documents.
pub(super) fn check(
    ctx: &Context<'_>,
    document: &Members,
    (identifier, source): (&str, ServiceSource),
    prefs: &DiscoveryPrefs,
) -> Result<(ServiceMetadata, Vec<String>), Failure> {
    let mut notes = Vec::new();
    let (issuer, note) = check_issuer(text(document, "issuer"), identifier, prefs)?;
    notes.extend(note);
    let listed = |name| owned(texts(document, name));
    let methods = listed("code_challenge_methods_supported");
    notes.extend(check_pkce(&methods, issuer, prefs)?);
    let optional = |name| gate_endpoint(ctx, document, name);
    let required = |name| optional(name)?.ok_or_else(|| incomplete(name));
    if issuer != identifier && prefs.issuer_pin.is_some() {
        check_site(document, issuer)?;
    }
    let metadata = ServiceMetadata {
        issuer: issuer.to_owned(),
        source,
        authorization_endpoint: required("authorization_endpoint")?,
        token_endpoint: required("token_endpoint")?,
        registration_endpoint: optional("registration_endpoint")?,
        device_authorization_endpoint: optional("device_authorization_endpoint")?,
        revocation_endpoint: optional("revocation_endpoint")?,
        scopes: listed("scopes_supported"),
        code_challenge_methods: (!methods.is_empty()).then_some(methods),
        auth_methods: listed("token_endpoint_auth_methods_supported"),
        grant_types: listed("grant_types_supported"),
        iss_parameter: flag(document, "authorization_response_iss_parameter_supported"),
        client_id_document: flag(document, "client_id_metadata_document_supported"),
    };
    Ok((metadata, notes))
}

/// The issuer is the identifier that led to the document (RFC 8414 §3.3), or the one the person pinned, byte for byte. One
/// difference is conceded: an empty path and `/` are the same.
fn check_issuer<'a>(
    issuer: Option<&'a str>,
    identifier: &str,
    prefs: &DiscoveryPrefs,
) -> Result<(&'a str, Option<String>), Failure> {
    let expected = prefs.issuer_pin.as_deref().unwrap_or(identifier);
    let mismatch = || {
        Failure::new(Code::MetaIssuerMismatch)
            .with_fact("Expected issuer", expected)
            .with_fact("Named issuer", issuer.unwrap_or("none"))
    };
    let issuer = issuer.ok_or_else(mismatch)?;
    let note = if issuer == expected {
        (issuer != identifier)
            .then(|| format!("{identifier} calls itself {issuer}, the issuer entered in the settings."))
    } else if is_same_issuer(issuer, expected) {
        Some(format!("The issuer {issuer} differs from {expected} by a slash only."))
    } else {
        return Err(mismatch());
    };
    Ok((issuer, note))
}

/// A document that stands elsewhere than at the issuer it names speaks for it only where a code and a secret stay with it: on
/// its own site (RFC 9207 §1).
fn check_site(document: &Members, issuer: &str) -> Result<(), Failure> {
    let home = Url::parse(issuer).ok();
    for name in ENDPOINTS {
        let Some(address) = text(document, name) else { continue };
        let endpoint = Url::parse(address).ok();
        if !home.as_ref().zip(endpoint.as_ref()).is_some_and(|(home, endpoint)| is_same_site(home, endpoint)) {
            return Err(Failure::new(Code::MetaIssuerMismatch)
                .with_text("An address of the sign-in is on another site than the expected issuer.")
                .with_fact("Expected issuer", issuer)
                .with_fact("Member", name)
                .with_fact("Address", endpoint.as_ref().map(mask_url).unwrap_or_default()));
        }
    }
    Ok(())
}

/// Whether both belong to whom registered the name; the same origin where there is no such name.
fn is_same_site(one: &Url, other: &Url) -> bool {
    let site = |url: &Url| url.host_str().and_then(registrable_domain).map(str::to_owned);
    match (site(one), site(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.origin() == other.origin(),
    }
}

/// Whether two identifiers differ by an empty path at most.
pub(super) fn is_same_issuer(one: &str, other: &str) -> bool {
    without_empty_path(one) == without_empty_path(other)
}

fn without_empty_path(issuer: &str) -> &str {
    let Some(bare) = issuer.strip_suffix('/') else {
        return issuer;
    };
    match bare.split_once("://") {
        Some((_, host)) if !host.contains(['/', '?', '#']) => bare,
        _ => issuer,
    }
}

/// PKCE with S256 has to be listed (MCP 2025-11-25 "Authorization Code Protection"); see `pkce` for who may leave the list out.
fn check_pkce(methods: &[String], issuer: &str, prefs: &DiscoveryPrefs) -> Result<Option<String>, Failure> {
    if methods.iter().any(|method| method == "S256") {
        return Ok(None);
    }
    if !methods.is_empty() {
        return Err(Failure::new(Code::MetaPkceUnsupported).with_fact("Listed", methods.join(", ")));
    }
    if is_known_to_support(issuer) {
        return Ok(Some("The service does not list PKCE, and is known to support it.".to_owned()));
    }
    if prefs.allow_pkce_unlisted {
        return Ok(Some("The service does not list PKCE, which is allowed for this connector.".to_owned()));
    }
    Err(Failure::new(Code::MetaPkceUnlisted).with_fact("Missing", "code_challenge_methods_supported"))
}

fn gate_endpoint(ctx: &Context<'_>, document: &Members, name: &str) -> Result<Option<String>, Failure> {
    text(document, name)
        .map(|address| gate_for_request(address, ctx.loopback))
        .transpose()
        .map(|url| url.map(String::from))
        .map_err(|failure| failure.with_fact("Member", name))
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

fn incomplete(name: &str) -> Failure {
    Failure::new(Code::MetaIncomplete).with_fact("Missing", name)
}
