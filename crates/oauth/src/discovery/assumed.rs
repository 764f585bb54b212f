//! The sign-in service of a server that describes nothing: the default addresses of MCP 2025-03-26. Whether they answer is
//! seen when they are used.

use http::StatusCode;
use replug_core::{Code, Failure};
use replug_net::{Ask, gate_for_request, mask_url};
use url::Url;

use super::FoundIssuer;
use crate::Context;
use crate::service::{ServiceMetadata, ServiceSource};

/// The default addresses at the server's origin (MCP 2025-03-26, "Fallbacks for Servers without Metadata Discovery").
pub(super) fn assumed_at(server: &Url) -> FoundIssuer {
    let origin = server.origin().ascii_serialization();
    let metadata = ServiceMetadata {
        issuer: origin.clone(),
        source: ServiceSource::Assumed,
        authorization_endpoint: format!("{origin}/authorize"),
        token_endpoint: format!("{origin}/token"),
        registration_endpoint: Some(format!("{origin}/register")),
        device_authorization_endpoint: None,
        revocation_endpoint: None,
        scopes: Vec::new(),
        code_challenge_methods: None,
        auth_methods: Vec::new(),
        grant_types: Vec::new(),
        iss_parameter: false,
        client_id_document: false,
    };
    FoundIssuer {
        metadata,
        identifier: origin,
        found_at: None,
        notes: vec!["Nothing describes the sign-in; the usual addresses of 2025-03-26 are assumed.".to_owned()],
    }
}

/// Looks whether there is anything at the assumed sign-in page. A service that describes itself is taken at its word.
///
/// Fails with `RPL-META-NONE` when the page does not exist, and with a code of the network.
pub async fn confirm_assumed(ctx: &Context<'_>, service: &ServiceMetadata) -> Result<(), Failure> {
    if service.source != ServiceSource::Assumed {
        return Ok(());
    }
    let address = gate_for_request(&service.authorization_endpoint, ctx.loopback)?;
    let answer = ctx.http.ask(&Ask::get(address.clone(), ctx.reach), ctx.trace).await?;
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(Failure::new(Code::MetaNone)
            .with_fact("Address", mask_url(&address))
            .with_fact("Status", answer.status.as_str())),
        _ => Ok(()),
    }
}
