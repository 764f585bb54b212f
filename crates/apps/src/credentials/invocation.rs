//! How mcp-remote is started by an entry, and the digest under which it then keeps its files. As of mcp-remote 0.15.1; nothing
//! is started here, and files named by an argument are not read.

use md5::{Digest, Md5};
use replug_core::Secret;
use serde_json::{Map, Value as Json};
use url::Url;

use crate::digest::hex;
use crate::entry::LocalServer;

const PROGRAM: &str = "mcp-remote";
/// The first port that it chooses by itself, and how many follow.
const FIRST_PORT: u32 = 3_335;
const PORTS: u32 = 45_816;

/// mcp-remote as an entry starts it.
pub(super) struct Invocation {
    /// The entry's name.
    pub(super) server: String,
    /// How the names of its files begin.
    pub(super) digest: String,
    /// The port of its callback.
    pub(super) port: u32,
    /// Something that only the app or a file knows goes into the digest.
    pub(super) unsure: bool,
}

impl Invocation {
    /// What an entry's program and arguments say; `None` when it is not about mcp-remote.
    pub(super) fn read(server: &str, local: &LocalServer) -> Option<Self> {
        let words: Vec<&str> = std::iter::once(local.command.as_str())
            .chain(local.arguments.iter().map(|word| word.expose().as_str()))
            .collect();
        let at = words.iter().position(|word| is_program(word));
        let Some(at) = at else {
            // A whole command line in one argument is for a shell to take apart.
            let hidden = words.iter().any(|word| word.contains(PROGRAM));
            return hidden.then(|| Self { server: server.to_owned(), digest: String::new(), port: 0, unsure: true });
        };
        let (arguments, headers, from_file) = without_headers(&words[at + 1..]);
        let address = *arguments.first()?;
        let digest = digest(address, &arguments, headers);
        let chosen = arguments.get(1).and_then(|port| leading_number(port)).filter(|port| *port > 0);
        let port = chosen.unwrap_or_else(|| usual_port(&digest));
        let unsure = from_file || words[at + 1..].iter().any(|word| word.contains("${"));
        Some(Self { server: server.to_owned(), digest, port, unsure })
    }
}

/// The package as npm, a path or a launcher names it.
fn is_program(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.strip_suffix(".cmd").unwrap_or(name);
    name == PROGRAM || name.strip_prefix(PROGRAM).is_some_and(|rest| rest.starts_with('@'))
}

/// The arguments without the headers among them, the headers, and whether some are in a file.
fn without_headers<'a>(words: &[&'a str]) -> (Vec<&'a str>, Vec<(&'a str, &'a str)>, bool) {
    let (mut rest, mut headers, mut from_file) = (Vec::new(), Vec::new(), false);
    let mut words = words.iter().copied().peekable();
    while let Some(word) = words.next() {
        match word {
            "--header" if words.peek().is_some() => headers.extend(words.next().and_then(header)),
            "--header-file" if words.peek().is_some() => {
                words.next();
                from_file = true;
            }
            _ => rest.push(word),
        }
    }
    (rest, headers, from_file)
}

fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_name.then(|| (name, value.trim_start()))
}

/// MD5 over the parts that tell one sign-in from another, joined by `|`.
fn digest(address: &str, arguments: &[&str], headers: Vec<(&str, &str)>) -> String {
    let option = |name: &str| {
        let at = arguments.iter().position(|word| *word == name)?;
        arguments.get(at + 1).map(|value| value.trim())
    };
    let has = |name: &str| arguments.contains(&name);
    let resource = option("--resource").filter(|value| !value.is_empty() && !has("--disable-resource-parameter"));
    let document = option("--client-metadata-url").filter(|value| is_document(value));
    let endpoint = option("--token-endpoint").filter(|_| has("--client-credentials"));
    let mut parts = vec![address.to_owned()];
    parts.extend(resource.map(str::to_owned));
    parts.extend(sorted(parameters(arguments)));
    parts.extend(sorted(headers));
    parts.extend(document.map(str::to_owned));
    parts.extend(endpoint.and_then(|endpoint| Url::parse(endpoint).ok()).map(String::from));
    // The headers among them may be keys.
    let parts = Secret::new(parts);
    let joined = parts.map(|parts| parts.join("|"));
    hex(&Md5::digest(joined.expose().as_bytes()))
}

fn parameters<'a>(arguments: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let pairs = arguments.windows(2).filter(|pair| pair[0] == "--authorize-param");
    pairs.filter_map(|pair| pair[1].split_once('=').map(|(name, value)| (name.trim(), value))).collect()
}

/// As compact JSON with its names in order; `None` when there are none. Of two with one name the last counts.
fn sorted(mut pairs: Vec<(&str, &str)>) -> Option<String> {
    pairs.sort_by_key(|(name, _)| *name);
    let object: Map<String, Json> =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), Json::String(value.to_owned()))).collect();
    (!object.is_empty()).then(|| Json::Object(object).to_string())
}

fn is_document(value: &str) -> bool {
    Url::parse(value).is_ok_and(|url| url.scheme() == "https" && url.path() != "/")
}

/// The number that a text begins with.
fn leading_number(text: &str) -> Option<u32> {
    let text = text.trim_start();
    text[..text.bytes().take_while(u8::is_ascii_digit).count()].parse().ok()
}

fn usual_port(digest: &str) -> u32 {
    let offset = digest.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default();
    FIRST_PORT + offset % PORTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Invocation {
        let arguments = arguments.iter().map(|word| Secret::new((*word).to_owned())).collect();
        Invocation::read("acme", &LocalServer { command: "npx".to_owned(), arguments }).expect("it is mcp-remote")
    }

    #[test]
    fn the_digest_and_the_port_are_those_that_the_program_was_seen_to_use() {
        let found = read(&["-y", "mcp-remote@latest", "http://127.0.0.1:18931/mcp"]);
        assert_eq!(found.digest, "af00b6f32a6a21582603f8f63e6c95d9");
        assert_eq!((found.port, found.unsure), (48_135, false));
    }

    #[test]
    fn what_tells_two_sign_ins_apart_goes_into_the_digest_and_nothing_else_does() {
        let digest = |more: &[&str]| read(&[&["mcp-remote", "https://mcp.example/mcp"], more].concat()).digest;
        let plain = digest(&[]);
        assert_eq!(digest(&["9696", "--debug", "--transport", "sse-only"]), plain);
        assert_eq!(
            digest(&["--header", "B: 2", "--header", "A:1", "--resource", "https://r.example/"]),
            md5_of(r#"https://mcp.example/mcp|https://r.example/|{"A":"1","B":"2"}"#),
        );
        assert_eq!(
            digest(&["--authorize-param", "b=2", "--authorize-param", "a=1"]),
            md5_of(r#"https://mcp.example/mcp|{"a":"1","b":"2"}"#),
        );
        assert_eq!(digest(&["--resource", ""]), plain);
        assert_eq!(digest(&["--token-endpoint", "https://as.example/token"]), plain, "it is not used without its flag");
    }

    #[test]
    fn what_only_the_app_or_a_file_knows_is_unsure() {
        assert!(read(&["mcp-remote", "https://mcp.example/mcp", "--header", "A: ${KEY}"]).unsure);
        assert!(read(&["mcp-remote", "https://mcp.example/mcp", "--header-file", "keys"]).unsure);
        assert!(read(&["-c", "npx mcp-remote https://mcp.example/mcp"]).unsure);
        assert_eq!(read(&["mcp-remote", "https://mcp.example/mcp", "9696"]).port, 9696);
    }

    fn md5_of(text: &str) -> String {
        hex(&Md5::digest(text.as_bytes()))
    }
}
