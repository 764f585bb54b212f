//! How a client shows who it is at the token and revocation endpoints (RFC 6749 §2.3.1). What it asks for there is decided
//! by the callers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, header};
use replug_core::{AuthMethod, Failure, Registration, Secret};
use replug_net::Ask;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use crate::Context;
use crate::client_key::statement;

/// RFC 7523 §2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The method to use: without a secret there is only one.
pub(crate) fn method_of(registration: &Registration) -> AuthMethod {
    match secret_of(registration) {
        Some(_) => registration.auth_method,
        None => AuthMethod::None,
    }
}

/// The method to try once more with after `invalid_client`, when there is a secret to send.
pub(crate) fn other_method(registration: &Registration) -> Option<AuthMethod> {
    secret_of(registration)?;
    Some(match registration.auth_method {
        AuthMethod::Basic | AuthMethod::None => AuthMethod::Post,
        AuthMethod::Post => AuthMethod::Basic,
        AuthMethod::PrivateKeyJwt => return None,
    })
}

/// A form POST that carries `fields` and the client's identity.
///
/// Fails with `RPL-REG-CLIENT-REFUSED` when the client has a private key that cannot be used.
pub(crate) fn authenticated_post(
    ctx: &Context<'_>,
    endpoint: Url,
    fields: &[(&str, &str)],
    client: (&Registration, AuthMethod),
) -> Result<Ask, Failure> {
    let (registration, method) = client;
    let secret = secret_of(registration);
    let mut form = Serializer::new(String::new());
    form.extend_pairs(fields);
    let reach = ctx.reach;
    let ask = match (method, secret) {
        (AuthMethod::Basic, Some(secret)) => {
            let ask = Ask::post_form(endpoint, form.finish(), reach);
            ask.header(header::AUTHORIZATION, basic(&registration.client_id, secret.expose()))
        }
        (AuthMethod::Post, Some(secret)) => {
            form.append_pair("client_id", &registration.client_id).append_pair("client_secret", secret.expose());
            Ask::post_form(endpoint, form.finish(), reach)
        }
        (AuthMethod::PrivateKeyJwt, Some(key)) => {
            let statement = statement(ctx, registration, key)?;
            form.append_pair("client_id", &registration.client_id)
                .append_pair("client_assertion_type", ASSERTION_TYPE)
                .append_pair("client_assertion", statement.expose());
            Ask::post_form(endpoint, form.finish(), reach)
        }
        (AuthMethod::None, _) | (_, None) => {
            form.append_pair("client_id", &registration.client_id);
            Ask::post_form(endpoint, form.finish(), reach)
        }
    };
    Ok(ask.accept("application/json"))
}

fn secret_of(registration: &Registration) -> Option<&Secret<String>> {
    registration.client_secret.as_ref().filter(|secret| !secret.expose().is_empty())
}

/// ID and secret are form-encoded first, so that a colon or a space in one of them does no harm.
fn basic(client_id: &str, secret: &str) -> HeaderValue {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encode(client_id), encode(secret)));
    let value = format!("Basic {}", STANDARD.encode(pair.as_bytes()));
    // Base64 has no character that a header cannot carry.
    let mut value = HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static("Basic"));
    value.set_sensitive(true);
    value
}
