//! The stored form of a record: one JSON document. Kept apart, so that the record itself can never be serialised by accident.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    AuthMethod, Credentials, CredentialsError, Inputs, Management, Redirect, Registration, RegistrationKind, Tokens,
};
use crate::{ConnectorId, GrantType, Secret};

const VERSION: u32 = 1;

/// `S` is `&str` when writing, so that no copy of a secret is made, and `String` when reading.
#[derive(Serialize, Deserialize)]
struct Document<S> {
    version: u32,
    connector: ConnectorId,
    generation: u64,
    #[serde(default)]
    inputs_address: Option<String>,
    headers: Vec<(String, S)>,
    query: Vec<(String, S)>,
    client_secret: Option<S>,
    registration: Option<RegistrationDocument<S>>,
    unproven: Option<RegistrationDocument<S>>,
    /// Addresses and tokens.
    #[serde(default = "Vec::new")]
    orphans: Vec<(String, S)>,
    tokens: Option<TokensDocument<S>>,
}

#[derive(Serialize, Deserialize)]
struct RegistrationDocument<S> {
    kind: RegistrationKind,
    issuer: String,
    client_id: String,
    client_secret: Option<S>,
    secret_expires_at: Option<Timestamp>,
    #[serde(default)]
    secret_issued_at: Option<Timestamp>,
    auth_method: AuthMethod,
    management_address: Option<String>,
    management_token: Option<S>,
    redirect: Redirect,
    last_used_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct TokensDocument<S> {
    access: S,
    refresh: Option<S>,
    expires_at: Option<Timestamp>,
    obtained_at: Timestamp,
    #[serde(default)]
    grant: GrantType,
    scopes: Vec<String>,
    issuer: String,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
    resource: Option<String>,
    address: String,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

pub(super) fn encode(credentials: &Credentials) -> Secret<Vec<u8>> {
    let document = Document {
        version: VERSION,
        connector: credentials.connector.clone(),
        generation: credentials.generation,
        inputs_address: credentials.inputs.address.clone(),
        headers: borrow_pairs(&credentials.inputs.headers),
        query: borrow_pairs(&credentials.inputs.query),
        client_secret: credentials.inputs.client_secret.as_ref().map(borrow),
        registration: credentials.registration.as_ref().map(registration_document),
        unproven: credentials.unproven.as_ref().map(registration_document),
        orphans: credentials.orphans.iter().map(|orphan| (orphan.address.clone(), borrow(&orphan.token))).collect(),
        tokens: credentials.tokens.as_ref().map(tokens_document),
    };
    // Room for the whole record, so that growing does not leave copies behind.
    let mut bytes = Vec::with_capacity(64 * 1024);
    // Writing plain data to a vector cannot fail: no map has keys that are not text.
    let written = serde_json::to_writer(&mut bytes, &document);
    debug_assert!(written.is_ok(), "plain data is always serialisable");
    Secret::new(bytes)
}

pub(super) fn decode(bytes: &[u8]) -> Result<Credentials, CredentialsError> {
    let VersionOnly { version } = serde_json::from_slice(bytes).map_err(|_| CredentialsError::Unreadable)?;
    if version > VERSION {
        return Err(CredentialsError::Newer(version));
    }
    let document: Document<String> = serde_json::from_slice(bytes).map_err(|_| CredentialsError::Unreadable)?;
    Ok(Credentials {
        connector: document.connector,
        generation: document.generation,
        inputs: Inputs {
            address: document.inputs_address,
            headers: own_pairs(document.headers),
            query: own_pairs(document.query),
            client_secret: document.client_secret.map(Secret::new),
        },
        registration: document.registration.map(own_registration),
        unproven: document.unproven.map(own_registration),
        orphans: document.orphans.into_iter().map(own_management).collect(),
        tokens: document.tokens.map(own_tokens),
    })
}

fn borrow(secret: &Secret<String>) -> &str {
    secret.expose()
}

fn borrow_pairs(pairs: &[(String, Secret<String>)]) -> Vec<(String, &str)> {
    pairs.iter().map(|(name, value)| (name.clone(), borrow(value))).collect()
}

fn own_pairs(pairs: Vec<(String, String)>) -> Vec<(String, Secret<String>)> {
    pairs.into_iter().map(|(name, value)| (name, Secret::new(value))).collect()
}

fn registration_document(registration: &Registration) -> RegistrationDocument<&str> {
    RegistrationDocument {
        kind: registration.kind,
        issuer: registration.issuer.clone(),
        client_id: registration.client_id.clone(),
        client_secret: registration.client_secret.as_ref().map(borrow),
        secret_expires_at: registration.secret_expires_at,
        secret_issued_at: registration.secret_issued_at,
        auth_method: registration.auth_method,
        management_address: registration.management.as_ref().map(|m| m.address.clone()),
        management_token: registration.management.as_ref().map(|m| borrow(&m.token)),
        redirect: registration.redirect.clone(),
        last_used_at: registration.last_used_at,
    }
}

fn own_registration(document: RegistrationDocument<String>) -> Registration {
    let management = document.management_address.zip(document.management_token);
    Registration {
        kind: document.kind,
        issuer: document.issuer,
        client_id: document.client_id,
        client_secret: document.client_secret.map(Secret::new),
        secret_expires_at: document.secret_expires_at,
        secret_issued_at: document.secret_issued_at,
        auth_method: document.auth_method,
        management: management.map(own_management),
        redirect: document.redirect,
        last_used_at: document.last_used_at,
    }
}

fn own_management((address, token): (String, String)) -> Management {
    Management { address, token: Secret::new(token) }
}

fn tokens_document(tokens: &Tokens) -> TokensDocument<&str> {
    TokensDocument {
        access: borrow(&tokens.access),
        refresh: tokens.refresh.as_ref().map(borrow),
        expires_at: tokens.expires_at,
        obtained_at: tokens.obtained_at,
        grant: tokens.grant,
        scopes: tokens.scopes.clone(),
        issuer: tokens.issuer.clone(),
        token_endpoint: tokens.token_endpoint.clone(),
        revocation_endpoint: tokens.revocation_endpoint.clone(),
        resource: tokens.resource.clone(),
        address: tokens.address.clone(),
    }
}

fn own_tokens(document: TokensDocument<String>) -> Tokens {
    Tokens {
        access: Secret::new(document.access),
        refresh: document.refresh.map(Secret::new),
        expires_at: document.expires_at,
        obtained_at: document.obtained_at,
        grant: document.grant,
        scopes: document.scopes,
        issuer: document.issuer,
        token_endpoint: document.token_endpoint,
        revocation_endpoint: document.revocation_endpoint,
        resource: document.resource,
        address: document.address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CallbackHost;

    fn id(text: &str) -> ConnectorId {
        text.parse().unwrap()
    }

    fn full() -> Credentials {
        let when: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        Credentials {
            connector: id("aaaaaaaaaa"),
            generation: 7,
            inputs: Inputs {
                address: Some("https://mcp.example/mcp".into()),
                headers: vec![("X-Key".into(), Secret::new("header-value".into()))],
                query: vec![("k".into(), Secret::new("query-value".into()))],
                client_secret: Some(Secret::new("typed-secret".into())),
            },
            registration: Some(Registration {
                kind: RegistrationKind::Dynamic,
                issuer: "https://auth.example".into(),
                client_id: "client".into(),
                client_secret: Some(Secret::new("issued-secret".into())),
                secret_expires_at: Some(when),
                secret_issued_at: Some(when),
                auth_method: AuthMethod::Basic,
                management: Some(Management {
                    address: "https://auth.example/r/1".into(),
                    token: Secret::new("rat".into()),
                }),
                redirect: Redirect { host: CallbackHost::Literal, port: 4000, path: "/callback".into() },
                last_used_at: Some(when),
            }),
            unproven: None,
            orphans: vec![Management {
                address: "https://auth.example/r/0".into(),
                token: Secret::new("old-rat".into()),
            }],
            tokens: Some(Tokens {
                access: Secret::new("access".into()),
                refresh: Some(Secret::new("refresh".into())),
                expires_at: Some(when),
                obtained_at: when,
                grant: GrantType::AuthorizationCode,
                scopes: vec!["a".into(), "b".into()],
                issuer: "https://auth.example".into(),
                token_endpoint: "https://auth.example/token".into(),
                revocation_endpoint: None,
                resource: Some("https://mcp.example/".into()),
                address: "https://mcp.example/mcp".into(),
            }),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let written = full().encode();
        let read = Credentials::decode(&written, &id("aaaaaaaaaa")).unwrap();
        assert_eq!(read.encode().expose(), written.expose(), "writing it again gives the same bytes");
        assert_eq!(
            read.tokens.unwrap().resource.unwrap(),
            "https://mcp.example/",
            "the resource is byte for byte the same"
        );
    }

    #[test]
    fn what_was_typed_belongs_to_one_address_and_in_an_old_record_to_any() {
        let mut record = full();
        assert!(record.inputs.belong_to("https://mcp.example/mcp"));
        assert!(!record.inputs.belong_to("https://mcp.example/other"));
        let old = String::from_utf8(record.encode().expose().clone()).unwrap();
        let old = old.replace(r#""inputs_address":"https://mcp.example/mcp","#, "");
        let old = Credentials::decode(&Secret::new(old.into_bytes()), &id("aaaaaaaaaa")).unwrap();
        assert_eq!(old.inputs.address, None, "written before addresses were");
        assert!(old.inputs.belong_to("https://mcp.example/other"));
        record.inputs = Inputs { address: record.inputs.address, ..Inputs::default() };
        assert!(record.inputs.belong_to("https://mcp.example/other"), "nothing belongs to nobody");
    }

    #[test]
    fn a_record_of_another_connector_is_refused() {
        let outcome = Credentials::decode(&full().encode(), &id("bbbbbbbbbb")).map(|_| ());
        assert_eq!(outcome, Err(CredentialsError::OtherConnector));
    }

    #[test]
    fn a_newer_record_is_named_and_a_broken_one_is_not_quoted() {
        let newer = Secret::new(br#"{"version":9,"x":1}"#.to_vec());
        assert_eq!(Credentials::decode(&newer, &id("aaaaaaaaaa")).map(|_| ()), Err(CredentialsError::Newer(9)));
        let broken = Secret::new(br#"{"version":1,"access":"canary"}"#.to_vec());
        let error = Credentials::decode(&broken, &id("aaaaaaaaaa")).unwrap_err();
        assert!(!format!("{error:?}{error}").contains("canary"), "the error quotes nothing: {error:?}");
    }
}
