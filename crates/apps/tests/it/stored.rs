//! What apps stored: each defect by its code, mended in the copy of the file, and silence about what is in order.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use replug_apps::{Computer, Dialect, StoredFinding, edit, scan, sign_in_key, stored_findings};
use replug_core::Platform;
use serde_json::{Value as Json, json};

const NOW: &str = "2026-11-20T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// Claude Code with one configured server and what it stored for it.
fn claude(entry: &Json, stored: &Json, notes: &Json) -> Vec<StoredFinding> {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), ".claude.json", &json!({ "mcpServers": { "acme": entry } }));
    write(
        home.path(),
        ".claude/.credentials.json",
        &json!({ "claudeAiOauth": {"accessToken": "canary"}, "mcpOAuth": stored }),
    );
    write(home.path(), ".claude/mcp-needs-auth-cache.json", notes);
    let computer = Computer::new(Platform::Linux, home.path(), |_| None);
    let found = stored_findings(&computer, &scan(&computer, &[]), now());
    assert!(!format!("{found:?}").contains("canary"), "no token is shown: {found:?}");
    for finding in &found {
        let text = fs::read_to_string(&finding.file).unwrap();
        edit(Dialect::Json, &text, &finding.changes).unwrap();
    }
    found
}

fn write(home: &Path, path: &str, value: &Json) {
    let place = home.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(&place, serde_json::to_string_pretty(value).unwrap()).unwrap();
    for_owner_alone(&place);
}

#[cfg(unix)]
fn for_owner_alone(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn for_owner_alone(_file: &Path) {}

fn codes(found: &[StoredFinding]) -> Vec<&'static str> {
    found.iter().map(|finding| finding.failure.code.as_str()).collect()
}

fn entry() -> Json {
    json!({ "type": "http", "url": "https://mcp.example/mcp" })
}

fn key() -> String {
    sign_in_key("acme", "http", "https://mcp.example/mcp", [])
}

fn stored(fields: &Json) -> Json {
    let mut all = json!({ "serverName": "acme", "serverUrl": "https://mcp.example/mcp" });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({ key(): all })
}

const LATER: i64 = 1_900_000_000_000;
const EARLIER: i64 = 1_700_000_000_000;

#[test]
fn a_sign_in_in_order_is_passed_over() {
    let good = json!({ "accessToken": "canary", "refreshToken": "canary", "clientId": "dcr-1", "expiresAt": EARLIER });
    assert_eq!(codes(&claude(&entry(), &stored(&good), &json!({}))), Vec::<&str>::new());
    let stub = json!({ "accessToken": "", "discoveryState": {} });
    assert_eq!(codes(&claude(&entry(), &stored(&stub), &json!({}))), Vec::<&str>::new(), "a stub is harmless");
    let document = json!({ "accessToken": "", "clientId": "https://claude.ai/oauth/claude-code-client-metadata" });
    assert_eq!(codes(&claude(&entry(), &stored(&document), &json!({}))), Vec::<&str>::new(), "nothing was registered");
}

#[test]
fn a_sign_in_without_its_client_id_gets_the_configured_one() {
    let with_id = json!({ "type": "http", "url": "https://mcp.example/mcp", "oauth": { "clientId": "abc" } });
    let lacking = stored(&json!({ "accessToken": "canary", "refreshToken": "canary", "expiresAt": EARLIER }));
    let found = claude(&with_id, &lacking, &json!({}));
    assert_eq!((codes(&found), found[0].safe), (vec!["RPL-APP-NO-CLIENT-ID"], true));
    let text = serde_json::to_string(&json!({ "mcpOAuth": lacking })).unwrap();
    let mended: Json = serde_json::from_str(&edit(Dialect::Json, &text, &found[0].changes).unwrap()).unwrap();
    assert_eq!(mended["mcpOAuth"][key()]["clientId"], "abc");
    assert_eq!(mended["mcpOAuth"][key()]["refreshToken"], "canary", "and keeps its tokens");
    let found = claude(&entry(), &lacking, &json!({}));
    assert_eq!((codes(&found), found[0].safe), (vec!["RPL-APP-NO-CLIENT-ID"], false), "none is configured");
}

#[test]
fn half_made_ended_and_foreign_sign_ins_are_told_apart() {
    let half = stored(&json!({ "accessToken": "", "clientId": "dcr-1" }));
    assert_eq!(codes(&claude(&entry(), &half, &json!({}))), ["RPL-APP-HALF-REGISTERED"]);
    let ended = stored(&json!({ "accessToken": "canary", "clientId": "dcr-1", "expiresAt": EARLIER }));
    assert_eq!(codes(&claude(&entry(), &ended, &json!({}))), ["RPL-APP-SIGN-IN-ENDED"]);
    let lasting = stored(&json!({ "accessToken": "canary", "clientId": "dcr-1", "expiresAt": LATER }));
    assert_eq!(codes(&claude(&entry(), &lasting, &json!({}))), Vec::<&str>::new());
    let moved = json!({ "type": "http", "url": "https://new.example/mcp" });
    assert_eq!(codes(&claude(&moved, &lasting, &json!({}))), ["RPL-APP-ADDRESS-CHANGED"]);
    let other = json!({ "other|0123456789abcdef": { "serverName": "other", "accessToken": "canary" } });
    assert_eq!(codes(&claude(&entry(), &other, &json!({}))), ["RPL-APP-ORPHAN"]);
}

#[test]
fn a_key_that_depends_on_variables_cannot_be_verified() {
    let variable = json!({ "type": "http", "url": "https://mcp.example/mcp", "headers": { "X": "${SOMEWHERE}" } });
    let lasting = stored(&json!({ "accessToken": "canary", "clientId": "dcr-1" }));
    let found = claude(&variable, &lasting, &json!({}));
    assert_eq!((codes(&found), found[0].changes.len()), (vec!["RPL-APP-CANNOT-VERIFY"], 0));
}

#[test]
fn a_note_that_hides_a_working_server_is_found_while_it_counts() {
    let good = stored(&json!({ "accessToken": "canary", "refreshToken": "canary", "clientId": "dcr-1" }));
    let note = |minutes: i64| json!({ "acme": { "timestamp": now().as_millisecond() - minutes * 60_000 } });
    let found = claude(&entry(), &good, &note(5));
    assert_eq!((codes(&found), found[0].safe), (vec!["RPL-APP-COOL-DOWN"], true));
    assert_eq!(codes(&claude(&entry(), &good, &note(16))), Vec::<&str>::new(), "it is over");
    let nothing = stored(&json!({ "accessToken": "" }));
    assert_eq!(codes(&claude(&entry(), &nothing, &note(5))), Vec::<&str>::new(), "it is right: there is no sign-in");
}

/// What is found in one stored file of an app whose configuration is another.
fn found_in(config: (&str, &str), stored: (&str, &Json)) -> Vec<&'static str> {
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join(config.0);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, config.1).unwrap();
    write(home.path(), stored.0, stored.1);
    let computer = Computer::new(Platform::Linux, home.path(), |_| None);
    let found = stored_findings(&computer, &scan(&computer, &[]), now());
    assert!(!format!("{found:?}").contains("canary"), "no token is shown: {found:?}");
    for finding in &found {
        edit(Dialect::Json, &fs::read_to_string(&finding.file).unwrap(), &finding.changes).unwrap();
    }
    codes(&found)
}

#[test]
fn leftovers_of_codex_are_found_by_its_own_key() {
    let config =
        (".codex/config.toml", "[mcp_servers.acme]\nurl = 'https://mcp.example/mcp'\nhttp_headers = { X = '1' }\n");
    let item = json!({ "server_name": "acme", "server_url": "https://mcp.example/mcp", "client_id": "c", "access_token": "canary", "refresh_token": "canary", "expires_at": EARLIER });
    let file = ".codex/.credentials.json";
    assert_eq!(found_in(config, (file, &json!({ key(): item }))), Vec::<&str>::new(), "headers are not in its key");
    assert_eq!(found_in(config, (file, &json!({ "acme|0000000000000000": item }))), ["RPL-APP-ADDRESS-CHANGED"]);
    let other = json!({ "server_name": "gone", "access_token": "canary" });
    assert_eq!(found_in(config, (file, &json!({ "gone|0000000000000000": other }))), ["RPL-APP-ORPHAN"]);
}

#[test]
fn sign_ins_of_gemini_are_compared_by_name_and_address() {
    let config = (
        ".gemini/settings.json",
        r#"{"mcpServers":{"acme":{"type":"http","url":"https://mcp.example/mcp","oauth":{"clientId":"abc"}}}}"#,
    );
    let item = |name: &str, address: &str, client: &str| json!([{ "serverName": name, "mcpServerUrl": address, "clientId": client, "token": { "accessToken": "canary", "refreshToken": "canary", "expiresAt": EARLIER } }]);
    let file = ".gemini/mcp-oauth-tokens.json";
    let found = |name, address, client| found_in(config, (file, &item(name, address, client)));
    assert_eq!(found("acme", "https://mcp.example/mcp", "c"), Vec::<&str>::new());
    assert_eq!(found("acme", "https://old.example/mcp", "c"), ["RPL-APP-ADDRESS-CHANGED"]);
    assert_eq!(found("gone", "https://mcp.example/mcp", "c"), ["RPL-APP-ORPHAN"]);
    assert_eq!(found("acme", "https://mcp.example/mcp", ""), ["RPL-APP-NO-CLIENT-ID"]);
}

#[test]
fn a_sign_in_of_opencode_for_another_address_is_one_it_ignores() {
    let config =
        (".config/opencode/opencode.json", r#"{"mcp":{"acme":{"type":"remote","url":"https://mcp.example/mcp"}}}"#);
    let item = |address: &str, refresh: &str| json!({ "acme": { "tokens": { "accessToken": "canary", "refreshToken": refresh, "expiresAt": 1_700_000_000.5 }, "clientInfo": { "clientId": "c" }, "serverUrl": address } });
    let file = ".local/share/opencode/mcp-auth.json";
    assert_eq!(found_in(config, (file, &item("https://mcp.example/mcp", "canary"))), Vec::<&str>::new());
    assert_eq!(found_in(config, (file, &item("https://mcp.example/mcp", ""))), ["RPL-APP-SIGN-IN-ENDED"]);
    assert_eq!(found_in(config, (file, &item("https://old.example/mcp", "canary"))), ["RPL-APP-ADDRESS-CHANGED"]);
}

#[test]
fn nothing_is_called_unused_while_a_file_of_the_app_cannot_be_read() {
    let item = json!({ "server_name": "acme", "server_url": "https://mcp.example/mcp", "access_token": "canary", "refresh_token": "canary", "client_id": "c" });
    let found =
        found_in((".codex/config.toml", "[mcp_servers.acme"), (".codex/.credentials.json", &json!({ key(): item })));
    assert!(!found.contains(&"RPL-APP-ORPHAN"), "{found:?}");
    assert!(found.contains(&"RPL-APP-CANNOT-VERIFY"), "{found:?}");
}

#[test]
fn a_slash_or_a_capital_makes_no_other_address() {
    let config =
        (".gemini/settings.json", r#"{"mcpServers":{"acme":{"type":"http","url":"https://MCP.example/mcp/"}}}"#);
    let item = json!([{ "serverName": "acme", "mcpServerUrl": "https://mcp.example/mcp", "clientId": "c", "token": { "accessToken": "canary", "refreshToken": "canary" } }]);
    assert!(!found_in(config, (".gemini/mcp-oauth-tokens.json", &item)).contains(&"RPL-APP-ADDRESS-CHANGED"));
}
