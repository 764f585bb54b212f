//! Reading a registration answer (RFC 7591 §3.2). The answer governs: what it says replaces what was asked for.

use http::StatusCode;
use jiff::Timestamp;
use replug_core::{AuthMethod, Code, Failure, Management, Registration, RegistrationKind, Secret};
use replug_net::{Answer, gate_for_request};

use super::Registered;
use super::draft::Sent;
use super::refusal::{Part, Refusal};
use crate::members::{Members, object, seconds, text, texts};
use crate::page::is_challenge;
use crate::{Context, ServiceMetadata};

/// Secrets that last longer last for ever, in seconds: a hundred years.
const LONGEST_LIFE: i64 = 100 * 365 * 24 * 60 * 60;

/// What an answer to a registration is.
pub(super) enum Outcome {
    /// A client was issued.
    Issued(Issued),
    /// The service says that the request is wrong.
    Refused(Refusal),
    /// Something that no other request would change.
    Other,
}

/// A granted registration, as the service sent it. Without `Debug`, because it holds the secret.
pub(super) struct Issued {
    client_id: String,
    members: Members,
}

/// Tells grants, refusals and everything else apart. A refusal with status 200 is still one.
pub(super) fn read(answer: &Answer) -> Outcome {
    if is_challenge(answer) {
        return Outcome::Other;
    }
    let Some(members) = object(answer) else {
        return Outcome::Other;
    };
    let status = answer.status;
    if let Some(client_id) = text(&members, "client_id").filter(|_| status.is_success()) {
        return Outcome::Issued(Issued { client_id: client_id.to_owned(), members });
    }
    // An MCP server that answers at every address is no registration endpoint.
    if members.contains_key("jsonrpc") {
        return Outcome::Other;
    }
    let refusal = Refusal::read(&members);
    match status {
        _ if status.is_success() && members.contains_key("error") => Outcome::Refused(refusal),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => Outcome::Refused(refusal),
        // Some services hold permissions against a policy and say so like this; without any the policy is content.
        StatusCode::FORBIDDEN if refusal.parts == [Part::Scope] => Outcome::Refused(refusal),
        _ => Outcome::Other,
    }
}

/// A grant that Replug cannot use.
pub(super) struct Unusable {
    pub(super) failure: Failure,
    /// The client that was issued all the same, to be deleted.
    pub(super) issued: Option<Management>,
}

impl Issued {
    /// The registration, what was odd about the answer, and what the request went without.
    pub(super) fn into_registered(
        self,
        ctx: &Context<'_>,
        service: &ServiceMetadata,
        sent: Sent,
    ) -> Result<Registered, Box<Unusable>> {
        let mut notes = Vec::new();
        let members = &self.members;
        let management = management(ctx, members, &mut notes);
        let secret = secret(members);
        let auth_method = match auth_method(members, service, secret.is_some(), &sent, &mut notes) {
            Ok(method) => method,
            Err(failure) => return Err(Box::new(Unusable { failure, issued: management })),
        };
        let address = sent.redirect.to_address();
        let redirects = texts(members, "redirect_uris");
        if !redirects.is_empty() && !redirects.contains(&address.as_str()) {
            notes.push(format!("The service registered another callback address than {address}."));
        }
        let now = ctx.clock.now();
        let registration = Registration {
            kind: RegistrationKind::Dynamic,
            issuer: service.issuer.clone(),
            client_id: self.client_id,
            secret_expires_at: secret.as_ref().and_then(|_| secret_end(members, now, &mut notes)),
            secret_issued_at: secret.as_ref().map(|_| now),
            client_secret: secret,
            auth_method,
            management,
            redirect: sent.redirect,
            last_used_at: None,
        };
        Ok(Registered { registration, reductions: sent.reductions, notes })
    }
}

pub(super) fn secret(members: &Members) -> Option<Secret<String>> {
    text(members, "client_secret").map(|secret| Secret::new(secret.to_owned()))
}

/// When the secret ends. Zero means never (RFC 7591 §3.2.1); so does what cannot be meant: a time that is over already, and
/// one that nobody will live to see, such as milliseconds.
pub(super) fn secret_end(members: &Members, now: Timestamp, notes: &mut Vec<String>) -> Option<Timestamp> {
    let end = seconds(members, "client_secret_expires_at")?;
    let from_now = end.saturating_sub(now.as_second());
    if !(1..LONGEST_LIFE).contains(&from_now) {
        notes.push(
            "The service names an end of the secret that cannot be meant; Replug takes it for lasting.".to_owned(),
        );
        return None;
    }
    Timestamp::from_second(end).ok()
}

/// The answer governs, as long as it can work: a way Replug does not speak is no use, and neither is one that needs a secret
/// when none was given and the service lets nobody in without one.
fn auth_method(
    members: &Members,
    service: &ServiceMetadata,
    has_secret: bool,
    sent: &Sent,
    notes: &mut Vec<String>,
) -> Result<AuthMethod, Failure> {
    let Some(name) = text(members, "token_endpoint_auth_method") else {
        return Ok(sent.auth_method);
    };
    let Some(method) = AuthMethod::from_name(name) else {
        return Err(Failure::new(Code::RegMetadataRefused)
            .with_text("The sign-in service wants Replug to identify itself in a way it does not speak.")
            .with_fact("Method", name));
    };
    if method != AuthMethod::None && !has_secret {
        let listed = &service.auth_methods;
        if !listed.is_empty() && !listed.iter().any(|name| name == AuthMethod::None.as_str()) {
            return Err(Failure::new(Code::RegMetadataRefused)
                .with_text("The sign-in service wants Replug to prove itself by a secret, and gave none.")
                .with_fact("Method", name));
        }
        notes.push(format!("The service chose {name} and gave no secret for it."));
        return Ok(AuthMethod::None);
    }
    if method != sent.auth_method {
        notes.push(format!("The service chose {name} as the way to authenticate."));
    }
    Ok(method)
}

/// The access to the registration, when both of its parts are there and the address is safe.
pub(super) fn management(ctx: &Context<'_>, members: &Members, notes: &mut Vec<String>) -> Option<Management> {
    let address = text(members, "registration_client_uri")?;
    let token = text(members, "registration_access_token")?;
    let Ok(address) = gate_for_request(address, ctx.loopback) else {
        notes.push("The address to delete the registration is not safe, so Replug does not use it.".to_owned());
        return None;
    };
    Some(Management { address: address.into(), token: Secret::new(token.to_owned()) })
}
