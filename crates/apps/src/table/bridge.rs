//! The entry that lets an app start Replug's bridge, in each app's own words. Where it goes in the file is said by its rows.

use replug_core::{Code, Failure};
use serde_json::{Map, Value as Json, json};

use super::ClientApp;
use crate::rules::is_token;

/// An entry that starts `command` as the bridge of a connector. It holds the connector's id and no secret.
///
/// # Errors
/// When the name is not one that every app takes.
pub(crate) fn bridge(app: &ClientApp, name: &str, command: &str, connector: &str) -> Result<Json, Failure> {
    if !is_token(name) {
        return Err(Failure::new(Code::AppNameRefused).with_fact("Name", name));
    }
    let arguments = json!(["bridge", connector]);
    let usual = || json!({ "command": command, "args": arguments });
    let with = |first: Json, rest: Json| {
        let members = [first, rest].into_iter().filter_map(|part| part.as_object().cloned()).flatten();
        Json::Object(members.collect::<Map<_, _>>())
    };
    Ok(match app.id {
        "vscode" | "vscode-insiders" | "vscodium" => with(json!({ "type": "stdio" }), usual()),
        "copilot-cli" => with(json!({ "type": "local", "tools": ["*"] }), with(usual(), json!({ "env": {} }))),
        "cline" => json!({ "transport": with(json!({ "type": "stdio" }), usual()) }),
        "opencode" => json!({ "type": "local", "command": [command, "bridge", connector], "enabled": true }),
        "goose" => {
            json!({ "name": name, "type": "stdio", "cmd": command, "args": arguments, "enabled": true, "timeout": 300 })
        }
        "continue" => json!({ "name": name, "type": "stdio", "command": command, "args": arguments }),
        // Codex refuses members that it does not know, and an empty table is no use to it.
        "codex" => usual(),
        _ => with(usual(), json!({ "env": {} })),
    })
}
