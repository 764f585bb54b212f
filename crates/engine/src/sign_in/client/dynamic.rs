//! Clients that a service issues on request (RFC 7591): the connector's own is used again, else a new one is asked for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use replug_core::{CallbackHost, Code, ConnectorId, Failure, Quirks, Redirect, Registration, RegistrationKind, State};
use replug_oauth::{CALLBACK_PATH, Context, Listener, MOST_REQUESTS, Registered, RegistrationRequest};
use sha2::{Digest, Sha256};

use super::{CALLBACK_ADDRESS, Client, Wanted, fits, fixed_redirect};
use crate::Engine;
use crate::profiles::profile;

/// The connector's own registration, when it was issued by this service, fits these settings, and its port is free.
pub(super) async fn reuse(ctx: &Context<'_>, wanted: &Wanted<'_>) -> Result<Option<Client>, Failure> {
    let usable = |known: &&Registration| {
        // One that the person entered, and a document, are used through the settings only.
        known.kind == RegistrationKind::Dynamic
            && known.issuer == wanted.service.issuer
            && known.secret_expires_at.is_none_or(|end| end > ctx.clock.now())
            && fits(&known.redirect, wanted.settings)
    };
    let Some(known) = wanted.record.registration.as_ref().filter(usable) else {
        return Ok(None);
    };
    match wanted.listen(&known.redirect).await {
        Ok(listener) => Ok(Some(Client { registration: known.duplicate(), listener, reused: true, notes: Vec::new() })),
        // It can be made anew for another port.
        Err(failure) if failure.code == Code::LocalPortTaken => Ok(None),
        Err(failure) => Err(failure),
    }
}

impl Engine {
    /// Registers a new client, in the form that the service is known to take, and keeps what was learned about that.
    pub(super) async fn register(
        &self,
        ctx: &Context<'_>,
        id: &ConnectorId,
        wanted: &Wanted<'_>,
    ) -> Result<Client, Failure> {
        let Wanted { service, settings, quirks, occasion, .. } = wanted;
        let forms = callback_forms(wanted);
        let (redirect, listener) = first_callback(wanted, &forms[0]).await?;
        let port = redirect.port;
        let redirects: Vec<Redirect> =
            forms.iter().map(|(host, path)| Redirect { host: *host, port, path: path.clone() }).collect();
        let request = RegistrationRequest {
            client_name: settings.client_name.as_deref(),
            redirect,
            scope: occasion.scope,
            other_redirects: &redirects[1..],
            on_device: occasion.on_device,
            reductions: &quirks.reductions,
            // What was learned is either still right, or all begins anew: together no more than for a stranger.
            at_most: if quirks.reductions.is_empty() { MOST_REQUESTS } else { 1 },
        };
        let mut registered = replug_oauth::register(ctx, service, &request).await;
        if registered.as_ref().is_err_and(needs_setup) && !quirks.reductions.is_empty() {
            // The service may want again what it once refused.
            self.learn(id, Quirks { reductions: Vec::new(), ..quirks.clone() }).await?;
            let anew = RegistrationRequest { reductions: &[], at_most: MOST_REQUESTS - 1, ..request };
            registered = replug_oauth::register(ctx, service, &anew).await;
        }
        let registered = registered.map_err(|failure| by_hand(failure, wanted))?;
        // Kept before anything else is done, so that it can be cleaned up even when this process is killed now.
        self.keep_unproven(id, &registered.registration).await?;
        if let Err(failure) = self.learn(id, learned(quirks, &registered)).await {
            tracing::warn!(connector = %id, code = %failure.code, "what a registration taught could not be kept");
        }
        let Registered { registration, notes, .. } = registered;
        let listener = rebind(listener, &registration.redirect).await?;
        Ok(Client { registration, listener, reused: false, notes })
    }
}

fn needs_setup(failure: &Failure) -> bool {
    failure.code.info().state == Some(State::NeedsSetup)
}

/// What the next registration at this service begins with.
fn learned(before: &Quirks, registered: &Registered) -> Quirks {
    let Registration { redirect, issuer, .. } = &registered.registration;
    Quirks {
        reductions: registered.reductions.clone(),
        // The usual one is no news, and another may be usual one day.
        callback_host: (redirect.host != profile(issuer).callback_host()).then_some(redirect.host),
        usual_path: redirect.path == CALLBACK_PATH,
        ..before.clone()
    }
}

/// Hosts and paths of the callback address in the order in which they are tried: what the person set, what worked before,
/// then the usual form and its variations. The first differs for each issuer, so that one service's answer can never arrive at
/// another's address (RFC 9207 §4); the usual path is for services that know no other.
fn callback_forms(wanted: &Wanted<'_>) -> Vec<(CallbackHost, String)> {
    let Wanted { service, settings, quirks, .. } = wanted;
    let usual = quirks.callback_host.unwrap_or_else(|| profile(&service.issuer).callback_host());
    let hosts = match settings.callback.host {
        Some(host) => vec![host],
        None => vec![usual, other(usual)],
    };
    let mut paths = match &settings.callback.path {
        Some(path) => vec![path.clone()],
        None => vec![path_for(&service.issuer), CALLBACK_PATH.to_owned()],
    };
    if quirks.usual_path {
        paths.reverse();
    }
    let along = |path: String| hosts.iter().map(move |host| (*host, path.clone()));
    paths.into_iter().flat_map(along).collect()
}

/// The callback address to ask for, and who listens there.
async fn first_callback(
    wanted: &Wanted<'_>,
    (host, path): &(CallbackHost, String),
) -> Result<(Redirect, Option<Listener>), Failure> {
    if let Some(port) = wanted.settings.callback.port {
        let redirect = Redirect { host: *host, port, path: path.clone() };
        let listener = wanted.listen(&redirect).await?;
        return Ok((redirect, listener));
    }
    let listener = Listener::bind(*host, None, path).await?;
    Ok((listener.redirect().clone(), Some(listener).filter(|_| !wanted.occasion.on_device)))
}

/// How else the callback address can name this computer.
pub(in crate::sign_in) const fn other(host: CallbackHost) -> CallbackHost {
    match host {
        CallbackHost::Literal => CallbackHost::Localhost,
        CallbackHost::Localhost => CallbackHost::Literal,
    }
}

/// What a person enters at the service by hand is the address of a client of theirs, not the one this attempt listened on.
fn by_hand(mut failure: Failure, wanted: &Wanted<'_>) -> Failure {
    if !needs_setup(&failure) {
        return failure;
    }
    let issuer = &wanted.service.issuer;
    let redirect = fixed_redirect(wanted.settings, Some(issuer)).to_address();
    failure.facts.retain(|fact| fact.label != CALLBACK_ADDRESS);
    profile(issuer).guide(failure.with_fact(CALLBACK_ADDRESS, redirect))
}

/// The service may have insisted on another form of the address.
async fn rebind(listener: Option<Listener>, redirect: &Redirect) -> Result<Option<Listener>, Failure> {
    match listener {
        Some(other) if other.redirect() != redirect => {
            drop(other);
            Listener::bind(redirect.host, Some(redirect.port), &redirect.path).await.map(Some)
        }
        listener => Ok(listener),
    }
}

fn path_for(issuer: &str) -> String {
    let mark = URL_SAFE_NO_PAD.encode(&Sha256::digest(issuer.as_bytes())[..6]);
    format!("{CALLBACK_PATH}/{mark}")
}
