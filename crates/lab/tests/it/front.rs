//! Obstacles before endpoints, on each of the six that a sign-in touches, and what happens to the line itself.

use std::time::{Duration, Instant};

use replug_lab::{Front, McpFaults, McpServer, Recorder};
use serde_json::{Value, json};

use crate::client::{Answer, Lab, get, http, modern, registration, rpc, send};

/// One request to each of the six endpoints.
async fn all_six(lab: &Lab) -> Vec<(&'static str, Answer)> {
    let metadata = format!("{}/.well-known/oauth-authorization-server", lab.auth.origin());
    let resource = format!("{}{}", lab.mcp.origin(), lab.mcp.metadata_path());
    vec![
        ("MCP", send(modern(&lab.mcp, "server/discover", json!({}))).await),
        ("resource metadata", get(&resource).await),
        ("service metadata", get(&metadata).await),
        ("registration", lab.register(&registration()).await),
        ("token", lab.refresh("x", "y").await),
        ("authorize", lab.authorize("x", &[]).await),
    ]
}

fn put_everywhere(lab: &Lab, front: &Front) {
    lab.auth.set_front_everywhere(front);
    lab.mcp.change_faults(|faults| {
        faults.front = front.clone();
        faults.metadata.front = front.clone();
    });
}

#[tokio::test]
async fn a_firewall_can_stand_before_each_of_six_endpoints() {
    let lab = Lab::start();
    for status in [200, 403] {
        put_everywhere(&lab, &Front::Firewall { status });
        for (name, answer) in all_six(&lab).await {
            assert_eq!(answer.status, status, "{name}");
            assert_eq!(answer.header("cf-mitigated"), "challenge", "{name}");
            assert!(answer.text.contains("<title>Just a moment"), "{name}");
        }
    }
    assert_eq!(lab.auth.state().registrations, 0, "nothing got through");
}

#[tokio::test]
async fn pages_words_documents_and_limits_are_sent_as_they_are() {
    let lab = Lab::start();
    put_everywhere(&lab, &Front::WebPage { status: 200 });
    for (name, answer) in all_six(&lab).await {
        assert!(answer.header("content-type").starts_with("text/html"), "{name}");
    }
    let words = Front::Plain { status: 503, body: "Down".to_owned() };
    put_everywhere(&lab, &words);
    for (name, answer) in all_six(&lab).await {
        assert_eq!((answer.status, answer.text.as_str()), (503, "Down"), "{name}");
    }
    let document = Front::Json { status: 401, body: json!({"message": "no"}) };
    put_everywhere(&lab, &document);
    for (name, answer) in all_six(&lab).await {
        assert_eq!((answer.status, answer.json()), (401, json!({"message": "no"})), "{name}");
    }
    put_everywhere(&lab, &Front::RateLimited { retry_after_s: 90 });
    for (name, answer) in all_six(&lab).await {
        assert_eq!((answer.status, answer.header("retry-after")), (429, "90"), "{name}");
        assert_eq!(answer.json(), Value::Null, "{name}: no OAuth error");
    }
}

#[tokio::test]
async fn a_language_redirect_leads_to_the_endpoint_or_to_nothing() {
    let lab = Lab::start();
    for (works, status) in [(true, 200), (false, 404)] {
        put_everywhere(&lab, &Front::Locale { works });
        for (name, answer) in all_six(&lab).await {
            assert_eq!(answer.status, 307, "{name}");
            assert!(answer.header("location").starts_with("/en/"), "{name}");
        }
        let address = format!("{}/en/.well-known/oauth-authorization-server", lab.auth.origin());
        assert_eq!(get(&address).await.status, status, "behind the redirect");
    }
    put_everywhere(&lab, &Front::Open);
    let address = format!("{}/en{}", lab.mcp.origin(), lab.mcp.metadata_path());
    assert_eq!(get(&address).await.status, 404, "no such path without the switch");
}

#[tokio::test]
async fn a_moved_server_names_another_origin_that_sees_who_comes() {
    let www = Recorder::start().unwrap();
    let apex = McpServer::start(McpFaults::default(), None).unwrap();
    apex.change_faults(|faults| {
        faults.front = Front::Moved { status: 301, origin: www.origin() };
    });
    let answer = send(rpc(&apex, "ping", &json!({})).bearer_auth("secret")).await;
    assert_eq!(answer.status, 301);
    assert_eq!(answer.header("location"), format!("{}/mcp", www.origin()));
    let followed = get(answer.header("location")).await;
    assert_eq!(followed.status, 404);
    let visitor = www.requests().last("/mcp").unwrap();
    assert_eq!(visitor.authorization, None, "this client forwarded nothing");
    assert!(visitor.has_header("host"), "names of headers are kept: {visitor:?}");
}

#[tokio::test]
async fn an_obstacle_can_go_away_after_a_number_of_requests() {
    let lab = Lab::start();
    let down = Front::Plain { status: 502, body: String::new() };
    lab.auth.change_faults(|faults| faults.token.front = Front::first(2, down));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(lab.refresh("x", "y").await.status);
    }
    assert_eq!(seen, [502, 502, 401]);
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_work_was_done() {
    let lab = Lab::start();
    let (client, tokens) = lab.tokens().await;
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", client.as_str()),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    lab.auth.change_faults(|faults| faults.token.front = Front::CutOff);
    let broken = lab.form("/token", &refresh).send().await;
    assert!(read_fails(broken).await, "the line is cut");
    assert_eq!(lab.auth.state().refreshes, 0, "before anything was done");
    lab.auth.change_faults(|faults| faults.token.front = Front::AnswerLost);
    let broken = lab.form("/token", &refresh).send().await;
    assert!(read_fails(broken).await, "the line is cut");
    assert_eq!(lab.auth.state().refreshes, 1, "after the token was rotated");
}

async fn read_fails(answer: reqwest::Result<reqwest::Response>) -> bool {
    match answer {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    }
}

#[tokio::test]
async fn a_server_can_be_slow_or_silent() {
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let pause = Duration::from_millis(80);
    server.change_faults(|faults| faults.front = Front::Slow(pause));
    let begin = Instant::now();
    let answer = send(modern(&server, "server/discover", json!({}))).await;
    assert_eq!(answer.status, 200, "it answers in the end");
    assert!(begin.elapsed() >= pause, "after the pause");
    server.change_faults(|faults| faults.front = Front::Silent);
    let waiting = tokio::spawn(modern(&server, "server/discover", json!({})).send());
    let log = server.requests().until(|entries| entries.len() == 2).await;
    assert_eq!(log[1].status, None, "the request is there, an answer is not");
    assert!(!waiting.is_finished(), "the client waits");
    drop(server);
    assert!(waiting.await.unwrap().is_err(), "dropping the server ends every connection");
}

#[tokio::test]
async fn a_server_can_be_unplugged_and_comes_back_with_its_memory() {
    let lab = Lab::start();
    let (client, tokens) = lab.tokens().await;
    lab.auth.unplug();
    // A client of its own: the lab's would find its old connection closed, which is another error.
    let refused = http().get(lab.auth.origin()).send().await;
    assert!(refused.unwrap_err().is_connect(), "nobody listens");
    lab.auth.plug_in().unwrap();
    let answer = lab.refresh(&client, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(answer.status, 200, "the same port, the same tokens: {}", answer.text);
}
