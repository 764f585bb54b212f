//! Repairs of entries: names that stand twice, switches beside an entry, the bridge's own entry, and lines to paste.

use std::fs;

use replug_apps::{
    APPS, Computer, Dialect, Preview, Way, app, bridge_entry, bridge_snippet, dropped, edit, remarks, scan,
};
use replug_core::Platform;
use serde_json::json;

use crate::place::Place;

const ADDRESS: &str = "https://mcp.example/mcp";

fn computer(place: &Place) -> Computer {
    Computer::new(Platform::Linux, place.home(), |_| None)
}

#[test]
fn of_two_entries_with_one_name_the_one_that_does_not_count_is_named() {
    let place = Place::new();
    let (user, project) = (json!({ "type": "http", "url": ADDRESS }), json!({ "type": "sse", "url": ADDRESS }));
    let folder = place.home().join("work");
    let projects = json!({ folder.to_str().unwrap(): { "disabledMcpjsonServers": ["off"] } });
    let own = json!({ "mcpServers": { "acme": user, "same": user }, "projects": projects });
    place.write(".claude.json", &serde_json::to_string_pretty(&own).unwrap(), 0o600);
    let theirs = json!({ "mcpServers": { "acme": project, "same": user, "off": user } });
    place.write("work/.mcp.json", &theirs.to_string(), 0o644);
    let scan = scan(&computer(&place), &[]);
    let told = dropped(&scan);
    assert_eq!(told.len(), 1, "two that say the same harm nobody: {told:?}");
    assert_eq!((told[0].entry.name.as_str(), told[0].file.scope.as_str()), ("acme", "user"));
    let repair = told[0].file.repair(told[0].entry, &told[0].remark);
    let Some(Way::Files(files)) = repair.ways.first() else { panic!("{repair:?}") };
    let diff = Preview::of(files).unwrap().files()[0].diff.clone();
    assert!(diff.contains("-    \"acme\": {") && !repair.safe, "{diff}");
    let off = scan.files.iter().flat_map(|file| &file.entries).find(|entry| entry.name == "off").unwrap();
    assert!(!off.enabled, "it is switched off for its folder");
}

#[test]
fn the_bridge_s_entry_is_one_that_each_app_takes() {
    for known in APPS {
        let bridge = bridge_entry(known, "acme", "/opt/replug", "k7f3q9");
        let Ok(change) = bridge else {
            let lines = bridge_snippet(known, "acme", "/opt/replug", "k7f3q9").unwrap();
            assert!(lines.contains("bridge") && lines.contains("k7f3q9"), "{}: {lines}", known.id);
            continue;
        };
        let dialect = if known.id == "codex" { Dialect::Toml } else { Dialect::Json };
        let text = edit(dialect, "", &[change]).unwrap();
        assert!(text.contains("/opt/replug") && text.contains("k7f3q9"), "{}: {text}", known.id);
    }
    let lines = |id: &str| bridge_snippet(app(id).unwrap(), "acme", "/opt/replug", "k7f3q9").unwrap();
    assert_eq!(
        lines("goose"),
        "extensions:\n  acme: {\"name\":\"acme\",\"type\":\"stdio\",\"cmd\":\"/opt/replug\",\"args\":[\"bridge\",\"k7f3q9\"],\"enabled\":true,\"timeout\":300}\n"
    );
    assert_eq!(
        lines("continue"),
        "mcpServers:\n  - {\"name\":\"acme\",\"type\":\"stdio\",\"command\":\"/opt/replug\",\"args\":[\"bridge\",\"k7f3q9\"]}\n"
    );
}

#[test]
fn the_bridge_s_entry_reads_back_as_a_good_one() {
    let usual = "args.0=bridge args.1=k7f3q9 command=/opt/replug";
    let nested = "transport.args.0=bridge transport.args.1=k7f3q9 transport.command=/opt/replug transport.type=stdio";
    let listed = "command.0=/opt/replug command.1=bridge command.2=k7f3q9 enabled=true type=local";
    for (id, path, says) in [
        ("claude-code", ".claude.json", &*format!("{usual} env=…")),
        ("vscode", ".config/Code/User/mcp.json", &format!("{usual} type=stdio")),
        ("codex", ".codex/config.toml", usual),
        ("copilot-cli", ".copilot/mcp-config.json", &format!("{usual} env=… tools.0=* type=local")),
        ("cline", ".cline/data/settings/cline_mcp_settings.json", nested),
        ("opencode", ".config/opencode/opencode.json", listed),
    ] {
        let place = Place::new();
        let change = bridge_entry(app(id).unwrap(), "acme", "/opt/replug", "k7f3q9").unwrap();
        let dialect = if id == "codex" { Dialect::Toml } else { Dialect::Json };
        place.write(path, &edit(dialect, "", &[change]).unwrap(), 0o600);
        let computer = computer(&place);
        let found = scan(&computer, &[]);
        let entry = &found.files[0].entries[0];
        let told = remarks(&computer, found.files[0].app, entry);
        assert!(entry.name == "acme" && told.is_empty(), "{id}: {entry:?} {told:?}");
        let mut fields: Vec<String> =
            entry.outline().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        fields.sort();
        assert_eq!(fields.join(" "), says, "{id}");
    }
}

#[test]
fn a_file_that_is_only_read_gets_lines_to_paste() {
    let place = Place::new();
    let text = "extensions:\n  acme:\n    type: http\n    uri: https://mcp.example/mcp\n";
    let path = place.write(".config/goose/config.yaml", text, 0o600);
    let computer = computer(&place);
    let scan = scan(&computer, &[]);
    let (file, entry) = (&scan.files[0], &scan.files[0].entries[0]);
    let remark = remarks(&computer, file.app, entry).remove(0);
    let Some(Way::Snippet { text: lines, .. }) = file.repair(entry, &remark).ways.pop() else { panic!("{remark:?}") };
    assert_eq!(lines, "extensions:\n  acme:\n    type: \"streamable_http\"\n");
    assert_eq!(fs::read_to_string(path).unwrap(), text);
}

#[test]
fn a_file_of_the_administrator_is_never_changed() {
    let place = Place::new();
    let text = json!({ "mcpServers": { "acme": { "url": ADDRESS } } }).to_string();
    place.write("system/etc/claude-code/managed-mcp.json", &text, 0o644);
    let computer = computer(&place).with_system_root(place.home().join("system"));
    let scan = scan(&computer, &[]);
    let (file, entry) = (&scan.files[0], &scan.files[0].entries[0]);
    let remark = remarks(&computer, file.app, entry).remove(0);
    assert!(!remark.fix.is_empty() && file.repair(entry, &remark).ways.is_empty(), "{remark:?}");
}
