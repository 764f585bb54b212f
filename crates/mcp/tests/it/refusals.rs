//! What each kind of refusal is called, and that it is asked about once.

use replug_core::Code;
use replug_mcp::Refusal;
use replug_net::{NetError, StatusCode};
use serde_json::json;

use crate::Client;
use crate::server::{Play, Server, answer, error, json_answer, legacy, page};

async fn refusal_from(plays: impl Fn() -> Vec<Play> + Send + Sync + 'static) -> (Refusal, Vec<String>) {
    let server = Server::start(move |_| plays()).await;
    let refusal = Client::of(&server.url).probe().await.unwrap_err();
    (refusal, server.methods())
}

fn code_of(refusal: &Refusal) -> Option<Code> {
    refusal.to_failure().map(|failure| failure.code)
}

#[tokio::test]
async fn a_401_is_reported_at_once_with_every_challenge() {
    let (refusal, methods) = refusal_from(|| {
        let headers = [
            ("www-authenticate", "Bearer resource_metadata=\"https://mcp.example/x\""),
            ("www-authenticate", "Basic realm=\"y\""),
        ];
        answer(401, &headers, "<html>sign in</html>")
    })
    .await;
    let Refusal::Unauthorized { challenges } = &refusal else { panic!("a 401 is about the sign-in: {refusal:?}") };
    assert_eq!(challenges.as_slice().len(), 2);
    assert_eq!(challenges.as_slice()[0], "Bearer resource_metadata=\"https://mcp.example/x\"");
    assert_eq!(code_of(&refusal), None, "what is missing is the engine's to say");
    assert_eq!(methods.len(), 1, "no other era is tried");
    assert!(!format!("{refusal:?}").contains("mcp.example"), "challenges are not printed");
}

#[tokio::test]
async fn a_403_is_about_permissions_only_with_an_oauth_error() {
    let challenge = r#"Bearer realm="x\", error=invalid_token, y=\"", error="insufficient_scope", scope="b""#;
    let (refusal, _) = refusal_from(move || answer(403, &[("www-authenticate", challenge)], "")).await;
    assert!(matches!(refusal, Refusal::InsufficientScope { .. }), "{refusal:?}");
    assert_eq!(code_of(&refusal), Some(Code::TokenScope));

    let (refusal, _) = refusal_from(|| answer(403, &[("www-authenticate", "Bearer error=invalid_token")], "")).await;
    assert!(matches!(refusal, Refusal::Unauthorized { .. }), "{refusal:?}");

    let (refusal, _) = refusal_from(|| json_answer(403, &json!({"error": "insufficient_scope"}))).await;
    assert!(matches!(refusal, Refusal::InsufficientScope { .. }), "{refusal:?}");

    let quoted = "Bearer realm=\"error=insufficient_scope\"";
    let (refusal, methods) =
        refusal_from(move || answer(403, &[("www-authenticate", quoted), ("x-deny-reason", "host_not_allowed")], "no"))
            .await;
    let expected = Refusal::Forbidden { deny_reason: Some("host_not_allowed".to_owned()), said: "no".to_owned() };
    assert_eq!(refusal, expected, "words inside of a quoted text are no parameter");
    assert_eq!(code_of(&refusal), Some(Code::HttpForbidden));
    assert_eq!(methods.len(), 1);
}

#[tokio::test]
async fn firewalls_are_told_from_servers() {
    let (refusal, methods) = refusal_from(|| page(403, "Sorry")).await;
    assert!(matches!(&refusal, Refusal::BlockedPage { title: Some(title), .. } if title == "Sorry"), "{refusal:?}");
    assert_eq!(code_of(&refusal), Some(Code::HttpBlockedPage));
    assert_eq!(methods.len(), 1);

    let (refusal, _) =
        refusal_from(|| answer(503, &[("cf-mitigated", "challenge"), ("content-type", "text/html")], "")).await;
    let Refusal::BlockedPage { markers, .. } = &refusal else { panic!("{refusal:?}") };
    assert_eq!(markers, &["cf-mitigated: challenge"]);

    let (refusal, _) = refusal_from(|| page(200, "Just a moment...")).await;
    assert!(matches!(refusal, Refusal::BlockedPage { .. }), "{refusal:?}");
}

#[tokio::test]
async fn a_web_site_is_no_mcp_server() {
    let (refusal, methods) = refusal_from(|| page(200, "Welcome")).await;
    assert_eq!(refusal, Refusal::WebPage { status: StatusCode::OK, title: Some("Welcome".to_owned()) });
    assert_eq!(code_of(&refusal), Some(Code::McpNotMcp));
    assert_eq!(methods.len(), 1, "a page that answers a POST answers every POST");

    let server = Server::start(|asked| match asked.verb.as_str() {
        "GET" => page(200, "Welcome"),
        _ => page(405, "Not allowed"),
    })
    .await;
    let refusal = Client::of(&server.url).probe().await.unwrap_err();
    assert!(matches!(refusal, Refusal::WebPage { .. }), "the page tells more than the 405: {refusal:?}");
    assert_eq!(server.methods(), ["server/discover", "initialize", "GET"], "each era once");
}

#[tokio::test]
async fn other_answers_have_their_own_names() {
    let (refusal, methods) = refusal_from(|| answer(404, &[], "")).await;
    assert_eq!(refusal, Refusal::NotFound);
    assert_eq!(code_of(&refusal), Some(Code::HttpNotFound));
    assert_eq!(methods, ["server/discover", "initialize", "GET"]);

    let (refusal, methods) = refusal_from(|| answer(429, &[("retry-after", "17")], "")).await;
    assert_eq!(refusal, Refusal::RateLimited { retry_after_s: Some(17) });
    assert_eq!(code_of(&refusal), Some(Code::HttpRateLimited));
    assert_eq!(methods.len(), 1, "a server that asks to wait is not asked again");

    let headers = [("date", "Fri, 20 Nov 2026 12:00:00 GMT"), ("retry-after", "Fri, 20 Nov 2026 12:01:30 GMT")];
    let (refusal, _) = refusal_from(move || answer(429, &headers, "")).await;
    assert_eq!(refusal, Refusal::RateLimited { retry_after_s: Some(90) });

    let (refusal, methods) = refusal_from(|| json_answer(500, &json!({"error": {"message": "db down"}}))).await;
    assert_eq!(
        refusal,
        Refusal::ServerError {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            retry_after_s: None,
            said: "db down".to_owned()
        }
    );
    assert_eq!(code_of(&refusal), Some(Code::HttpServerError));
    assert_eq!(methods, ["server/discover", "initialize"], "once more, not for ever");

    let (refusal, _) = refusal_from(|| json_answer(200, &json!({"hello": 1}))).await;
    assert_eq!(refusal, Refusal::NotMcp { why: "JSON with the members hello".to_owned() });

    let (refusal, methods) = refusal_from(|| json_answer(422, &json!({"message": "bad field"}))).await;
    assert_eq!(code_of(&refusal), Some(Code::McpNotMcp));
    assert_eq!(methods.len(), 2, "a 422 is no sign of the old transport");
}

#[tokio::test]
async fn an_error_at_the_greeting_keeps_its_code_and_words() {
    let server = Server::start(|asked| match asked.method() {
        "initialize" => error(asked, 200, -32603, "tenant is suspended"),
        _ => error(asked, 400, -32000, "no"),
    })
    .await;
    let refusal = Client::of(&server.url).probe().await.unwrap_err();
    assert_eq!(refusal, Refusal::Handshake { code: -32603, message: "tenant is suspended".to_owned() });
    assert_eq!(code_of(&refusal), Some(Code::McpHandshake));
}

#[tokio::test]
async fn an_error_is_understood_although_its_id_is_invented() {
    let server = Server::start(|asked| match asked.method() {
        "initialize" => json_answer(
            400,
            &json!({"jsonrpc": "2.0", "id": "server-error", "error": {"code": -32600, "message": "no"}}),
        ),
        _ => answer(405, &[], ""),
    })
    .await;
    let refusal = Client::of(&server.url).probe().await.unwrap_err();
    assert!(matches!(refusal, Refusal::Handshake { code: -32600, .. }), "{refusal:?}");
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_and_another_is_named() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/mcp" => answer(307, &[("location", "/mcp/")], ""),
        _ => crate::server::result(asked, &crate::server::discovery()),
    })
    .await;
    let client = Client::of(&server.url).with_bearer("bearer-canary");
    client.probe().await.unwrap();
    assert_eq!(server.asked()[1].header("authorization"), Some("Bearer bearer-canary"));

    let elsewhere = Server::start(|_| answer(200, &[], "")).await;
    let target = elsewhere.url.clone();
    let (refusal, methods) = refusal_from(move || answer(308, &[("location", &target)], "")).await;
    let Refusal::RedirectsAway { to, status } = &refusal else { panic!("{refusal:?}") };
    assert_eq!((to.as_str(), status.as_u16()), (elsewhere.url.as_str(), 308));
    assert_eq!(code_of(&refusal), Some(Code::HttpRedirectsAway));
    assert!(elsewhere.asked().is_empty(), "nothing was sent there");
    assert_eq!(methods.len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_matter_of_the_network() {
    let server = Server::start(|_| Vec::new()).await;
    let url = server.url.clone();
    drop(server);
    let refusal = Client::of(&url).probe().await.unwrap_err();
    assert!(matches!(refusal, Refusal::Net(NetError::Unreachable { .. } | NetError::Interrupted)), "{refusal:?}");
}

#[tokio::test]
async fn secrets_that_a_server_echoes_are_not_repeated() {
    let (refusal, trace) = {
        let server = Server::start(|asked| {
            let token = asked.header("authorization").unwrap_or_default();
            let key = asked.header("x-api-key").unwrap_or_default();
            json_answer(403, &json!({"message": format!("{token} and {key} are wrong")}))
        })
        .await;
        let client = Client::of(&server.url).with_bearer("bearer-canary").with_header("x-api-key", "key-canary");
        let refusal = client.probe().await.unwrap_err();
        (refusal, client.trace.take())
    };
    let Refusal::Forbidden { said, .. } = &refusal else { panic!("{refusal:?}") };
    assert_eq!(said, "Bearer … and … are wrong");
    assert!(!format!("{trace:?}").contains("canary"), "nor are they in the recorded exchange");
}

#[tokio::test]
async fn settings_cannot_take_the_protocols_own_headers() {
    let server = crate::server::modern(|asked| error(asked, 200, -32601, "no")).await;
    let client = Client::of(&server.url)
        .with_header("mcp-method", "evil")
        .with_header("mcp-param-region", "evil")
        .with_header("content-type", "text/evil")
        .with_header("x-team", "blue-team");
    client.probe().await.unwrap();
    let asked = &server.asked()[0];
    assert_eq!(asked.header("mcp-method"), Some("server/discover"));
    assert_eq!(asked.header("mcp-param-region"), None);
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.header("x-team"), Some("blue-team"));
}

#[tokio::test]
async fn a_401_of_a_dead_session_leads_to_a_new_one_and_a_second_401_counts() {
    let server = legacy("2025-11-25", |_| answer(401, &[], "")).await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    let refusal = session.list_tools().await.unwrap_err();
    assert!(matches!(refusal, Refusal::Unauthorized { .. }), "{refusal:?}");
    assert_eq!(
        server.methods()[1..],
        [
            "initialize",
            "notifications/initialized",
            "tools/list",
            "initialize",
            "notifications/initialized",
            "tools/list"
        ]
    );
}
