//! Signing in on another device (RFC 8628): the codes, the page where a person enters one, and what the app is told until they
//! have. Tokens are issued by `grants`.

use std::collections::HashMap;

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::book::{Book, Client, Family};
use super::client_auth;
use super::core::AuthCore;
use super::grants::{Denied, Desk, Issued, denied};
use super::{AuthFaults, Offered};
use crate::wire::{self, Incoming};
use crate::{Edits, Front};

/// The registered name of the grant.
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What a hasty app waits longer from then on (§3.5).
const SLOWER_MS: i64 = 5_000;

/// Switches of the device authorization endpoint. It is not offered by default.
#[derive(Debug, Clone)]
pub struct DeviceFaults {
    /// Whether `device_authorization_endpoint` is there.
    pub offered: Offered,
    /// What stands before the endpoint.
    pub front: Front,
    /// Whether only clients may use it that were registered for it.
    pub only_registered: bool,
    /// How often an app is told to slow down, however slowly it asks.
    pub slow_downs: u32,
    /// `interval`, in seconds.
    pub interval_s: i64,
    /// `expires_in`, in seconds.
    pub lifetime_s: i64,
    /// Members of the answer set or removed at the end.
    pub edits: Edits,
}

impl Default for DeviceFaults {
    fn default() -> Self {
        Self {
            offered: Offered::No,
            front: Front::Open,
            only_registered: false,
            slow_downs: 0,
            interval_s: 5,
            lifetime_s: 600,
            edits: Edits::none(),
        }
    }
}

/// What a person decided about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    None,
    Allowed,
    Denied,
    /// The tokens were handed out.
    Used,
}

/// A code that was issued.
pub(super) struct DeviceCode {
    client_id: String,
    user_code: String,
    resource: Option<String>,
    scopes: Vec<String>,
    ends_ms: i64,
    interval_ms: i64,
    asked_ms: Option<i64>,
    slow_downs: u32,
    decision: Decision,
}

/// By `device_code`.
pub(super) type DeviceCodes = HashMap<String, DeviceCode>;

/// §3.1 and §3.2.
pub(super) fn authorize(core: &AuthCore, request: &Incoming) -> Response {
    let faults = core.faults();
    let now_ms = core.now_ms();
    let mut book = core.book();
    let client = match client_auth::client(&book, &faults.token, request, now_ms) {
        Ok(client) => client,
        Err(refusal) => return *refusal,
    };
    if faults.device.only_registered && !client.grant_types.iter().any(|grant| grant == GRANT) {
        let text = "The client is not registered for this grant";
        return wire::json(400, &json!({"error": "invalid_request", "error_description": text}));
    }
    wire::json(200, &Value::Object(issue(&mut book, &faults, &client, (request, now_ms))))
}

fn issue(
    book: &mut Book,
    faults: &AuthFaults,
    client: &Client,
    (request, now_ms): (&Incoming, i64),
) -> Map<String, Value> {
    let form = request.form();
    let device = &faults.device;
    let (device_code, user_code) = (book.mint.secret("dc"), book.mint.user_code());
    let address = format!("{}/device", request.origin);
    let mut answer = Map::new();
    let mut set = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    set("device_code", json!(device_code));
    set("user_code", json!(user_code));
    set("verification_uri", json!(address));
    set("verification_uri_complete", json!(format!("{address}?user_code={user_code}")));
    set("expires_in", json!(device.lifetime_s));
    set("interval", json!(device.interval_s));
    device.edits.apply(&mut answer);
    let scopes = wire::value(&form, "scope").unwrap_or_default().split_whitespace().map(ToOwned::to_owned).collect();
    let code = DeviceCode {
        client_id: client.id.clone(),
        user_code,
        resource: wire::value(&form, "resource").map(ToOwned::to_owned),
        scopes,
        ends_ms: now_ms + device.lifetime_s * 1000,
        interval_ms: device.interval_s * 1000,
        asked_ms: None,
        slow_downs: device.slow_downs,
        decision: Decision::None,
    };
    book.counts.device_codes += 1;
    book.devices.insert(device_code, code);
    answer
}

/// The page that a person opens on the other device (§3.3), and its two buttons.
pub(super) fn page(core: &AuthCore, request: &Incoming) -> Response {
    let mut members = request.query.clone();
    members.extend(request.form());
    let entered = wire::value(&members, "user_code").unwrap_or_default();
    let mut book = core.book();
    let open = |code: &&mut DeviceCode| code.user_code == entered && code.decision == Decision::None;
    let Some(found) = book.devices.values_mut().find(open) else {
        return wire::html(404, "<!doctype html><p>There is no such code.</p>");
    };
    match wire::value(&members, "decision") {
        None => wire::html(200, form(entered)),
        Some("allow") => {
            found.decision = Decision::Allowed;
            book.counts.consents += 1;
            wire::html(200, "<!doctype html><p>All done. Go back to your app.</p>")
        }
        Some(_) => {
            found.decision = Decision::Denied;
            wire::html(200, "<!doctype html><p>Nothing was allowed.</p>")
        }
    }
}

fn form(user_code: &str) -> String {
    let user_code = wire::escape(user_code);
    format!(
        "<!doctype html><html><body><h1>An app wants to connect</h1><form method=\"post\" action=\"/device\">\
         <input type=\"hidden\" name=\"user_code\" value=\"{user_code}\">\
         <button type=\"submit\" name=\"decision\" value=\"allow\">Allow</button>\
         <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button></form></body></html>"
    )
}

impl Book {
    /// What the app is told (§3.5).
    pub(super) fn exchange_device(
        &mut self,
        client_id: &str,
        device_code: &str,
        desk: &Desk<'_>,
    ) -> Result<Issued, Denied> {
        let known = self.devices.get_mut(device_code).filter(|code| code.client_id == client_id);
        let Some(code) = known else { return Err(denied("invalid_grant", "Device code not found")) };
        if desk.now_ms >= code.ends_ms {
            return Err(denied("expired_token", "The code has expired"));
        }
        let hasty = code.asked_ms.is_some_and(|asked| desk.now_ms - asked < code.interval_ms);
        code.asked_ms = Some(desk.now_ms);
        self.counts.hasty_questions += u32::from(hasty);
        if hasty || code.slow_downs > 0 {
            code.slow_downs = code.slow_downs.saturating_sub(1);
            code.interval_ms += SLOWER_MS;
            return Err(denied("slow_down", "Ask less often"));
        }
        match code.decision {
            Decision::None => Err(denied("authorization_pending", "The person has not answered")),
            Decision::Denied => Err(denied("access_denied", "The person said no")),
            Decision::Used => Err(denied("invalid_grant", "Device code was used before")),
            Decision::Allowed => {
                code.decision = Decision::Used;
                let family = Family {
                    client_id: code.client_id.clone(),
                    resource: code.resource.clone(),
                    scopes: code.scopes.clone(),
                    revoked: false,
                };
                Ok(self.grant(family, true, desk))
            }
        }
    }
}
