//! Commands of AI apps that add a server. They are read as text, never run.

use super::{Pasted, header, is_address, snippet};

/// Options that take a value, with what the value is.
#[derive(Clone, Copy)]
enum Takes {
    Header,
    ClientId,
    CallbackPort,
    Address,
    Ignored,
}

const OPTIONS: [(&str, Takes); 14] = [
    ("--header", Takes::Header),
    ("-H", Takes::Header),
    ("--client-id", Takes::ClientId),
    ("--callback-port", Takes::CallbackPort),
    ("--url", Takes::Address),
    ("--transport", Takes::Ignored),
    ("-t", Takes::Ignored),
    ("--scope", Takes::Ignored),
    ("-s", Takes::Ignored),
    ("--env", Takes::Ignored),
    ("-e", Takes::Ignored),
    ("--type", Takes::Ignored),
    ("--bearer-token-env-var", Takes::Ignored),
    ("--host", Takes::Ignored),
];

/// Reads a command line; `None` when there is no web address in it.
pub(super) fn read(text: &str) -> Option<Pasted> {
    let joined = text.replace("\\\n", " ");
    let words: Vec<String> = shlex::split(joined.trim_start_matches(['$', '>', ' ']))?;
    let json = words.iter().find(|word| word.starts_with('{'));
    json.map_or_else(|| read_words(&words), |json| snippet::read(json))
}

/// Reads a command that is already split into words.
pub(super) fn read_words(words: &[String]) -> Option<Pasted> {
    let mut pasted = Pasted::default();
    let mut plain: Vec<&str> = Vec::new();
    let mut rest = words.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        let (option, inline) = word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)));
        match OPTIONS.iter().find(|(name, _)| *name == option) {
            Some((_, takes)) => apply(&mut pasted, *takes, inline.or_else(|| rest.next())?),
            None if word.starts_with('-') => {}
            None => plain.push(word),
        }
    }
    if pasted.address.is_empty() {
        pasted.address = plain.iter().find(|word| is_address(word))?.to_string();
    }
    pasted.name = name_in(&plain);
    Some(pasted)
}

fn apply(pasted: &mut Pasted, takes: Takes, value: &str) {
    match takes {
        Takes::Header => pasted.headers.extend(header(value)),
        Takes::ClientId => pasted.client_id = Some(value.to_owned()),
        Takes::CallbackPort => pasted.callback_port = value.parse().ok(),
        Takes::Address => value.clone_into(&mut pasted.address),
        Takes::Ignored => {}
    }
}

/// The word after `mcp add` (or `mcp add-json`) that is not an address.
fn name_in(plain: &[&str]) -> Option<String> {
    let at = plain.windows(2).position(|pair| pair[0] == "mcp" && pair[1].starts_with("add"))?;
    plain[at + 2..].iter().find(|word| !is_address(word)).map(|name| (*name).to_owned())
}
