//! What the smaller apps stored: each defect by its code, and the repair that takes it away and gives it back.

use std::path::PathBuf;

use replug_apps::{Computer, Preview, StoredFinding, Way, Workbench, scan, sign_in_key, stored_findings};
use replug_core::{Code, Platform};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::place::{Place, now};

const ADDRESS: &str = "https://mcp.example/mcp";
const NOTHING: [&str; 0] = [];

fn found(place: &Place) -> Vec<StoredFinding> {
    let computer = Computer::new(Platform::Linux, place.home(), |_| None);
    let found = stored_findings(&computer, &scan(&computer, &[]), now());
    assert!(!format!("{found:?}").contains("canary"), "no token is shown: {found:?}");
    found
}

fn codes(place: &Place) -> Vec<&'static str> {
    found(place).iter().map(|finding| finding.failure.code.as_str()).collect()
}

fn store(place: &Place, path: &str, value: &Json) -> PathBuf {
    place.write(path, &serde_json::to_string_pretty(value).unwrap(), 0o600)
}

/// Mends the first finding and takes that back; what is in the folder meanwhile.
fn mended(place: &Place, folder: &str) -> Vec<String> {
    let found = found(place);
    let ways = found[0].repair().ways;
    let files = ways.iter().find_map(|way| if let Way::Files(files) = way { Some(files) } else { None });
    let preview = Preview::of(files.unwrap()).unwrap();
    assert!(preview.files().iter().all(|file| !file.diff.contains("canary")), "{preview:?}");
    let (before, backups) = (place.names(folder), place.backups());
    let backup = Workbench::new(&backups).apply(&preview, found[0].failure.code, now()).unwrap();
    let meanwhile = place.names(folder);
    Workbench::new(&backups).undo(&backup.id).unwrap();
    assert_eq!(place.names(folder), before);
    meanwhile
}

fn mcp_remote(arguments: &[&str], tokens: bool) -> Place {
    let place = Place::new();
    let arguments: Vec<&str> = [&["-y", "mcp-remote"], arguments].concat();
    store(&place, ".cursor/mcp.json", &json!({ "mcpServers": { "acme": { "command": "npx", "args": arguments } } }));
    let files = ".mcp-auth/mcp-remote-v1/af00b6f32a6a21582603f8f63e6c95d9";
    let client = json!({ "client_id": "c", "client_secret": "canary", "issuer": "https://as.example/", "redirect_uris": ["http://localhost:48135/oauth/callback"] });
    store(&place, &format!("{files}_client_info.json"), &client);
    if tokens {
        store(&place, &format!("{files}_tokens.json"), &json!({ "access_token": "canary" }));
    }
    place.write(".mcp-auth/mcp-remote-v1/other.txt", "", 0o600);
    place
}

#[test]
fn files_of_mcp_remote_are_matched_with_every_way_in_which_it_is_started() {
    let address = "http://127.0.0.1:18931/mcp";
    assert_eq!(codes(&mcp_remote(&[address], true)), NOTHING);
    assert_eq!(codes(&mcp_remote(&[address], false)), ["RPL-APP-HALF-REGISTERED"]);
    assert_eq!(codes(&mcp_remote(&[address, "9696"], true)), ["RPL-APP-REDIRECT-BROKEN"]);
    assert_eq!(codes(&mcp_remote(&[ADDRESS], true)), ["RPL-APP-ORPHAN"]);
    assert_eq!(codes(&mcp_remote(&[ADDRESS, "--header", "A: ${KEY}"], true)), ["RPL-APP-CANNOT-VERIFY"]);
    let left = mended(&mcp_remote(&[ADDRESS], true), ".mcp-auth/mcp-remote-v1");
    assert_eq!(left, ["other.txt"], "all files of one digest go, and the folder stays");
}

#[test]
fn sign_ins_of_copilot_are_grouped_by_address() {
    let place = Place::new();
    store(&place, ".copilot/mcp-config.json", &json!({ "mcpServers": { "acme": { "type": "http", "url": ADDRESS } } }));
    let folder = ".copilot/mcp-oauth-config";
    let (one, two) = ("1".repeat(64), "2".repeat(64));
    let config = |name: &str, address: &str| {
        store(&place, &format!("{folder}/{name}.json"), &json!({ "serverUrl": address, "other": "canary" }));
    };
    config(&one, ADDRESS);
    assert_eq!(codes(&place), NOTHING, "its tokens may be in the keychain");
    config(&two, ADDRESS);
    store(&place, &format!("{folder}/{two}.tokens.json"), &json!({}));
    assert_eq!(codes(&place), ["RPL-APP-HALF-REGISTERED"]);
    assert_eq!(mended(&place, folder), [format!("{two}.json"), format!("{two}.tokens.json")]);
    config(&one, "https://gone.example/mcp?key=canary");
    assert_eq!(codes(&place), ["RPL-APP-ORPHAN"]);
}

#[test]
fn a_half_made_sign_in_of_cline_is_cut_out_of_its_entry() {
    let place = Place::new();
    let configure = |oauth: &Json| {
        let transport = json!({ "type": "streamableHttp", "url": ADDRESS });
        let servers = json!({ "mcpServers": { "acme": { "transport": transport, "oauth": oauth } } });
        store(&place, ".cline/data/settings/cline_mcp_settings.json", &servers);
    };
    configure(&json!({ "clientInformation": { "client_id": "c" }, "lastError": "invalid_client" }));
    assert_eq!(codes(&place), ["RPL-APP-HALF-REGISTERED"]);
    assert_eq!(found(&place)[0].failure.said.as_deref(), Some("invalid_client"));
    mended(&place, ".cline/data/settings");
    let signed_in = |callback: &str| json!({ "clientInformation": { "client_id": "c" }, "tokens": { "access_token": "canary" }, "redirectUrl": callback });
    configure(&signed_in("http://127.0.0.1:1456/mcp/oauth/callback"));
    assert_eq!(codes(&place), NOTHING);
    configure(&signed_in("vscode://saoudrizwan.claude-dev/x"));
    assert_eq!(codes(&place), ["RPL-APP-REDIRECT-BROKEN"]);
}

#[test]
fn sign_ins_of_cursor_are_looked_at_when_an_entry_has_their_name() {
    let place = Place::new();
    store(&place, ".cursor/mcp.json", &json!({ "mcpServers": { "acme": { "url": ADDRESS } } }));
    let file = ".cursor/projects/x/mcp-auth.json";
    let signed_in = |callback: &str| json!({ "user-acme": { "tokens": { "access_token": "canary" }, "clientInfo": { "client_id": "c", "redirect_uris": [callback] } } });
    store(&place, file, &signed_in("http://localhost:8787/callback"));
    assert_eq!(codes(&place), NOTHING);
    store(&place, file, &signed_in("cursor://anysphere.cursor-mcp/oauth/callback"));
    assert_eq!(codes(&place), ["RPL-APP-REDIRECT-BROKEN"]);
    let half = json!({ "clientInfo": { "client_id": "c" } });
    store(&place, file, &json!({ "user-acme": half, "user-other": half }));
    assert_eq!(codes(&place), ["RPL-APP-HALF-REGISTERED"]);
}

#[test]
fn sign_ins_of_continue_and_amazon_q_are_compared_with_the_addresses() {
    let place = Place::new();
    place.write(".continue/config.yaml", &format!("mcpServers:\n  - name: acme\n    url: {ADDRESS}\n"), 0o600);
    let context = |address: &str| {
        let sign_in = json!({ "clientInformation": { "client_id": "c" }, "tokens": { "access_token": "canary" } });
        store(&place, ".continue/index/globalContext.json", &json!({ "mcpOauthStorage": { address: sign_in } }));
    };
    context(ADDRESS);
    assert_eq!(codes(&place), NOTHING);
    context("https://gone.example/mcp?key=canary");
    assert_eq!(codes(&place), ["RPL-APP-ORPHAN"]);
    mended(&place, ".continue/index");

    let place = Place::new();
    let entry = json!({ "url": format!("{ADDRESS}?x=1") });
    store(&place, ".kiro/settings/mcp.json", &json!({ "mcpServers": { "acme": entry } }));
    let digest = Sha256::digest(ADDRESS).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let cache = |name: &str| {
        store(&place, &format!(".aws/sso/cache/{name}"), &json!({ "access_token": "canary" }));
    };
    cache(&format!("{digest}.registration.json"));
    assert_eq!(codes(&place), ["RPL-APP-HALF-REGISTERED"]);
    cache(&format!("{digest}.token.json"));
    cache("kiro-auth-token.json");
    assert_eq!(codes(&place), NOTHING);
    cache(&format!("{}.token.json", "0".repeat(64)));
    assert_eq!(codes(&place), ["RPL-APP-ORPHAN"]);
}

#[test]
fn tokens_that_others_can_read_are_found_in_whatever_app() {
    let place = Place::new();
    place.write(".codex/.credentials.json", "{}", 0o640);
    place.write(".gemini/mcp-oauth-tokens.json", "[]", 0o602);
    place.write(".local/share/opencode/mcp-auth.json", "{}", 0o600);
    assert_eq!(codes(&place), ["RPL-APP-READABLE-BY-OTHERS"; 2]);
    assert!(found(&place).iter().all(|finding| finding.safe));
    let place = Place::new();
    let digest = "0".repeat(64);
    for file in [
        ".claude/.credentials.json",
        ".local/share/opencode/mcp-auth.json",
        ".continue/index/globalContext.json",
        ".cursor/projects/x/mcp-auth.json",
        &format!(".copilot/mcp-oauth-config/{digest}.json"),
        &format!(".aws/sso/cache/{digest}.token.json"),
        &format!(".mcp-auth/mcp-remote-v1/{}_tokens.json", &digest[..32]),
    ] {
        place.write(file, "{}", 0o604);
    }
    let cline = json!({ "mcpServers": { "acme": { "transport": { "url": ADDRESS }, "oauth": {} } } });
    place.write(".cline/data/settings/cline_mcp_settings.json", &cline.to_string(), 0o604);
    let found = found(&place);
    let exposed = found.iter().filter(|finding| finding.failure.code == Code::AppReadableByOthers);
    assert_eq!(
        exposed.map(|finding| finding.app).collect::<Vec<_>>(),
        ["claude-code", "opencode", "continue", "cline", "cursor", "copilot-cli", "amazon-q", "mcp-remote"]
    );
}

#[test]
fn a_command_of_the_app_comes_before_an_edit_and_never_has_an_option_from_a_name() {
    let ways = |name: &str| {
        let place = Place::new();
        place.write(".codex/config.toml", &format!("[mcp_servers.\"{name}\"]\nurl = '{ADDRESS}'\n"), 0o600);
        let sign_in = json!({ "server_name": name, "client_id": "c" });
        store(&place, ".codex/.credentials.json", &json!({ sign_in_key(name, "http", ADDRESS, []): sign_in }));
        found(&place)[0].repair().ways
    };
    let usual = ways("acme");
    let [Way::Command(command), Way::Files(_)] = usual.as_slice() else { panic!("{usual:?}") };
    assert_eq!((command.program, command.arguments.join(" ").as_str()), ("codex", "mcp logout acme"));
    assert!(matches!(ways("--all").as_slice(), [Way::Files(_)]));
}
