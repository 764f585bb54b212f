//! Reading what a vendor's page offers to paste: an address, a JSON snippet, or a command for some AI app. Nothing is
//! contacted and nothing that was pasted is ever run.

mod command;
mod snippet;

use replug_core::{Code, Failure, Secret};

/// What a pasted text says about a connector.
#[derive(Debug, Default)]
pub(crate) struct Pasted {
    /// The server's address.
    pub(crate) address: String,
    /// The name it was given.
    pub(crate) name: Option<String>,
    /// Fixed headers with their values.
    pub(crate) headers: Vec<(String, Secret<String>)>,
    /// The ID of a pre-registered client.
    pub(crate) client_id: Option<String>,
    /// The callback port that goes with it.
    pub(crate) callback_port: Option<u16>,
}

impl Pasted {
    fn address(address: impl Into<String>) -> Self {
        Self { address: address.into(), ..Self::default() }
    }
}

/// Reads a pasted text.
///
/// Fails with `RPL-USE-ADDRESS-INVALID` when there is no web address in it.
pub(crate) fn read(text: &str) -> Result<Pasted, Failure> {
    let text = text.trim();
    if is_address(text) {
        return Ok(Pasted::address(text));
    }
    if text.contains('{') && !text.starts_with("code ") {
        return snippet::read(text).ok_or_else(|| nothing("The snippet names no remote server."));
    }
    if let Some(pasted) = command::read(text) {
        return Ok(pasted);
    }
    if looks_like_host(text) {
        return Ok(Pasted::address(format!("https://{text}")));
    }
    Err(nothing("There is no web address in it."))
}

/// Reads the words of a program that an app starts, when it is `mcp-remote`, which carries a remote server's address.
pub(crate) fn mcp_remote(words: &[String]) -> Option<Pasted> {
    let is_program = |word: &String| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
        name.split('@').next() == Some("mcp-remote")
    };
    let at = words.iter().position(is_program)?;
    command::read_words(&words[at + 1..])
}

fn nothing(why: &str) -> Failure {
    Failure::new(Code::UseAddressInvalid).with_fact("Reason", why)
}

fn is_address(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")) && !text.contains(char::is_whitespace)
}

/// A host with a dot (or `localhost`), perhaps with a port and a path, and nothing else.
fn looks_like_host(text: &str) -> bool {
    let host = text.split(['/', ':', '?']).next().unwrap_or_default();
    let letters = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    letters && !text.contains(char::is_whitespace) && (host.trim_end_matches('.').contains('.') || host == "localhost")
}

/// Splits `Name: value` and keeps the value secret.
fn header(text: &str) -> Option<(String, Secret<String>)> {
    let (name, value) = text.split_once(':')?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), Secret::new(value.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> String {
        read(text).map_or_else(|failure| failure.code.to_string(), |pasted| pasted.address)
    }

    #[test]
    fn addresses_are_taken_as_they_are_and_bare_hosts_get_https() {
        assert_eq!(address(" https://mcp.example/mcp \n"), "https://mcp.example/mcp");
        assert_eq!(address("mcp.example/mcp"), "https://mcp.example/mcp");
        assert_eq!(address("just words"), "RPL-USE-ADDRESS-INVALID");
        assert_eq!(address(""), "RPL-USE-ADDRESS-INVALID");
    }

    #[test]
    fn json_snippets_of_every_dialect_are_read() {
        for (snippet, name) in [
            (r#"{"mcpServers":{"acme":{"type":"http","url":"https://mcp.example/mcp"}}}"#, Some("acme")),
            (r#"{"servers":{"acme":{"url":"https://mcp.example/mcp"}}}"#, Some("acme")),
            (r#"{"context_servers":{"acme":{"url":"https://mcp.example/mcp"}}}"#, Some("acme")),
            (r#""acme": {"httpUrl": "https://mcp.example/mcp"}"#, Some("acme")),
            (r#"{"acme":{"serverUrl":"https://mcp.example/mcp"},}"#, Some("acme")),
            (r#"{"url":"https://mcp.example/mcp"}"#, None),
            (
                r#"{"mcpServers":{"acme":{"command":"npx","args":["-y","mcp-remote","https://mcp.example/mcp"]}}}"#,
                Some("acme"),
            ),
        ] {
            let pasted = read(snippet).unwrap();
            assert_eq!(
                (pasted.address.as_str(), pasted.name.as_deref()),
                ("https://mcp.example/mcp", name),
                "{snippet}"
            );
        }
    }

    #[test]
    fn headers_of_a_snippet_are_kept_as_secrets() {
        let pasted = read(r#"{"acme":{"url":"https://mcp.example/mcp","headers":{"X-Key":"canary"}}}"#).unwrap();
        assert!(pasted.headers[0].1.matches("canary"), "the value is there");
        assert!(!format!("{pasted:?}").contains("canary"), "and is not printed");
    }

    #[test]
    fn commands_of_every_app_are_read() {
        for (command, name) in [
            ("claude mcp add --transport http acme https://mcp.example/mcp", Some("acme")),
            ("claude mcp add acme -t http https://mcp.example/mcp --scope user", Some("acme")),
            ("$ codex mcp add acme --url https://mcp.example/mcp", Some("acme")),
            ("gemini mcp add --transport http acme https://mcp.example/mcp", Some("acme")),
            ("npx -y mcp-remote@latest https://mcp.example/mcp 3334", None),
            (r#"code --add-mcp '{"name":"acme","url":"https://mcp.example/mcp"}'"#, Some("acme")),
        ] {
            let pasted = read(command).unwrap();
            assert_eq!(
                (pasted.address.as_str(), pasted.name.as_deref()),
                ("https://mcp.example/mcp", name),
                "{command}"
            );
        }
    }

    #[test]
    fn options_of_a_command_are_kept() {
        let command = r#"claude mcp add --transport http --client-id abc --callback-port 8123 --header "X-Key: canary" acme https://mcp.example/mcp"#;
        let pasted = read(command).unwrap();
        assert_eq!((pasted.client_id.as_deref(), pasted.callback_port), (Some("abc"), Some(8123)));
        assert!(pasted.headers[0].1.matches("canary"), "the header came along");
        assert_eq!(pasted.name.as_deref(), Some("acme"));
    }
}
