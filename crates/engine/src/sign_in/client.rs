//! Choosing the OAuth client for an attempt: the person's own, then a client-ID document, then the connector's registration,
//! then a new one (MCP "Client Registration"). The listener is bound first, because a client is for one callback address; on
//! another device nobody listens. How a client is registered on request is in `dynamic`.

mod dynamic;
mod learned;
mod orphans;
mod upkeep;

use replug_core::{
    AuthMethod, CallbackHost, Code, Connector, Credentials, Failure, Quirks, Redirect, Registration, RegistrationKind,
    Secret, Settings,
};
use replug_oauth::{CALLBACK_PATH, CALLBACK_PORTS, ClientKey, Context, Listener, ServiceMetadata};

pub(super) use self::orphans::orphan;
use crate::Engine;
use crate::profiles::profile;

/// The label of the address that a person has to enter at the service.
pub(crate) const CALLBACK_ADDRESS: &str = "Callback address";

/// A client that is ready to be used.
pub(super) struct Client {
    pub(super) registration: Registration,
    /// `None` when the person signs in on another device.
    pub(super) listener: Option<Listener>,
    /// Whether it was there before this attempt, so that nothing has to be kept or given back.
    pub(super) reused: bool,
    /// What was done to get it, in plain words.
    pub(super) notes: Vec<String>,
}

/// What the client is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion<'a> {
    /// The permissions, separated by spaces, when they should be part of a registration.
    pub(super) scope: Option<&'a str>,
    /// Whether the person signs in on another device.
    pub(super) on_device: bool,
}

/// What a client is chosen by.
struct Wanted<'a> {
    service: &'a ServiceMetadata,
    settings: &'a Settings,
    record: &'a Credentials,
    occasion: Occasion<'a>,
    /// What was learned about this service.
    quirks: Quirks,
}

impl Wanted<'_> {
    /// Listens at a callback address. Whoever signs in on another device does not come back to it, so that it may be taken.
    async fn listen(&self, redirect: &Redirect) -> Result<Option<Listener>, Failure> {
        if self.occasion.on_device {
            return Ok(None);
        }
        Listener::bind(redirect.host, Some(redirect.port), &redirect.path).await.map(Some)
    }
}

/// The address to enter at a service that wants one: what a pre-registered client will use at this issuer, if it is known.
pub(crate) fn redirect_address(settings: &Settings, record: Option<&Credentials>, issuer: Option<&str>) -> String {
    let registered = record.and_then(|record| record.registration.as_ref());
    match registered.filter(|known| settings.client_id.is_none() && fits(&known.redirect, settings)) {
        Some(known) => known.redirect.to_address(),
        None => fixed_redirect(settings, issuer).to_address(),
    }
}

impl Engine {
    /// Takes the client for this service, and keeps what is learned on the way.
    ///
    /// Fails with `RPL-LOCAL-PORT-TAKEN` when the callback address cannot change, and with the codes of a registration.
    pub(super) async fn choose_client(
        &self,
        ctx: &Context<'_>,
        (connector, record): (&Connector, &Credentials),
        service: &ServiceMetadata,
        occasion: Occasion<'_>,
    ) -> Result<Client, Failure> {
        let settings = &connector.settings;
        let quirks = self.quirks(&connector.id, &service.issuer).await?;
        let wanted = Wanted { service, settings, record, occasion, quirks };
        if let Some(client_id) = &settings.client_id {
            return pre_registered(&wanted, client_id).await;
        }
        if let Some(document) = self.document_for(&wanted).await? {
            return by_document(&wanted, document).await;
        }
        if let Some(client) = dynamic::reuse(ctx, &wanted).await? {
            return Ok(client);
        }
        self.register(ctx, &connector.id, &wanted).await
    }

    /// The client-ID document to be known by: the connector's or the app's, where the service takes one and has not refused
    /// this very one.
    async fn document_for(&self, wanted: &Wanted<'_>) -> Result<Option<String>, Failure> {
        if !wanted.service.client_id_document {
            return Ok(None);
        }
        let document = match &wanted.settings.client_document {
            Some(own) => Some(own.clone()),
            None => self.settings().await?.client_document,
        };
        Ok(document.filter(|document| wanted.quirks.refused_document.as_ref() != Some(document)))
    }
}

async fn pre_registered(wanted: &Wanted<'_>, client_id: &str) -> Result<Client, Failure> {
    let Wanted { service, settings, record, .. } = wanted;
    let (registration, reused) = entered(service, settings, record, client_id)?;
    let listener = wanted.listen(&registration.redirect).await?;
    Ok(Client { registration, listener, reused, notes: Vec::new() })
}

/// The client that the person entered, and whether this service has taken it before.
pub(crate) fn entered(
    service: &ServiceMetadata,
    settings: &Settings,
    record: &Credentials,
    client_id: &str,
) -> Result<(Registration, bool), Failure> {
    check_same_issuer(service, settings, record, client_id)?;
    let secret = record.inputs.client_secret.as_ref().map(Secret::duplicate);
    let known = record.registration.as_ref().filter(|known| {
        known.kind == RegistrationKind::PreRegistered && known.client_id == client_id && known.issuer == service.issuer
    });
    let usual = usual_method(service, secret.as_ref());
    // A method that was found to work is kept, as long as it is one for the secret that there is (or is not).
    let kept = known.map(|known| known.auth_method).filter(|method| takes_same(*method, usual));
    let registration = Registration {
        kind: RegistrationKind::PreRegistered,
        issuer: service.issuer.clone(),
        client_id: client_id.to_owned(),
        auth_method: kept.unwrap_or(usual),
        client_secret: secret,
        secret_expires_at: None,
        secret_issued_at: None,
        management: None,
        redirect: fixed_redirect(settings, Some(&service.issuer)),
        last_used_at: known.and_then(|known| known.last_used_at),
    };
    Ok((registration, known.is_some()))
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

/// With a private key: a signed statement. With a secret: basic, unless only post is listed.
fn usual_method(service: &ServiceMetadata, secret: Option<&Secret<String>>) -> AuthMethod {
    let lists = |method: AuthMethod| service.auth_methods.iter().any(|listed| listed == method.as_str());
    match secret {
        None => AuthMethod::None,
        Some(key) if ClientKey::is_key(key) => AuthMethod::PrivateKeyJwt,
        Some(_) if lists(AuthMethod::Post) && !lists(AuthMethod::Basic) => AuthMethod::Post,
        Some(_) => AuthMethod::Basic,
    }
}

/// Whether both methods show the same kind of secret.
const fn takes_same(one: AuthMethod, other: AuthMethod) -> bool {
    use AuthMethod::{Basic, None, Post, PrivateKeyJwt};
    matches!((one, other), (None, None) | (PrivateKeyJwt, PrivateKeyJwt) | (Basic | Post, Basic | Post))
}

/// A document is portable: it is not bound to an issuer, and nothing was issued that could be forgotten.
async fn by_document(wanted: &Wanted<'_>, document: String) -> Result<Client, Failure> {
    let (redirect, listener) = callback_for_document(wanted).await?;
    let known = wanted.record.registration.as_ref().filter(|known| {
        known.kind == RegistrationKind::ClientIdDocument
            && known.client_id == document
            && known.issuer == wanted.service.issuer
    });
    let registration = Registration {
        kind: RegistrationKind::ClientIdDocument,
        issuer: wanted.service.issuer.clone(),
        client_id: document,
        client_secret: None,
        secret_expires_at: None,
        secret_issued_at: None,
        auth_method: AuthMethod::None,
        management: None,
        redirect,
        last_used_at: known.and_then(|known| known.last_used_at),
    };
    Ok(Client { registration, listener, reused: true, notes: Vec::new() })
}

/// Listens at one of the ports that the document names, unless the person set one.
async fn callback_for_document(wanted: &Wanted<'_>) -> Result<(Redirect, Option<Listener>), Failure> {
    let Wanted { service, settings, .. } = wanted;
    let mut redirect = fixed_redirect(settings, Some(&service.issuer));
    let others = CALLBACK_PORTS[1..].iter().filter(|_| settings.callback.port.is_none());
    let mut outcome = wanted.listen(&redirect).await;
    for port in others {
        if !outcome.as_ref().is_err_and(|failure| failure.code == Code::LocalPortTaken) {
            break;
        }
        redirect.port = *port;
        outcome = wanted.listen(&redirect).await;
    }
    Ok((redirect, outcome?))
}

/// The callback address of a client that is entered once and for all.
fn fixed_redirect(settings: &Settings, issuer: Option<&str>) -> Redirect {
    let usual = issuer.map_or(CallbackHost::default(), |issuer| profile(issuer).callback_host());
    Redirect {
        host: settings.callback.host.unwrap_or(usual),
        port: settings.callback.port.unwrap_or(CALLBACK_PORTS[0]),
        path: settings.callback.path.clone().unwrap_or_else(|| CALLBACK_PATH.to_owned()),
    }
}

/// Whether a callback address is one that the settings ask for.
fn fits(redirect: &Redirect, settings: &Settings) -> bool {
    let callback = &settings.callback;
    callback.host.is_none_or(|host| host == redirect.host)
        && callback.port.is_none_or(|port| port == redirect.port)
        && callback.path.as_ref().is_none_or(|path| *path == redirect.path)
}
