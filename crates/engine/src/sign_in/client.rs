//! Choosing the OAuth client for an attempt: the person's own, the connector's registration, or a new one. The listener is
//! bound first, because a registration is for one callback address.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use replug_core::{
    AuthMethod, CallbackHost, Code, Credentials, Failure, Redirect, Registration, RegistrationKind, Secret, Settings,
    State,
};
use replug_oauth::{Context, Listener, RegistrationRequest, ServiceMetadata};
use sha2::{Digest, Sha256};

/// The callback port of pre-registered clients, so that one address can be entered at the service once and for all. It lies
/// below the ports that systems hand out by themselves.
const USUAL_PORT: u16 = 21_847;
const USUAL_PATH: &str = "/callback";
/// The label of the address that a person has to enter at the service.
pub(crate) const CALLBACK_ADDRESS: &str = "Callback address";

/// A client that is ready to be used.
pub(super) struct Client {
    pub(super) registration: Registration,
    pub(super) listener: Listener,
    /// Whether it was there before this attempt.
    pub(super) reused: bool,
    /// What was done to get it, in plain words.
    pub(super) notes: Vec<String>,
}

/// The address to enter at a service that wants one: what a pre-registered client will use.
pub(crate) fn redirect_address(settings: &Settings, record: Option<&Credentials>) -> String {
    let registered = record.and_then(|record| record.registration.as_ref());
    match registered.filter(|known| settings.client_id.is_none() && fits(&known.redirect, settings)) {
        Some(known) => known.redirect.to_address(),
        None => fixed_redirect(settings).to_address(),
    }
}

/// Takes the client for this service.
///
/// Fails with `RPL-LOCAL-PORT-TAKEN` when the callback address cannot change, and with the codes of a registration.
pub(super) async fn choose(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    settings: &Settings,
    record: &Credentials,
    scope: Option<&str>,
) -> Result<Client, Failure> {
    if let Some(client_id) = &settings.client_id {
        return pre_registered(service, settings, record, client_id).await;
    }
    if let Some(client) = reuse(ctx, service, settings, record).await? {
        return Ok(client);
    }
    register(ctx, service, settings, scope).await
}

async fn pre_registered(
    service: &ServiceMetadata,
    settings: &Settings,
    record: &Credentials,
    client_id: &str,
) -> Result<Client, Failure> {
    let redirect = fixed_redirect(settings);
    let listener = Listener::bind(redirect.host, Some(redirect.port), &redirect.path).await?;
    check_same_issuer(service, settings, record, client_id)?;
    let secret = record.inputs.client_secret.as_ref().map(Secret::duplicate);
    let known = record.registration.as_ref().filter(|known| {
        known.kind == RegistrationKind::PreRegistered && known.client_id == client_id && known.issuer == service.issuer
    });
    // A method that was found to work is kept, as long as there still is (or is not) a secret to use it with.
    let kept = known.map(|known| known.auth_method).filter(|method| (*method == AuthMethod::None) == secret.is_none());
    let registration = Registration {
        kind: RegistrationKind::PreRegistered,
        issuer: service.issuer.clone(),
        client_id: client_id.to_owned(),
        auth_method: kept.unwrap_or_else(|| usual_method(service, secret.is_some())),
        client_secret: secret,
        secret_expires_at: None,
        management: None,
        redirect,
        last_used_at: known.and_then(|known| known.last_used_at),
    };
    Ok(Client { registration, listener, reused: known.is_some(), notes: Vec::new() })
}

/// A client ID and its secret belong to the service they were used with. When the server names another one, a person has to
/// say that it is right, by entering it as the expected issuer (MCP "Authorization Server Binding").
fn check_same_issuer(
    service: &ServiceMetadata,
    settings: &Settings,
    record: &Credentials,
    client_id: &str,
) -> Result<(), Failure> {
    let ours = |known: &&Registration| known.kind == RegistrationKind::PreRegistered && known.client_id == client_id;
    let pinned = settings.issuer.as_deref() == Some(service.issuer.as_str());
    match record.registration.as_ref().filter(ours) {
        Some(known) if known.issuer != service.issuer && !pinned => Err(Failure::new(Code::AuthIssuerChanged)
            .with_fact("Used until now", &known.issuer)
            .with_fact("Named now", &service.issuer)),
        Some(_) | None => Ok(()),
    }
}

/// With a secret: basic, unless only post is listed.
fn usual_method(service: &ServiceMetadata, has_secret: bool) -> AuthMethod {
    let lists = |method: AuthMethod| service.auth_methods.iter().any(|listed| listed == method.as_str());
    match has_secret {
        false => AuthMethod::None,
        true if lists(AuthMethod::Post) && !lists(AuthMethod::Basic) => AuthMethod::Post,
        true => AuthMethod::Basic,
    }
}

/// The connector's own registration, when it is for this service, for these settings, and its port is free.
async fn reuse(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    settings: &Settings,
    record: &Credentials,
) -> Result<Option<Client>, Failure> {
    let Some(known) = &record.registration else {
        return Ok(None);
    };
    let expired = known.secret_expires_at.is_some_and(|end| end <= ctx.clock.now());
    // One that the person entered is used through the settings only; there it was cleared.
    let entered = known.kind == RegistrationKind::PreRegistered;
    if entered || known.issuer != service.issuer || expired || !fits(&known.redirect, settings) {
        return Ok(None);
    }
    let Redirect { host, port, path } = &known.redirect;
    match Listener::bind(*host, Some(*port), path).await {
        Ok(listener) => {
            let registration = known.duplicate();
            Ok(Some(Client { registration, listener, reused: true, notes: Vec::new() }))
        }
        // A dynamic registration can be made anew for another port; any other cannot.
        Err(failure) if failure.code == Code::LocalPortTaken && known.kind == RegistrationKind::Dynamic => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn register(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    settings: &Settings,
    scope: Option<&str>,
) -> Result<Client, Failure> {
    let host = settings.callback.host.unwrap_or_default();
    let path = settings.callback.path.clone().unwrap_or_else(|| path_for(&service.issuer));
    let listener = Listener::bind(host, settings.callback.port, &path).await?;
    let request = RegistrationRequest {
        client_name: settings.client_name.as_deref(),
        redirect: listener.redirect().clone(),
        scope,
        other_host_allowed: settings.callback.host.is_none(),
    };
    let registered = replug_oauth::register(ctx, service, &request).await;
    let registered = registered.map_err(|failure| by_hand(failure, settings))?;
    let listener = rebind(listener, &registered.registration.redirect).await?;
    Ok(Client { registration: registered.registration, listener, reused: false, notes: registered.notes })
}

/// What a person enters at the service by hand is the address of a client of theirs, not the one this attempt listened on.
fn by_hand(mut failure: Failure, settings: &Settings) -> Failure {
    if failure.code.info().state != Some(State::NeedsSetup) {
        return failure;
    }
    failure.facts.retain(|fact| fact.label != CALLBACK_ADDRESS);
    failure.with_fact(CALLBACK_ADDRESS, fixed_redirect(settings).to_address())
}

/// The service may have insisted on the other name of this computer.
async fn rebind(listener: Listener, redirect: &Redirect) -> Result<Listener, Failure> {
    if listener.redirect() == redirect {
        return Ok(listener);
    }
    drop(listener);
    Listener::bind(redirect.host, Some(redirect.port), &redirect.path).await
}

/// Distinct for each issuer, so that one service's answer can never arrive at another's address (RFC 9207 §4).
fn path_for(issuer: &str) -> String {
    let mark = URL_SAFE_NO_PAD.encode(&Sha256::digest(issuer.as_bytes())[..6]);
    format!("{USUAL_PATH}/{mark}")
}

fn fixed_redirect(settings: &Settings) -> Redirect {
    Redirect {
        host: settings.callback.host.unwrap_or(CallbackHost::Literal),
        port: settings.callback.port.unwrap_or(USUAL_PORT),
        path: settings.callback.path.clone().unwrap_or_else(|| USUAL_PATH.to_owned()),
    }
}

/// Whether a callback address is one that the settings ask for.
fn fits(redirect: &Redirect, settings: &Settings) -> bool {
    let callback = &settings.callback;
    callback.host.is_none_or(|host| host == redirect.host)
        && callback.port.is_none_or(|port| port == redirect.port)
        && callback.path.as_ref().is_none_or(|path| *path == redirect.path)
}
