//! What is said about entries: each mistake by its code, the change that mends it, and silence about good ones.

use std::fs;

use replug_apps::{Computer, Dialect, edit, remarks, scan};
use replug_core::Platform;

/// Codes and the entry after every fix, for one entry of an app whose file is `path`.
fn said(path: &str, file: &str) -> (Vec<String>, String) {
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(&place, file).unwrap();
    let known = |name: &str| (name == "KNOWN").then(|| "x".to_owned());
    let computer = Computer::new(Platform::Linux, home.path(), known);
    let found = scan(&computer, &[]);
    let entry = &found.files[0].entries[0];
    let remarks = remarks(&computer, found.files[0].app, entry);
    let codes = remarks.iter().map(|remark| remark.failure.code.as_str().to_owned()).collect();
    let changes: Vec<_> = remarks.into_iter().flat_map(|remark| remark.fix).collect();
    let text = entry_text(file);
    let fixed =
        if changes.is_empty() || !text.starts_with('{') { text } else { edit(Dialect::Json, &text, &changes).unwrap() };
    (codes, fixed)
}

/// The entry alone, of a file that holds one named `acme`.
fn entry_text(file: &str) -> String {
    let start = file.find(r#""acme":"#).map_or(0, |at| at + 7);
    let mut depth = 0_i32;
    let end = file[start..].char_indices().find_map(|(at, character)| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        (depth == 0).then_some(at + 1)
    });
    end.map_or_else(String::new, |end| file[start..start + end].to_owned())
}

fn entry(app_file: &str, entry: &str) -> (Vec<String>, String) {
    said(app_file, &format!(r#"{{"mcpServers":{{"acme":{entry}}}}}"#))
}

const CLAUDE: &str = ".claude.json";
const CURSOR: &str = ".cursor/mcp.json";

#[test]
fn a_good_entry_is_passed_over_in_silence() {
    for (file, good) in [
        (CLAUDE, r#"{"type":"http","url":"https://mcp.example/mcp","headers":{"Authorization":"Bearer abc","X":"1"}}"#),
        (CLAUDE, r#"{"command":"npx","args":["x"]}"#),
        (CURSOR, r#"{"url":"https://mcp.example/${KNOWN}/${env:KNOWN}/${OTHER:-usual}/${input:key}"}"#),
        (CURSOR, r#"{"url":"https://mcp.example/mcp","headers":{"Authorization":"${KNOWN}"}}"#),
    ] {
        assert_eq!(entry(file, good), (Vec::new(), good.to_owned()));
    }
}

#[test]
fn a_missing_or_unknown_type_is_named_with_the_right_one() {
    let codes = |code: &str| vec![code.to_owned()];
    assert_eq!(
        entry(CLAUDE, r#"{"url":"https://mcp.example/mcp"}"#),
        (codes("RPL-APP-TYPE-MISSING"), r#"{"url":"https://mcp.example/mcp", "type": "http"}"#.to_owned())
    );
    assert_eq!(
        entry(CLAUDE, r#"{"url":"https://mcp.example/sse?x=1"}"#).1,
        r#"{"url":"https://mcp.example/sse?x=1", "type": "sse"}"#
    );
    assert_eq!(
        entry(CLAUDE, r#"{"type":"streamableHttp","url":"https://mcp.example/mcp"}"#),
        (codes("RPL-APP-TYPE-UNKNOWN"), r#"{"type":"http","url":"https://mcp.example/mcp"}"#.to_owned())
    );
    assert_eq!(
        entry(".copilot/mcp-config.json", r#"{"url":"https://mcp.example/mcp","tools":["*"]}"#).0,
        codes("RPL-APP-TYPE-MISSING")
    );
    assert_eq!(entry(CURSOR, r#"{"url":"https://mcp.example/mcp"}"#).0, Vec::<String>::new(), "Cursor does not ask");
}

#[test]
fn mistakes_of_the_authorization_header_are_told_apart() {
    let header = |value: &str| {
        entry(CURSOR, &format!(r#"{{"url":"https://mcp.example/mcp","headers":{{"authorization":"{value}"}}}}"#))
    };
    let (codes, fixed) = header("Bearer bearer abc");
    assert_eq!(codes, ["RPL-APP-BEARER-DOUBLED"]);
    assert!(fixed.contains(r#""authorization":"Bearer abc""#), "{fixed}");
    assert_eq!(header("abc").0, ["RPL-APP-BEARER-MISSING"]);
    assert_eq!(header("Basic YTpi").0, Vec::<String>::new());
}

#[test]
fn white_space_and_unset_variables_are_found() {
    let (codes, fixed) =
        entry(CURSOR, r#"{"url":" https://mcp.example/mcp","headers":{"X-Key":"abc\n","Y":"${MISSING}"}}"#);
    assert_eq!(codes, ["RPL-APP-WHITE-SPACE", "RPL-APP-WHITE-SPACE", "RPL-APP-VARIABLE-UNSET"]);
    assert_eq!(fixed, r#"{"url":"https://mcp.example/mcp","headers":{"X-Key":"abc","Y":"${MISSING}"}}"#);
}

#[test]
fn what_an_app_cannot_use_is_said() {
    let desktop = ".config/Claude/claude_desktop_config.json";
    assert_eq!(entry(desktop, r#"{"url":"https://mcp.example/mcp"}"#).0, ["RPL-APP-LOCAL-ONLY"]);
    assert_eq!(entry(CURSOR, "{}").0, ["RPL-APP-ENTRY-UNCLEAR"]);
    let roo = ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json";
    assert_eq!(
        entry(roo, r#"{"url":"https://mcp.example/mcp","type":"sse","disabled":true}"#),
        (
            vec!["RPL-APP-SWITCHED-OFF".to_owned()],
            r#"{"url":"https://mcp.example/mcp","type":"sse","disabled":false}"#.to_owned()
        )
    );
    let spaced = r#"{"mcpServers":{"my acme":{"type":"http","url":"https://mcp.example/mcp"}}}"#;
    assert_eq!(said(CLAUDE, spaced).0, ["RPL-APP-NAME-REFUSED"]);
    assert_eq!(said(CURSOR, spaced).0, Vec::<String>::new(), "Cursor takes it");
}

#[test]
fn a_member_that_codex_does_not_know_spoils_its_whole_file() {
    let (codes, _) = said(".codex/config.toml", "[mcp_servers.acme]\nurl = 'https://mcp.example/mcp'\nmarker = 1\n");
    assert_eq!(codes, ["RPL-APP-ENTRY-DISABLES-ALL"]);
}
