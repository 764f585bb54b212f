//! The name under which Claude Code and Codex file a sign-in: the server's name and a digest of its definition.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

/// `name|` and the first 16 hexadecimal digits of SHA-256 over the compact JSON of type, address and headers, in this order.
/// Claude Code 2.1.329 and Codex 0.169 do it like this; Codex always without headers.
pub fn sign_in_key<'a>(
    name: &str,
    kind: &str,
    address: &str,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let headers: Map<String, Json> =
        headers.into_iter().map(|(name, value)| (name.to_owned(), Json::String(value.to_owned()))).collect();
    let definition = json!({ "type": kind, "url": address, "headers": headers }).to_string();
    let digest = Sha256::digest(definition.as_bytes());
    let first = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{name}|{first:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_that_the_programs_write() {
        let key = |kind, address, headers: &[(&'static str, &'static str)]| {
            sign_in_key("acme", kind, address, headers.iter().copied())
        };
        assert_eq!(key("http", "http://127.0.0.1:18931/mcp", &[]), "acme|bc2f82879bb8b25d");
        assert_eq!(key("http", "http://127.0.0.1:18931/mcp", &[("X-A", "${FOO}")]), "acme|f5ef2a442008240d");
        assert_eq!(key("http", "https://example.com/mcp", &[]), "acme|9a70b85417749d5c");
        assert_eq!(key("http", "https://example.com/mcp", &[("X-Team", "a")]), "acme|b1c605b311f2f1e0");
        assert_eq!(key("sse", "https://example.com/sse", &[]), "acme|7136e0e6e1164fa4");
    }
}
