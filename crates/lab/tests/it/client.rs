//! A plain HTTP client for the tests of the lab, with the steps of a sign-in. It judges nothing.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use replug_lab::{AuthFaults, AuthServer, McpFaults, McpServer};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;
use url::form_urlencoded::Serializer;

pub(crate) const VERIFIER: &str = "a-verifier-that-is-long-enough-for-rfc-7636-to-like-it";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:49152/callback";

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A member of the query that this answer redirects with.
    pub(crate) fn returned(&self, member: &str) -> Option<String> {
        let location = Url::parse(self.header("location")).ok()?;
        location.query_pairs().find(|(name, _)| name == member).map(|(_, value)| value.into_owned())
    }
}

/// A client that follows nothing.
pub(crate) fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(Policy::none()).no_proxy().timeout(Duration::from_secs(10)).build().unwrap()
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

pub(crate) async fn get(address: &str) -> Answer {
    send(http().get(address)).await
}

/// A server with its sign-in service, and a client for both.
pub(crate) struct Lab {
    pub(crate) auth: AuthServer,
    pub(crate) mcp: McpServer,
    http: reqwest::Client,
}

impl Lab {
    pub(crate) fn start() -> Self {
        Self::with(AuthFaults::default(), McpFaults::default())
    }

    pub(crate) fn with(auth: AuthFaults, mcp: McpFaults) -> Self {
        let auth = AuthServer::start(auth).unwrap();
        let mcp = McpServer::start(mcp, Some(&auth)).unwrap();
        Self { auth, mcp, http: http() }
    }

    pub(crate) async fn register(&self, document: &Value) -> Answer {
        let request = self
            .http
            .post(format!("{}/register", self.auth.origin()))
            .header("content-type", "application/json")
            .body(document.to_string());
        send(request).await
    }

    /// Registers a public client and returns its ID.
    pub(crate) async fn client_id(&self) -> String {
        let answer = self.register(&registration()).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["client_id"].as_str().unwrap().to_owned()
    }

    /// The address that asks for consent; `more` replaces or adds members.
    pub(crate) fn authorize_address(&self, client_id: &str, more: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let resource = self.mcp.address();
        let usual = [
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", CALLBACK),
            ("state", "the-state"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", &resource),
        ];
        let mut query = Serializer::new(String::new());
        let replaced = |name: &str| more.iter().any(|(other, _)| *other == name);
        query.extend_pairs(usual.iter().filter(|(name, _)| !replaced(name)));
        query.extend_pairs(more.iter().filter(|(_, value)| !value.is_empty()));
        format!("{}/authorize?{}", self.auth.origin(), query.finish())
    }

    pub(crate) async fn authorize(&self, client_id: &str, more: &[(&str, &str)]) -> Answer {
        send(self.http.get(self.authorize_address(client_id, more))).await
    }

    /// Presses a button of the consent page.
    pub(crate) async fn decide(&self, page: &Answer, decision: &str) -> Answer {
        let ticket = page.text.split("name=\"ticket\" value=\"").nth(1).unwrap();
        let ticket = ticket.split('"').next().unwrap();
        self.post("/consent", &[("ticket", ticket), ("decision", decision)]).await
    }

    /// A code for this client, by consent.
    pub(crate) async fn code(&self, client_id: &str, more: &[(&str, &str)]) -> String {
        let page = self.authorize(client_id, more).await;
        let answer = self.decide(&page, "allow").await;
        answer.returned("code").unwrap_or_else(|| panic!("no code in {}", answer.header("location")))
    }

    pub(crate) async fn post(&self, path: &str, members: &[(&str, &str)]) -> Answer {
        send(self.form(path, members)).await
    }

    pub(crate) fn form(&self, path: &str, members: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let body = Serializer::new(String::new()).extend_pairs(members).finish();
        self.http
            .post(format!("{}{path}", self.auth.origin()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    }

    pub(crate) async fn exchange(&self, client_id: &str, code: &str, more: &[(&str, &str)]) -> Answer {
        let resource = self.mcp.address();
        let mut members = vec![
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("resource", &resource),
        ];
        members.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        members.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        self.post("/token", &members).await
    }

    pub(crate) async fn refresh(&self, client_id: &str, token: &str) -> Answer {
        let members = [("grant_type", "refresh_token"), ("client_id", client_id), ("refresh_token", token)];
        self.post("/token", &members).await
    }

    /// Registers and signs in: the client's ID and the whole token answer.
    pub(crate) async fn sign_in(&self) -> (String, Answer) {
        let client_id = self.client_id().await;
        let code = self.code(&client_id, &[]).await;
        let answer = self.exchange(&client_id, &code, &[]).await;
        (client_id, answer)
    }

    /// The same, for tests that only need the tokens.
    pub(crate) async fn tokens(&self) -> (String, Value) {
        let (client_id, answer) = self.sign_in().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        (client_id, answer.json())
    }
}

/// A registration request of a public client.
pub(crate) fn registration() -> Value {
    json!({
        "client_name": "Replug", "redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"], "token_endpoint_auth_method": "none", "application_type": "native",
    })
}

/// A request of 2026-07-28 with the headers that belong to it.
pub(crate) fn modern(server: &McpServer, method: &str, params: Value) -> reqwest::RequestBuilder {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let name = params["name"].as_str().map(ToOwned::to_owned);
    let request =
        rpc(server, method, &params).header("mcp-protocol-version", "2026-07-28").header("mcp-method", method);
    match name {
        Some(name) => request.header("mcp-name", name),
        None => request,
    }
}

/// A JSON-RPC request without any header of MCP.
pub(crate) fn rpc(server: &McpServer, method: &str, params: &Value) -> reqwest::RequestBuilder {
    http()
        .post(server.address())
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string())
}

/// `initialize`, and the session it opened.
pub(crate) async fn initialize(server: &McpServer, version: &str) -> (Answer, String) {
    let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let answer = send(rpc(server, "initialize", &params)).await;
    let session = answer.header("mcp-session-id").to_owned();
    (answer, session)
}
