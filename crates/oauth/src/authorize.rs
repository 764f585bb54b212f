//! The authorization request (RFC 6749 §4.1.1 with RFC 7636 and RFC 8707) and the record of the attempt it begins. Which
//! client and which permissions it names is decided before; the browser is opened elsewhere.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use replug_core::{Code, Failure, Random, Redirect, Secret};
use replug_net::{BrowserAddress, gate_for_browser};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{Context, Extent, ServiceMetadata};

/// Parameters that only Replug may set (RFC 6749 §4.1, RFC 7636 §4, RFC 8707 §2, RFC 9101 §5, OAuth 2.0 Multiple Response Types
/// §2.1). A second copy could win over the one it sent.
const RESERVED: [&str; 14] = [
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "redirect_uri",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// Bytes of randomness in a state and in a verifier; 32 of them give the 43 characters of RFC 7636 §4.1.
const RANDOM_BYTES: usize = 32;

/// What an authorization request says besides what the service's metadata decides.
#[derive(Debug, Clone)]
pub struct AttemptInput<'a> {
    /// The client ID the service issued, or the person typed.
    pub client_id: &'a str,
    /// Where the browser comes back to; somebody listens there already.
    pub redirect: Redirect,
    /// The permissions to ask for; empty sends no `scope`.
    pub scopes: &'a [String],
    /// Whether a refresh token is asked for with `offline_access`, which some services grant only after a new consent.
    pub offline: bool,
    /// The `resource` (RFC 8707 §2), sent byte for byte; `None` for services of 2025-03-26.
    pub resource: Option<&'a str>,
    /// The person's own parameters, such as `audience`.
    pub extra_params: &'a [(String, String)],
}

/// One try to sign in: what was sent, and what the answer is compared with. Kept in memory only.
pub struct Attempt {
    /// `state`: 256 random bits.
    pub state: Secret<String>,
    /// The PKCE verifier (RFC 7636 §4.1).
    pub verifier: Secret<String>,
    /// The issuer that was asked, byte for byte (RFC 9207 §2.4).
    pub issuer: String,
    /// Where the browser comes back to.
    pub redirect: Redirect,
    /// The `resource` that was sent.
    pub resource: Option<String>,
    /// The permissions that were asked for.
    pub scopes: Vec<String>,
    /// The client ID that was sent.
    pub client_id: String,
    /// Where the browser goes.
    pub address: BrowserAddress,
    /// When it began.
    pub started_at: Timestamp,
}

impl Attempt {
    /// Draws state and verifier and writes the request.
    ///
    /// Fails with `RPL-META-UNSAFE-ADDRESS` when the endpoint is not safe to open or already carries a parameter that only
    /// Replug may set, with `RPL-USE-SETTING-INVALID` when the person's parameters do, and with `RPL-REG-NOT-OFFERED`
    /// without a client ID.
    pub fn begin(ctx: &Context<'_>, service: &ServiceMetadata, input: &AttemptInput<'_>) -> Result<Self, Failure> {
        if input.client_id.trim().is_empty() {
            return Err(Failure::new(Code::RegNotOffered).with_fact("Client ID", "(empty)"));
        }
        let endpoint = gate_for_browser(&service.authorization_endpoint, ctx.loopback)?;
        check_endpoint(endpoint.url())?;
        check_extra_params(endpoint.url(), input.extra_params)?;
        let state = draw(ctx.random);
        let verifier = draw(ctx.random);
        let url = compose(endpoint.url(), input, &state, &verifier)?;
        Ok(Self {
            address: gate_for_browser(url.as_str(), ctx.loopback)?,
            state,
            verifier,
            issuer: service.issuer.clone(),
            redirect: input.redirect.clone(),
            resource: input.resource.map(str::to_owned),
            scopes: input.scopes.to_vec(),
            client_id: input.client_id.to_owned(),
            started_at: ctx.clock.now(),
        })
    }
}

impl Attempt {
    /// What the tokens are asked for.
    pub fn extent(&self) -> Extent<'_> {
        Extent { scopes: &self.scopes, resource: self.resource.as_deref() }
    }
}

/// Without the address, which holds the state.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("issuer", &self.issuer)
            .field("redirect", &self.redirect)
            .field("resource", &self.resource)
            .field("scopes", &self.scopes)
            .field("client_id", &self.client_id)
            .field("started_at", &self.started_at)
            .finish_non_exhaustive()
    }
}

fn compose(
    endpoint: &Url,
    input: &AttemptInput<'_>,
    state: &Secret<String>,
    verifier: &Secret<String>,
) -> Result<Url, Failure> {
    let redirect = RedirectUrl::new(input.redirect.to_address())
        .map_err(|error| setting_invalid("callback address", &error.to_string()))?;
    let client =
        BasicClient::new(ClientId::new(input.client_id.to_owned())).set_auth_uri(AuthUrl::from_url(endpoint.clone()));
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.expose().clone()));
    let mut request = client
        .authorize_url(|| CsrfToken::new(state.expose().clone()))
        .set_redirect_uri(Cow::Owned(redirect))
        .set_pkce_challenge(challenge)
        .add_scopes(input.scopes.iter().cloned().map(Scope::new));
    if let Some(resource) = input.resource {
        request = request.add_extra_param("resource", resource);
    }
    // The person's own `prompt`, or the endpoint's, decides; sending a second one would be an error (RFC 6749 §3.1).
    let has_prompt = names_of(endpoint).any(|name| name == "prompt")
        || input.extra_params.iter().any(|(name, _)| comparable(name) == "prompt");
    if input.offline && !has_prompt {
        request = request.add_extra_param("prompt", "consent");
    }
    for (name, value) in input.extra_params {
        request = request.add_extra_param(name.as_str(), value.as_str());
    }
    Ok(request.url().0)
}

/// The endpoint's own members are kept, unless they are among those that decide where the code goes (T04).
fn check_endpoint(endpoint: &Url) -> Result<(), Failure> {
    match names_of(endpoint).find(|name| RESERVED.contains(&name.as_str())) {
        Some(name) => Err(Failure::new(Code::MetaUnsafeAddress)
            .with_fact("Address", replug_net::mask_url(endpoint))
            .with_fact("Reason", format!("it already carries `{name}`"))),
        None => Ok(()),
    }
}

/// The person's own parameters replace nothing that Replug or the endpoint's address says.
pub(crate) fn check_extra_params(endpoint: &Url, params: &[(String, String)]) -> Result<(), Failure> {
    let mut taken: Vec<String> = names_of(endpoint).collect();
    for (name, _) in params {
        let name = comparable(name);
        if name.is_empty() {
            return Err(setting_invalid("parameter", "it has no name"));
        }
        if RESERVED.contains(&name.as_str()) {
            return Err(setting_invalid(&name, "only Replug may set this parameter"));
        }
        if taken.contains(&name) {
            return Err(setting_invalid(&name, "the parameter stands there twice"));
        }
        taken.push(name);
    }
    Ok(())
}

fn setting_invalid(setting: &str, reason: &str) -> Failure {
    Failure::new(Code::UseSettingInvalid).with_fact("Setting", setting).with_fact("Reason", reason)
}

/// Whether only Replug may set this parameter of an authorization request, however it is spelt.
pub fn is_reserved_param(name: &str) -> bool {
    RESERVED.contains(&comparable(name).as_str())
}

/// Names of the query's members in the form in which they are compared. A semicolon separates members too, as it once did
/// (HTML 4.01, B.2.2).
fn names_of(url: &Url) -> impl Iterator<Item = String> {
    let members = url.query().unwrap_or_default().split(['&', ';']);
    members.flat_map(|member| form_urlencoded::parse(member.as_bytes())).map(|(name, _)| comparable(&name))
}

/// What does not make another name, because a careless service would read it as the same: case, surrounding space, an index,
/// and a dot or a space for an underscore (as PHP has it).
fn comparable(name: &str) -> String {
    let name = name.split('[').next().unwrap_or_default().trim();
    name.to_ascii_lowercase().replace(['.', ' '], "_")
}

/// 256 random bits in characters that an address carries unchanged.
fn draw(random: &dyn Random) -> Secret<String> {
    let mut bytes = Zeroizing::new([0_u8; RANDOM_BYTES]);
    random.fill(bytes.as_mut_slice());
    Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}
