//! What the authorization server remembers: clients, open consent pages, codes, grants and tokens. How they come to be and
//! end is in the modules of the endpoints; the rules for grants are in `grants`.

use std::collections::{BTreeMap, HashMap};
use std::io;

use super::ClientMethod;
use super::device::DeviceCodes;
use super::mint::Mint;

/// What the server remembers, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuthState {
    /// Registrations that were ever made on request.
    pub registrations: u32,
    /// Clients the server knows now, pre-registered ones too.
    pub live_clients: usize,
    /// Consent pages that were answered with Allow.
    pub consents: u32,
    /// Codes that were exchanged.
    pub exchanges: u32,
    /// Refreshes that were granted.
    pub refreshes: u32,
    /// Uses of a refresh token that had been replaced.
    pub reuse_detections: u32,
    /// Codes for other devices that were issued (RFC 8628).
    pub device_codes: u32,
    /// Questions about such a code that came before the interval was over.
    pub hasty_questions: u32,
    /// Tokens that were revoked by their client (RFC 7009).
    pub revocations: u32,
    /// Registrations that were deleted by their client (RFC 7592).
    pub deletions: u32,
    /// Refresh tokens that would be granted now.
    pub live_refresh_tokens: usize,
    /// Access tokens that would be accepted now.
    pub live_access_tokens: usize,
}

/// A client that no registration request made.
#[derive(Debug, Clone)]
pub struct PreRegistered {
    /// Its ID.
    pub id: String,
    /// Its secret, unless it is public.
    pub secret: Option<String>,
    /// How it proves who it is.
    pub method: ClientMethod,
    /// Its redirect addresses.
    pub redirect_uris: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) secret: Option<String>,
    pub(super) secret_ends_ms: Option<i64>,
    pub(super) method: ClientMethod,
    pub(super) redirect_uris: Vec<String>,
    /// As they were registered; none where nobody said.
    pub(super) grant_types: Vec<String>,
    pub(super) registration_token: Option<String>,
    pub(super) tokens_issued: u32,
}

/// An authorization request that was found acceptable.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) challenge: String,
    pub(super) resource: Option<String>,
    pub(super) scopes: Vec<String>,
    /// Whether renewal was asked for in the way OpenID Connect Core §11 wants it.
    pub(super) offline: bool,
}

pub(super) struct Code {
    pub(super) asked: Asked,
    pub(super) ends_ms: i64,
    /// The grant it was exchanged for; a second exchange ends that grant (RFC 6749 §4.1.2).
    pub(super) grant: Option<usize>,
}

/// What a person allowed: the family that all tokens from one code belong to.
pub(super) struct Family {
    pub(super) client_id: String,
    pub(super) resource: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) revoked: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) family: usize,
    pub(super) audience: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) ends_ms: i64,
}

pub(super) struct Refresh {
    pub(super) family: usize,
    /// When another token took its place.
    pub(super) replaced_ms: Option<i64>,
    pub(super) used_ms: i64,
}

pub(crate) struct Book {
    pub(super) mint: Mint,
    pub(super) counts: AuthState,
    pub(super) clients: BTreeMap<String, Client>,
    pub(super) tickets: HashMap<String, Asked>,
    pub(super) codes: HashMap<String, Code>,
    pub(super) devices: DeviceCodes,
    pub(super) families: Vec<Family>,
    pub(super) access: HashMap<String, Access>,
    pub(super) refresh: HashMap<String, Refresh>,
}

impl Book {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            mint: Mint::new()?,
            counts: AuthState::default(),
            clients: BTreeMap::new(),
            tickets: HashMap::new(),
            codes: HashMap::new(),
            devices: DeviceCodes::new(),
            families: Vec::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
        })
    }

    pub(super) fn client(&self, id: &str) -> Option<Client> {
        self.clients.get(id).cloned()
    }

    pub(super) fn add_registered(&mut self, client: Client) {
        self.counts.registrations += 1;
        self.clients.insert(client.id.clone(), client);
    }

    /// RFC 7592 §2.2: the registration is another one from now on, and what was granted to it stays.
    pub(super) fn replace_client(&mut self, client: Client) {
        self.clients.insert(client.id.clone(), client);
    }

    pub(super) fn add_pre_registered(&mut self, client: PreRegistered) {
        let client = Client {
            name: client.id.clone(),
            id: client.id,
            secret: client.secret,
            secret_ends_ms: None,
            method: client.method,
            redirect_uris: client.redirect_uris,
            grant_types: vec![super::device::GRANT.to_owned()],
            registration_token: None,
            tokens_issued: 0,
        };
        self.clients.insert(client.id.clone(), client);
    }

    pub(super) fn client_ids(&self) -> Vec<String> {
        self.clients.keys().cloned().collect()
    }

    pub(super) fn forget_client(&mut self, id: &str) {
        self.clients.remove(id);
    }

    pub(super) fn forget_all_clients(&mut self) {
        self.clients.clear();
    }

    /// RFC 7592 §2.3: the registration and everything granted to it end.
    pub(super) fn delete_client(&mut self, id: &str) {
        self.forget_client(id);
        self.counts.deletions += 1;
        for family in self.families.iter_mut().filter(|family| family.client_id == id) {
            family.revoked = true;
        }
    }

    pub(super) fn revoke_everything(&mut self) {
        for family in &mut self.families {
            family.revoked = true;
        }
    }

    pub(super) fn expire_access_tokens(&mut self) {
        for access in self.access.values_mut() {
            access.ends_ms = i64::MIN;
        }
    }

    pub(super) fn issued_secrets(&self) -> Vec<String> {
        self.mint.secrets().to_vec()
    }

    pub(super) fn state(&self, now_ms: i64) -> AuthState {
        let live_refresh = |token: &&Refresh| {
            let family = &self.families[token.family];
            !family.revoked && token.replaced_ms.is_none() && self.clients.contains_key(&family.client_id)
        };
        let live_access = |token: &&Access| !self.families[token.family].revoked && token.ends_ms > now_ms;
        AuthState {
            live_clients: self.clients.len(),
            live_refresh_tokens: self.refresh.values().filter(live_refresh).count(),
            live_access_tokens: self.access.values().filter(live_access).count(),
            ..self.counts
        }
    }
}
