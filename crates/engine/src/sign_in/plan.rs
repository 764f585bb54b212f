//! What a person is told about a sign-in on its way: where the browser goes, and whether that is unusual.

use replug_core::{Code, ConnectorId, Failure, ServerAddress, registrable_domain};
use replug_oauth::{Attempt, DeviceAttempt};
use url::{Host, Url};

use super::moved;
use crate::check::Asked;
use crate::wire::{DeviceCode, SignInPlan, SignInProgress, SignInStep};

/// The first thing that is told.
pub(super) fn preparing(id: &ConnectorId) -> SignInProgress {
    SignInProgress {
        id: id.to_string(),
        step: SignInStep::Preparing,
        plan: None,
        until: None,
        note: None,
        connector: None,
        error: None,
    }
}

/// The last thing that is told of an attempt that broke off.
pub(super) fn broken_off(before: &SignInProgress) -> SignInProgress {
    let error = Some((&Failure::new(Code::LocalInternal)).into());
    SignInProgress { step: SignInStep::Done, plan: None, until: None, error, ..before.clone() }
}

/// Where the browser will be sent. `moved_from` is the sign-in service that was used until now, when it was another one.
pub(super) fn plan(attempt: &Attempt, server: &ServerAddress, moved_from: Option<&str>) -> SignInPlan {
    let redirect = Some(attempt.redirect.to_address());
    let plan = plan_for((attempt.address.url(), &attempt.issuer), &attempt.scopes, server, moved_from);
    SignInPlan { redirect, ..plan }
}

/// Where a person enters a code on another device.
pub(super) fn plan_on_device(attempt: &DeviceAttempt, server: &ServerAddress, moved_from: Option<&str>) -> SignInPlan {
    let address = attempt.complete_address.as_ref().unwrap_or(&attempt.address);
    let plan = plan_for((address.url(), &attempt.issuer), &attempt.scopes, server, moved_from);
    let device = DeviceCode { code: attempt.user_code.clone(), address: attempt.address.as_str().to_owned() };
    SignInPlan { device: Some(device), ..plan }
}

/// Where the client's secret goes when no person takes part.
///
/// Fails with `RPL-META-UNSAFE-ADDRESS` when that is no address.
pub(super) fn plan_in_own_name(
    asked: &Asked,
    server: &ServerAddress,
    moved_from: Option<&str>,
) -> Result<SignInPlan, Failure> {
    let service = &asked.service;
    let endpoint = address(&service.token_endpoint)?;
    Ok(plan_for((&endpoint, &service.issuer), &asked.scope.scopes(), server, moved_from))
}

/// Where the client shows itself before there is a code to enter on another device: the more unusual one of the endpoints that
/// it asks. `first_secret` is whether it has a secret that this service has not seen yet.
///
/// Fails with `RPL-AUTH-NO-DEVICE`, and with `RPL-META-UNSAFE-ADDRESS` when an endpoint is no address.
pub(super) fn plan_before_device(
    asked: &Asked,
    server: &ServerAddress,
    moved_from: Option<&str>,
    first_secret: bool,
) -> Result<SignInPlan, Failure> {
    let service = &asked.service;
    let codes = service.device_authorization_endpoint.as_deref().ok_or_else(|| Failure::new(Code::AuthNoDevice))?;
    let (codes, tokens) = (address(codes)?, address(&service.token_endpoint)?);
    let is_unusual = |url: &Url| warning(url, &service.issuer, server).is_some();
    let endpoint = if !is_unusual(&codes) && is_unusual(&tokens) { tokens } else { codes };
    let plan = plan_for((&endpoint, &service.issuer), &asked.scope.scopes(), server, moved_from);
    let first = first_secret.then(|| "The client's secret was not used at this sign-in service before.".to_owned());
    Ok(SignInPlan { warning: both(plan.warning, first), ..plan })
}

fn address(endpoint: &str) -> Result<Url, Failure> {
    Url::parse(endpoint).map_err(|_| Failure::new(Code::MetaUnsafeAddress))
}

fn plan_for(
    (url, issuer): (&Url, &str),
    scopes: &[String],
    server: &ServerAddress,
    moved_from: Option<&str>,
) -> SignInPlan {
    let host = url.host_str().unwrap_or_default().to_owned();
    SignInPlan {
        address: url.as_str().to_owned(),
        registrable: registrable_domain(&host).map(str::to_owned),
        warning: both(moved_from.map(|from| moved::words(from, issuer)), warning(url, issuer, server)),
        moved_from: moved_from.map(str::to_owned),
        host,
        issuer: issuer.to_owned(),
        scopes: scopes.to_vec(),
        redirect: None,
        device: None,
        device_offered: false,
    }
}

/// A service that moved to a host that is unusual too is told as both.
fn both(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one} {other}")),
        (one, other) => one.or(other),
    }
}

/// Why a host is unusual. Another company's sign-in service is usual; these are not.
fn warning(url: &Url, issuer: &str, server: &ServerAddress) -> Option<String> {
    let host = url.host_str().unwrap_or_default();
    let same_host = server.base().host_str() == Some(host);
    let by_number = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
    if host.split('.').any(|label| label.starts_with("xn--")) {
        return Some(
            "This name holds letters that can look like others. Compare it with the one you expect.".to_owned(),
        );
    }
    if by_number && !same_host && !server.is_loopback() {
        return Some("This address is a number without a name. Sign-in services have names.".to_owned());
    }
    let issuer_host = Url::parse(issuer).ok().and_then(|issuer| issuer.host_str().map(str::to_owned));
    let foreign = issuer_host.is_some_and(|issuer| registrable_domain(&issuer) != registrable_domain(host));
    foreign.then(|| "The sign-in page is on another site than the sign-in service itself.".to_owned())
}

#[cfg(test)]
mod tests;
