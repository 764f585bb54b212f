//! What a preview shows: the exact difference, every text of it, and no key.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use replug_apps::{Change, Deed, Dialect, Edit, FileChange, Preview};
use serde_json::json;

use crate::place::{Place, adding, steps};

const FILE: &str = r#"{
  "mcpServers": {
    "one": { "url": "https://canary-user@one.example/mcp?key=canary#canary", "headers": { "Authorization": "Bearer bearer canary", "X-Key": "canary" } },
    "two": {
      "command": "npx",
      "args": ["mcp-remote", "https://two.example/canary1canary2canary3x", "--header", "A: canary", "--token", "canary", "--key=canary"],
      "env": { "PIN": 4711, "KEY": "canary", "OTHER": "${OTHER}" },
      "oauth": { "clientId": "abc", "clientSecret": "canary", "tokenUrl": "https://as.example/token" }
    }
  }
}
"#;

fn diff(dialect: Dialect, text: &str, credentials: bool, change: Change) -> String {
    let place = Place::new();
    let file = place.write("file", text, 0o600);
    let says = dialect.parse(text).unwrap().value;
    let deed = Deed::Edit(Edit::new(dialect, &says, steps("absent"), vec![change]));
    let preview = Preview::of(&[FileChange { app: "cursor", path: file.clone(), deed, credentials }]).unwrap();
    let path = Path::new("file");
    preview.files()[0].diff.replace(&file.display().to_string(), &path.display().to_string())
}

#[test]
fn the_difference_is_exact_and_every_key_in_it_is_hidden() {
    let shown = diff(Dialect::Json, FILE, false, Change::Set(steps("mcpServers/two/disabled"), json!(true)));
    assert!(!shown.contains("canary") && !shown.contains("4711"), "{shown}");
    let expected = r#"--- file
+++ file
@@ -5,7 +5,8 @@
       "command": "npx",
       "args": ["mcp-remote", "https://two.example/…", "--header", "A: …", "--token", "…", "--key=…"],
       "env": { "PIN": …, "KEY": "…", "OTHER": "${OTHER}" },
-      "oauth": { "clientId": "abc", "clientSecret": "…", "tokenUrl": "https://as.example/token" }
+      "oauth": { "clientId": "abc", "clientSecret": "…", "tokenUrl": "https://as.example/token" },
+      "disabled": true
     }
   }
 }
"#;
    assert_eq!(shown, expected);
    let shown = diff(Dialect::Json, FILE, false, Change::Remove(steps("mcpServers/one")));
    assert!(!shown.contains("canary"), "{shown}");
    let line = r#"-    "one": { "url": "https://…@one.example/mcp?key=…#…", "headers": { "Authorization": "Bearer bearer …", "X-Key": "…" } },"#;
    assert!(shown.contains(line), "{shown}");
}

#[test]
fn of_a_file_of_credentials_only_what_is_known_to_be_no_secret_is_shown() {
    let text = "{\n \"a|b\": {\"serverName\": \"a\", \"serverUrl\": \"https://a.example/?x=canary\", \"whatever\": \"canary\", \"expiresAt\": 12}\n}\n";
    let shown = diff(Dialect::Json, text, true, Change::Remove(steps("a|b")));
    assert!(!shown.contains("canary") && shown.contains("a.example") && shown.contains("12"), "{shown}");
}

#[test]
fn keys_in_comments_toml_and_escapes_are_hidden_too() {
    let toml = "# old: \"Authorization\" = \"canary\" or Bearer canary KEY=canary\n[mcp_servers.one]\nurl = 'https://one.example/?key=canary'\nhttp_headers = { \"X#Y\" = \"\"\"canary\\t\ncanary\"\"\" } # Bearer canary\nbearer_token_env_var = \"NAME\"\n";
    let shown = diff(Dialect::Toml, toml, false, Change::Set(steps("mcp_servers/one/enabled"), json!(false)));
    assert!(!shown.contains("canary") && shown.contains("NAME"), "{shown}");
    assert!(
        shown.ends_with("\n bearer_token_env_var = \"NAME\"\n+enabled = false\n"),
        "every line keeps its place: {shown}"
    );
    let inside = "[one]\ncommand = \"run#a=visible\"\n";
    let shown = diff(Dialect::Toml, inside, false, Change::Set(steps("one/enabled"), json!(false)));
    assert!(shown.contains("run#a=visible"), "no comment begins in a text: {shown}");
    let escaped = "{\"a\": \"https://one.example/?\\u006bey\\u003dcanary\", // \"B\": \"canary\"\n}";
    let shown = diff(Dialect::Jsonc, escaped, false, Change::Set(steps("b"), json!(1)));
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn characters_that_deceive_and_missing_line_ends_are_visible() {
    let text = "\u{feff}{\r\n\t\"a\u{202e}\": \"x\u{9b}31m\u{200b}\"}";
    let shown = diff(Dialect::Json, text, false, Change::Set(steps("b"), json!(1)));
    assert!(
        shown.contains("\\u{feff}") && shown.contains("\\u{202e}") && shown.contains("\\u{9b}31m\\u{200b}"),
        "{shown}"
    );
    assert!(!shown.contains(['\u{9b}', '\u{202e}', '\u{200b}', '\u{feff}', '\r']), "{shown}");
    assert!(shown.contains("\\ No newline at end of file"), "{shown}");
}

#[test]
fn a_path_cannot_forge_a_line_of_the_difference() {
    let place = Place::new();
    let file = place.write("evil\n+forged\u{202e}/mcp.json", "{}", 0o600);
    let shown = adding("cursor", &file).files()[0].diff.clone();
    assert!(!shown.lines().any(|line| line.starts_with("+forged")), "{shown}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "{}", "a preview changes nothing");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_text_of_what_is_written_appears_in_the_preview(texts in prop::collection::vec("[a-z \u{202e}\u{1b}\u{e9}]{0,12}", 1..5)) {
        let texts: Vec<String> = texts.into_iter().enumerate().map(|(index, text)| format!("t{index}{text}")).collect();
        let shown = diff(Dialect::Json, "{}", false, Change::Set(steps("entry"), json!({ "description": texts })));
        for text in &texts {
            let written = serde_json::to_string(text).unwrap();
            let visible: String = written
                .chars()
                .map(|c| if c == '\u{202e}' { "\\u{202e}".to_owned() } else { c.to_string() })
                .collect();
            prop_assert!(shown.contains(&visible), "{} is missing in {}", visible, shown);
        }
    }
}
