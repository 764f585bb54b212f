//! Signing in without a person: the connector's own client asks for a token with its secret or key (MCP extension "OAuth
//! Client Credentials"). Renewing it is `renew`'s business, as for every sign-in; so is keeping it in the record.

use replug_core::{Code, Connector, Failure, GrantType, Registration};
use replug_oauth::{Context, Extent, ServiceMetadata};

use crate::Engine;
use crate::check::Asked;
use crate::profiles::profile;
use crate::sign_in::entered;

impl Engine {
    /// The client that asks in its own name; `None` when a person signs in. Where the settings leave it open, the service
    /// decides: one that offers nothing else is asked with the client that was entered.
    ///
    /// Fails with `RPL-REG-NOT-OFFERED` when the settings want it and there is no client with a secret, and with
    /// `RPL-AUTH-ISSUER-CHANGED` when the client was used at another service.
    pub(crate) async fn own_client(
        &self,
        connector: &Connector,
        service: &ServiceMetadata,
    ) -> Result<Option<Registration>, Failure> {
        let settings = &connector.settings;
        let wanted = settings.grant.map_or_else(|| offers_nothing_else(service), is_own);
        if !wanted {
            return Ok(None);
        }
        let record = self.record_of(connector, self.patience()).await?;
        match settings.client_id.as_deref().filter(|_| record.inputs.client_secret.is_some()) {
            Some(id) => entered(service, settings, &record, id).map(|(registration, _)| Some(registration)),
            None if settings.grant.is_none() => Ok(None),
            None => Err(Failure::new(Code::RegNotOffered)
                .with_text("Signing in without a person needs a client ID with its secret or private key.")),
        }
    }

    /// Asks for a token in the client's own name, and keeps it. Fails with the codes of a token request.
    pub(crate) async fn sign_in_as_client(
        &self,
        ctx: &Context<'_>,
        connector: &Connector,
        asked: &Asked,
        mut client: Registration,
    ) -> Result<(), Failure> {
        let scopes = asked.scope.scopes();
        let wanted = Extent { scopes: &scopes, resource: profile(&client.issuer).resource(asked.resource.as_deref()) };
        let granted = replug_oauth::client_credentials(ctx, &asked.service, &wanted, &client).await;
        let granted = granted.map_err(|refused| refused.failure)?;
        client.last_used_at = Some(granted.obtained_at);
        client.auth_method = granted.auth_method_changed.unwrap_or(client.auth_method);
        let address = connector.address.base().as_str();
        let tokens = granted.into_tokens(&asked.service, GrantType::ClientCredentials, &wanted, address);
        self.store_grant(ctx, &connector.id, (client, tokens), wanted.scopes).await
    }
}

fn offers_nothing_else(service: &ServiceMetadata) -> bool {
    let lists = |grant: GrantType| service.grant_types.iter().any(|listed| listed == grant.as_str());
    lists(GrantType::ClientCredentials) && !lists(GrantType::AuthorizationCode)
}

fn is_own(grant: GrantType) -> bool {
    grant == GrantType::ClientCredentials
}
