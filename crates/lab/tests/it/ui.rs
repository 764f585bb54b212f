//! The pages of the window as the lab serves them: who is let in, under which policy, and what a command answers.

use std::fs;
use std::sync::Arc;

use replug_core::StoredIn;
use replug_engine::{Computer, Engine, OpenOptions, Patience, Platform};
use replug_lab::{Conduct, Person, UiServer};
use reqwest::header::{CONTENT_TYPE, HOST, ORIGIN};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Answer, get, http, send};

/// Pages over an engine with an empty data folder.
struct Ui {
    server: UiServer,
    _folder: TempDir,
}

impl Ui {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        fs::create_dir_all(dist.join("assets")).unwrap();
        fs::write(dist.join("index.html"), "<!doctype html>").unwrap();
        fs::write(dist.join("assets/index.js"), "1;").unwrap();
        let options = OpenOptions {
            data_dir: folder.path().join("data"),
            secrets: Some(StoredIn::Memory),
            passphrase: None,
            browser: Arc::new(Person::new(Conduct::Allow)),
            patience: Patience::Window,
            computer: Computer::new(Platform::Linux, folder.path(), |_| None),
            proxy_hosts: Vec::new(),
        };
        let engine = Engine::open(options).await.unwrap().engine;
        Self { server: UiServer::start(engine, &dist).await.unwrap(), _folder: folder }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.server.address())
    }

    fn command(&self, name: &str, arguments: &Value) -> reqwest::RequestBuilder {
        let request = http().post(self.at(&format!("/api/{name}"))).header(CONTENT_TYPE, "application/json");
        request.header(ORIGIN, self.server.address()).body(arguments.to_string())
    }

    async fn call(&self, name: &str, arguments: Value) -> Answer {
        send(self.command(name, &arguments)).await
    }
}

#[tokio::test]
async fn the_pages_come_under_the_policy_of_the_window() {
    let ui = Ui::start().await;
    let start = get(&ui.at("/")).await;
    assert_eq!((start.status, start.text.as_str()), (200, "<!doctype html>"));
    let policy = start.header("content-security-policy");
    for directive in
        ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "trusted-types svelte-trusted-html"]
    {
        assert!(policy.split("; ").any(|own| own == directive), "{directive} is not in {policy}");
    }
    assert_eq!(start.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(get(&ui.at("/assets/index.js")).await.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(get(&ui.at("/%2e%2e/data/replug.db")).await.status, 404, "nothing beside the pages is served");
}

#[tokio::test]
async fn a_command_answers_with_json_and_a_refusal_with_its_code() {
    let ui = Ui::start().await;
    let list = ui.call("list", json!({})).await;
    assert_eq!((list.status, list.json()), (200, json!([])));
    let dark = json!({"settings": {"check_every_s": 900, "theme": "dark", "client_document": null}});
    let saved = ui.call("set_settings", dark.clone()).await;
    assert_eq!((saved.status, saved.text.as_str()), (200, "null"));
    assert_eq!(ui.call("settings", json!({})).await.json(), dark["settings"]);
    let refused = ui.call("show", json!({"id": "nobody"})).await;
    assert_eq!((refused.status, &refused.json()["code"]), (422, &json!("RPL-USE-NO-SUCH-CONNECTOR")));
}

#[tokio::test]
async fn an_unknown_command_or_argument_is_no_refusal_of_the_engine() {
    let ui = Ui::start().await;
    assert_eq!(ui.call("lst", json!({})).await.status, 404);
    assert_eq!(ui.call("show", json!({})).await.status, 400, "an argument is missing");
    assert_eq!(ui.call("list", json!({"id": "1"})).await.status, 400, "an argument too many");
}

#[tokio::test]
async fn nobody_from_another_page_is_let_in() {
    let ui = Ui::start().await;
    let list = || ui.command("list", &json!({}));
    let port = ui.server.address().rsplit(':').next().unwrap().to_owned();
    let elsewhere = http().get(ui.at("/events")).header(HOST, format!("rebound.example:{port}"));
    assert_eq!(send(elsewhere).await.status, 403, "a host that was made to resolve to this computer");
    let foreign = http().post(ui.at("/api/list")).header(CONTENT_TYPE, "application/json").body("{}");
    assert_eq!(send(foreign.header(ORIGIN, "http://other.example")).await.status, 403);
    let simple = http().post(ui.at("/api/list")).header(CONTENT_TYPE, "text/plain").body("{}");
    assert_eq!(send(simple.header(ORIGIN, ui.server.address())).await.status, 415);
    assert_eq!(send(list()).await.status, 200, "its own page is");
}

#[tokio::test]
async fn the_page_hears_what_happens_after_it_began_to_listen() {
    let ui = Ui::start().await;
    let mut events = http().get(ui.at("/events")).send().await.unwrap();
    assert_eq!(events.headers()[CONTENT_TYPE], "text/event-stream");
    assert_eq!(events.chunk().await.unwrap().unwrap(), ": listening\n\n");
    let new = json!({"address": "https://mcp.example/mcp", "name": "Quiet"});
    assert_eq!(ui.call("add", json!({"new": new, "probe": false})).await.status, 200);
    assert_eq!(events.chunk().await.unwrap().unwrap(), "data: {\"kind\":\"connectors_changed\"}\n\n");
}
