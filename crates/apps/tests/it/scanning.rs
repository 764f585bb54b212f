//! Finding entries: every app's places on every system, every dialect, and files that are not what they should be.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use replug_apps::{APPS, Computer, FileProblem, Scan, Target, scan};
use replug_core::{Platform, Transport};
use tempfile::TempDir;

/// A home folder with files in it, on one system.
struct Home {
    folder: TempDir,
    platform: Platform,
    variables: Vec<(String, String)>,
}

impl Home {
    fn on(platform: Platform) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), platform, variables: Vec::new() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn with(self, path: &str, text: &str) -> Self {
        write(&self.path(path), text);
        self
    }

    fn variable(mut self, name: &str, path: &str) -> Self {
        let value = self.path(path).to_str().unwrap().to_owned();
        self.variables.push((name.to_owned(), value));
        self
    }

    fn computer(&self) -> Computer {
        let variables = self.variables.clone();
        let variable =
            move |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        Computer::new(self.platform, self.folder.path(), variable).with_system_root(self.path("system"))
    }

    fn scan(&self) -> Scan {
        scan(&self.computer(), &[])
    }

    fn scan_with(&self, folders: &[&str]) -> Scan {
        let folders: Vec<PathBuf> = folders.iter().map(|folder| self.path(folder)).collect();
        scan(&self.computer(), &folders)
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// `app scope entry -> where it leads`, a line each.
fn lines(scan: &Scan) -> Vec<String> {
    let entries = scan.files.iter().flat_map(|file| file.entries.iter().map(move |entry| (file, entry)));
    entries
        .map(|(file, entry)| {
            let target = match &entry.target {
                Target::Remote(remote) => remote.address.expose().clone(),
                Target::Local(local) => format!("runs {}", local.command),
                Target::BuiltIn => "the app's own".to_owned(),
                Target::Unclear => "unclear".to_owned(),
            };
            let off = if entry.enabled { "" } else { " (off)" };
            format!("{} {} {} -> {target}{off}", file.app.id, file.scope.as_str(), entry.name)
        })
        .collect()
}

const REMOTE: &str = r#"{"mcpServers":{"acme":{"type":"http","url":"https://mcp.example/mcp"}}}"#;

/// A home in which every app has one entry.
fn crowded_home() -> Home {
    Home::on(Platform::Linux)
        .with(".claude.json", REMOTE)
        .with(".config/Claude/claude_desktop_config.json", r#"{"mcpServers":{"files":{"command":"npx","args":["x"]}}}"#)
        .with(".cursor/mcp.json", REMOTE)
        .with(
            ".config/Code/User/mcp.json",
            "{\n// mine\n\"servers\":{\"acme\":{\"type\":\"http\",\"url\":\"https://mcp.example/mcp\",},}}",
        )
        .with(".config/Code/User/profiles/a1/mcp.json", r#"{"servers":{"acme":{"url":"https://mcp.example/mcp"}}}"#)
        .with(".vscode-server/data/User/mcp.json", r#"{"servers":{"acme":{"url":"https://mcp.example/mcp"}}}"#)
        .with(".codeium/windsurf/mcp_config.json", r#"{"mcpServers":{"acme":{"serverUrl":"https://mcp.example/mcp"}}}"#)
        .with(
            ".config/zed/settings.json",
            "{\"context_servers\":{\"acme\":{\"url\":\"https://mcp.example/mcp\",\"enabled\":false,},},}",
        )
        .with(
            ".gemini/settings.json",
            "{ // mine\n\"mcpServers\":{\"acme\":{\"httpUrl\":\"https://mcp.example/mcp\"}}}",
        )
        .with(".codex/config.toml", "model = \"o\"\n[mcp_servers.acme]\nurl = \"https://mcp.example/mcp\"\n")
        .with(".copilot/mcp-config.json", REMOTE)
        .with(
            ".cline/data/settings/cline_mcp_settings.json",
            r#"{"mcpServers":{"acme":{"transport":{"type":"streamableHttp","url":"https://mcp.example/mcp"}}}}"#,
        )
        .with(
            ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
            r#"{"mcpServers":{"acme":{"type":"streamable-http","url":"https://mcp.example/mcp","disabled":true}}}"#,
        )
        .with(
            ".config/goose/config.yaml",
            "extensions:\n  acme:\n    type: streamable_http\n    uri: https://mcp.example/mcp\n    enabled: true\n",
        )
        .with(".lmstudio/mcp.json", REMOTE)
        .with(
            ".continue/config.yaml",
            "mcpServers:\n  - name: acme\n    type: streamable-http\n    url: https://mcp.example/mcp\n",
        )
        .with(".aws/amazonq/mcp.json", REMOTE)
        .with(".kiro/settings/mcp.json", REMOTE)
        .with(".config/opencode/opencode.jsonc", r#"{"mcp":{"acme":{"type":"local","command":["node","a.js"]}}}"#)
        .with(".junie/mcp/mcp.json", REMOTE)
}

#[test]
fn every_app_is_found_at_its_usual_place_on_linux() {
    let home = crowded_home();
    assert_eq!(
        lines(&home.scan()),
        [
            "claude-code user acme -> https://mcp.example/mcp",
            "claude-desktop user files -> runs npx",
            "cursor user acme -> https://mcp.example/mcp",
            "vscode user acme -> https://mcp.example/mcp",
            "vscode profile acme -> https://mcp.example/mcp",
            "vscode remote acme -> https://mcp.example/mcp",
            "windsurf user acme -> https://mcp.example/mcp",
            "zed user acme -> https://mcp.example/mcp (off)",
            "gemini-cli user acme -> https://mcp.example/mcp",
            "codex user acme -> https://mcp.example/mcp",
            "copilot-cli user acme -> https://mcp.example/mcp",
            "cline user acme -> https://mcp.example/mcp",
            "roo-code user acme -> https://mcp.example/mcp (off)",
            "goose user acme -> https://mcp.example/mcp",
            "lm-studio user acme -> https://mcp.example/mcp",
            "continue user acme -> https://mcp.example/mcp",
            "amazon-q user acme -> https://mcp.example/mcp",
            "kiro user acme -> https://mcp.example/mcp",
            "opencode user acme -> runs node",
            "junie user acme -> https://mcp.example/mcp",
        ]
    );
}

#[test]
fn macos_and_windows_have_places_of_their_own() {
    let mac = Home::on(Platform::MacOs)
        .with("Library/Application Support/Claude/claude_desktop_config.json", REMOTE)
        .with(
            "Library/Application Support/Code/User/mcp.json",
            r#"{"servers":{"acme":{"url":"https://mcp.example/mcp"}}}"#,
        )
        .with(".config/zed/settings.json", r#"{"context_servers":{"acme":{"url":"https://mcp.example/mcp"}}}"#)
        .with("system/Library/Application Support/ClaudeCode/managed-mcp.json", REMOTE);
    assert_eq!(
        lines(&mac.scan()),
        [
            "claude-code managed acme -> https://mcp.example/mcp",
            "claude-desktop user acme -> https://mcp.example/mcp",
            "vscode user acme -> https://mcp.example/mcp",
            "zed user acme -> https://mcp.example/mcp",
        ]
    );
    let windows = Home::on(Platform::Windows)
        .with("AppData/Roaming/Claude/claude_desktop_config.json", REMOTE)
        .with("AppData/Local/Packages/Claude_abc/LocalCache/Roaming/Claude/claude_desktop_config.json", REMOTE)
        .with(
            "AppData/Roaming/Block/goose/config/config.yaml",
            "extensions: {acme: {type: sse, uri: 'https://mcp.example/sse'}}",
        )
        .with("system/ProgramData/gemini-cli/settings.json", REMOTE);
    assert_eq!(
        lines(&windows.scan()),
        [
            "claude-desktop user acme -> https://mcp.example/mcp",
            "claude-desktop user acme -> https://mcp.example/mcp",
            "gemini-cli managed acme -> https://mcp.example/mcp",
            "goose user acme -> https://mcp.example/sse",
        ]
    );
}

#[test]
fn variables_move_the_folders_of_an_app() {
    let home = Home::on(Platform::Linux)
        .with("elsewhere/.claude.json", REMOTE)
        .with("codex/config.toml", "[mcp_servers.acme]\nurl = 'https://mcp.example/mcp'\n")
        .with(".claude.json", r#"{"mcpServers":{"unseen":{"type":"http","url":"https://mcp.example/mcp"}}}"#)
        .variable("CLAUDE_CONFIG_DIR", "elsewhere")
        .variable("CODEX_HOME", "codex");
    assert_eq!(
        lines(&home.scan()),
        ["claude-code user acme -> https://mcp.example/mcp", "codex user acme -> https://mcp.example/mcp"]
    );
}

#[test]
fn folders_named_by_claude_code_or_the_person_are_looked_through() {
    let home = Home::on(Platform::Linux)
        .with("known/.mcp.json", REMOTE)
        .with("known/.vscode/mcp.json", r#"{"servers":{"acme":{"url":"https://mcp.example/mcp"}}}"#)
        .with("chosen/.cursor/mcp.json", REMOTE)
        .with("unknown/.mcp.json", REMOTE);
    let known = home.path("known").to_str().unwrap().to_owned();
    let claude = format!(
        r#"{{"projects":{{"{known}":{{"mcpServers":{{"here":{{"type":"sse","url":"https://mcp.example/sse"}}}}}}}}}}"#
    );
    let home = home.with(".claude.json", &claude);
    assert_eq!(
        lines(&home.scan_with(&["chosen"])),
        [
            "claude-code local here -> https://mcp.example/sse",
            "claude-code project acme -> https://mcp.example/mcp",
            "cursor project acme -> https://mcp.example/mcp",
            "vscode project acme -> https://mcp.example/mcp",
        ]
    );
}

#[test]
fn a_folder_claude_code_knows_is_looked_through_even_without_entries_of_its_own() {
    let home = Home::on(Platform::Linux).with("known/.mcp.json", REMOTE);
    let claude = format!(r#"{{"projects":{{"{}":{{"mcpServers":{{}}}}}}}}"#, home.path("known").to_str().unwrap());
    let home = home.with(".claude.json", &claude);
    assert_eq!(lines(&home.scan()), ["claude-code project acme -> https://mcp.example/mcp"]);
}

#[test]
fn one_unreadable_file_hides_nothing_else() {
    let home = Home::on(Platform::Linux)
        .with(".claude.json", "{ \"mcpServers\": { // no\n } }")
        .with(".cursor/mcp.json", r#"{"mcpServers":[1,2],"#)
        .with(".gemini/settings.json", r#"{"mcpServers":{"acme":{"url":"https://mcp.example/mcp"},}}"#)
        .with(".codex/config.toml", "[mcp_servers.acme\n")
        .with(".lmstudio/mcp.json", r#"{"mcpServers":"none"}"#)
        .with(".kiro/settings/mcp.json", REMOTE);
    let scan = home.scan();
    let problems: Vec<String> =
        scan.files.iter().filter_map(|file| Some(format!("{}: {}", file.app.id, file.problem.as_ref()?))).collect();
    assert_eq!(
        problems,
        [
            "claude-code: line 1, column 19: Comments are not allowed",
            "cursor: line 1, column 1: Unterminated object",
            "gemini-cli: line 1, column 56: Trailing commas are not allowed",
            "codex: line 1, column 18: unclosed table, expected `]`",
            "lm-studio: `mcpServers` is a text, not an object",
        ]
    );
    assert_eq!(lines(&scan), ["kiro user acme -> https://mcp.example/mcp"], "the good file is read");
}

#[test]
fn one_strange_entry_hides_no_other() {
    let home = Home::on(Platform::Linux).with(
        ".cursor/mcp.json",
        r#"{"mcpServers":{"odd":7,"empty":{},"acme":{"url":"https://mcp.example/mcp"},"list":{"command":[]}}}"#,
    );
    assert_eq!(
        lines(&home.scan()),
        [
            "cursor user odd -> unclear",
            "cursor user empty -> unclear",
            "cursor user acme -> https://mcp.example/mcp",
            "cursor user list -> unclear",
        ]
    );
}

#[test]
fn an_entry_is_read_in_the_apps_own_words() {
    let home = Home::on(Platform::Linux).with(
        ".claude.json",
        r#"{"mcpServers":{"acme":{"type":"sse","url":"https://mcp.example/sse?key=canary","headers":{"X-Key":"canary"},"oauth":{"clientId":"abc","callbackPort":8123}}}}"#,
    );
    let scan = home.scan();
    let Target::Remote(remote) = &scan.files[0].entries[0].target else { panic!("a remote server") };
    assert_eq!((remote.transport, remote.kind.as_deref()), (Some(Transport::Sse), Some("sse")));
    assert_eq!((remote.client_id.as_deref(), remote.callback_port), (Some("abc"), Some(8123)));
    assert!(remote.headers[0].1.matches("canary"), "the header is there");
    assert!(!format!("{scan:?}").contains("canary"), "and nothing secret is printed");
}

#[test]
fn the_definition_changes_with_every_field_and_with_nothing_else() {
    let named = |name: &str, entry: &str| {
        let text = format!(r#"{{"mcpServers":{{"{name}":{entry}}}}}"#);
        Home::on(Platform::Linux).with(".cursor/mcp.json", &text).scan().files[0].entries[0].definition
    };
    let definition = |entry: &str| named("acme", entry);
    let entry = r#"{"url":"https://mcp.example/mcp","headers":{"A":"1"}}"#;
    let first = definition(entry);
    assert_ne!(first, named("other", entry), "the name");
    assert_eq!(
        first,
        definition("{ \"headers\": {\"A\": \"1\"},\n \"url\": \"https://mcp.example/mcp\" }"),
        "layout and order"
    );
    for changed in [
        r#"{"url":"https://mcp.example/other","headers":{"A":"1"}}"#,
        r#"{"url":"https://mcp.example/mcp","headers":{"A":"2"}}"#,
        r#"{"url":"https://mcp.example/mcp","headers":{"A":1}}"#,
        r#"{"url":"https://mcp.example/mcp","headers":{"B":"1"}}"#,
        r#"{"url":"https://mcp.example/mcp","headers":{"A":"1"},"unknown":null}"#,
        r#"{"url":"https://mcp.example/mcp","headers":{"A":["1"]}}"#,
    ] {
        assert_ne!(first, definition(changed), "{changed}");
    }
}

#[test]
fn a_key_that_stands_twice_is_noticed_wherever_it_is() {
    for text in [
        r#"{"mcpServers":{"acme":{"url":"https://one.example/"},"acme":{"url":"https://two.example/"}}}"#,
        r#"{"other":[{"a":1,"a":2}],"mcpServers":{}}"#,
    ] {
        let scan = Home::on(Platform::Linux).with(".cursor/mcp.json", text).scan();
        assert!(scan.files[0].duplicate.is_some(), "{text}");
    }
    let scan = Home::on(Platform::Linux).with(".cursor/mcp.json", REMOTE).scan();
    assert_eq!(scan.files[0].duplicate, None);
}

#[test]
fn deep_huge_and_binary_files_end_in_a_problem() {
    let deep = "[".repeat(100_000);
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(9 * 1024 * 1024));
    for (text, problem) in [(deep.as_str(), "nested deeper"), (huge.as_str(), "larger than 8 MiB")] {
        let scan = Home::on(Platform::Linux).with(".cursor/mcp.json", text).scan();
        let said = scan.files[0].problem.as_ref().unwrap().to_string();
        assert!(said.contains(problem), "{said}");
    }
    let home = Home::on(Platform::Linux).with(".cursor/mcp.json", "");
    fs::write(home.path(".cursor/mcp.json"), [0xff, 0xfe, 0x00]).unwrap();
    assert_eq!(home.scan().files[0].problem, Some(FileProblem::NotText));
    let home = Home::on(Platform::Linux).with(".cursor/mcp.json/inside", "");
    assert_eq!(home.scan().files[0].problem, Some(FileProblem::NotAFile));
}

#[test]
fn yaml_that_would_grow_without_end_is_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        writeln!(bomb, "a{level}: &a{level} [{}]", vec![before; 9].join(", ")).unwrap();
    }
    let scan = Home::on(Platform::Linux).with(".config/goose/config.yaml", &bomb).scan();
    assert!(scan.files[0].problem.as_ref().unwrap().to_string().contains("anchors"), "{:?}", scan.files[0].problem);
}

#[test]
fn a_byte_order_mark_and_an_empty_file_are_no_problem() {
    for text in ["", " \n", "\u{feff}{}"] {
        let scan = Home::on(Platform::Linux).with(".cursor/mcp.json", text).scan();
        assert_eq!((scan.files.len(), &scan.files[0].problem), (1, &None), "{text:?}");
    }
}

#[test]
fn every_app_has_an_id_and_a_name_of_its_own() {
    let ids: std::collections::HashSet<_> = APPS.iter().map(|app| app.id).collect();
    let names: std::collections::HashSet<_> = APPS.iter().map(|app| app.name).collect();
    assert_eq!((ids.len(), names.len()), (APPS.len(), APPS.len()));
}

#[test]
fn a_home_that_somebody_works_in_does_not_make_the_persons_files_a_projects() {
    let home = Home::on(Platform::Linux).with(".cursor/mcp.json", REMOTE);
    let claude = format!(r#"{{"projects":{{"{}":{{}}}}}}"#, home.path("").to_str().unwrap().trim_end_matches('/'));
    let home = home.with(".claude.json", &claude);
    assert_eq!(lines(&home.scan()), ["cursor user acme -> https://mcp.example/mcp"]);
}

#[cfg(unix)]
#[test]
fn a_projects_link_to_a_file_elsewhere_is_not_followed() {
    let home = Home::on(Platform::Linux).with("mine/secret.json", REMOTE).with("work/readme", "");
    std::os::unix::fs::symlink(home.path("mine/secret.json"), home.path("work/.mcp.json")).unwrap();
    let scan = home.scan_with(&["work"]);
    assert_eq!((lines(&scan).len(), &scan.files[0].problem), (0, &Some(FileProblem::LeadsOut)));
}

#[test]
fn what_comes_with_an_app_is_not_taken_for_a_mistake() {
    let home = Home::on(Platform::Linux)
        .with(
            ".config/goose/config.yaml",
            "extensions:\n  developer: {type: builtin, enabled: true, name: developer}\n",
        )
        .with(
            ".config/zed/settings.json",
            r#"{"context_servers":{"ext":{"settings":{"a":1},"enabled":true},"odd":{}}}"#,
        )
        .with(".config/opencode/opencode.json", r#"{"mcp":{"off":{"enabled":false}}}"#);
    assert_eq!(
        lines(&home.scan()),
        [
            "zed user ext -> the app's own",
            "zed user odd -> unclear",
            "goose user developer -> the app's own",
            "opencode user off -> the app's own (off)",
        ]
    );
}

#[test]
fn a_key_that_stands_twice_is_part_of_the_definition() {
    let definition = |first: &str| {
        let entry = format!(r#"{{"url":"{first}","url":"https://mcp.example/mcp"}}"#);
        let home =
            Home::on(Platform::Linux).with(".cursor/mcp.json", &format!(r#"{{"mcpServers":{{"acme":{entry}}}}}"#));
        home.scan().files[0].entries[0].definition
    };
    assert_ne!(definition("https://one.example/"), definition("https://two.example/"));
}
