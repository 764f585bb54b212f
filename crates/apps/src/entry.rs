//! One entry of an app's file, read with that app's words. Variables in it are left as they stand, and nothing is started.

use std::fmt;

use replug_core::{Secret, Transport};

use crate::Definition;
use crate::outline::outline;
use crate::table::{Shape, Switch};
use crate::value::{Table, Value};

/// An entry: a server as an app knows it.
#[derive(Debug)]
pub struct Entry {
    /// Its key in the file.
    pub name: String,
    /// Where it leads.
    pub target: Target,
    /// Whether the entry itself says that it is switched on.
    pub enabled: bool,
    /// The identity of all its fields.
    pub definition: Definition,
    /// The entry as it stands in the file.
    pub(crate) value: Value,
}

/// Where an entry leads.
#[derive(Debug)]
pub enum Target {
    /// A server somewhere else.
    Remote(RemoteServer),
    /// A program on this computer.
    Local(LocalServer),
    /// Something that comes with the app or with an extension of it.
    BuiltIn,
    /// Neither an address nor a command, or not an object at all.
    Unclear,
}

/// A remote server as an app's entry describes it.
#[derive(Debug)]
pub struct RemoteServer {
    /// The address as it is written; its query may hold a key.
    pub address: Secret<String>,
    /// The word for the transport as it is written, if any.
    pub kind: Option<String>,
    /// How messages travel, when the entry says so in words the app knows.
    pub transport: Option<Transport>,
    /// Fixed headers.
    pub headers: Vec<(String, Secret<String>)>,
    /// The ID of a pre-registered client.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<Secret<String>>,
    /// The port of the callback that goes with it.
    pub callback_port: Option<u16>,
}

/// A program on this computer. It is shown and never started.
pub struct LocalServer {
    /// The program.
    pub command: String,
    /// Its arguments; they may hold keys.
    pub arguments: Vec<Secret<String>>,
}

impl Entry {
    /// Reads an entry of an app with this shape.
    pub(crate) fn read(name: &str, value: &Value, shape: &Shape) -> Self {
        Self {
            name: name.to_owned(),
            target: target(value, shape),
            enabled: is_enabled(value, shape.switch),
            definition: Definition::of(name, value),
            value: value.clone(),
        }
    }

    /// Every field, in the order of the file, as it may be shown to a person: the keys that lead to it, and its value with
    /// whatever may be a key hidden.
    pub fn outline(&self) -> Vec<(String, String)> {
        outline(&self.value)
    }
}

fn target(value: &Value, shape: &Shape) -> Target {
    let inner = shape.inner.and_then(|key| value.at(&[key])).unwrap_or(value);
    if let Some(address) = first_text(inner, shape.address) {
        return Target::Remote(remote(value, inner, address, shape));
    }
    match local(inner, shape) {
        Some(local) => Target::Local(local),
        None if is_built_in(inner, shape) => Target::BuiltIn,
        None => Target::Unclear,
    }
}

/// Whether an entry without address and command only sets up, or switches, a server that the app has from elsewhere.
fn is_built_in(inner: &Value, shape: &Shape) -> bool {
    let said = inner.at(&[shape.kind.key]).and_then(Value::as_text);
    let switch = match shape.switch {
        Switch::Disabled(key) | Switch::Enabled(key) => Some(key),
        Switch::None => None,
    };
    let only_switches = |table: &Table| {
        table.members().len() > 0
            && table.members().all(|(key, _)| Some(key) == switch || shape.built_in.members.contains(&key))
    };
    said.is_some_and(|word| shape.built_in.kinds.contains(&word)) || inner.as_table().is_some_and(only_switches)
}

fn remote(entry: &Value, inner: &Value, address: &str, shape: &Shape) -> RemoteServer {
    let kind = inner.at(&[shape.kind.key]).and_then(Value::as_text);
    let known = kind.and_then(|word| shape.kind.words.iter().find(|(known, _)| *known == word));
    RemoteServer {
        address: Secret::new(address.to_owned()),
        kind: kind.map(str::to_owned),
        transport: known.and_then(|(_, transport)| *transport),
        headers: headers(inner, shape),
        client_id: text_at(entry, shape.client_id).map(str::to_owned),
        client_secret: text_at(entry, shape.client_secret).map(|secret| Secret::new(secret.to_owned())),
        callback_port: shape.callback_port.iter().find_map(|path| entry.at(path)?.as_u16()),
    }
}

fn headers(inner: &Value, shape: &Shape) -> Vec<(String, Secret<String>)> {
    let tables = shape.headers.iter().filter_map(|key| inner.at(&[key])?.as_table());
    let members = tables.flat_map(Table::members);
    members.filter_map(|(name, value)| Some((name.to_owned(), Secret::new(value.as_text()?.to_owned())))).collect()
}

/// A program may be a text with a list of arguments beside it, or a list that holds both.
fn local(inner: &Value, shape: &Shape) -> Option<LocalServer> {
    let command = shape.command.iter().find_map(|key| inner.at(&[key]))?;
    let texts = |value: &Value| -> Vec<Secret<String>> {
        let items = value.as_list().unwrap_or_default().iter().filter_map(Value::as_text);
        items.map(|text| Secret::new(text.to_owned())).collect()
    };
    let (command, mut arguments) = match command {
        Value::Text(command) => (command.clone(), Vec::new()),
        Value::List(_) => {
            let mut words = texts(command).into_iter();
            (words.next()?.expose().clone(), words.collect())
        }
        _ => return None,
    };
    arguments.extend(inner.at(&["args"]).map(texts).unwrap_or_default());
    Some(LocalServer { command, arguments })
}

fn is_enabled(value: &Value, switch: Switch) -> bool {
    let says = |key: &str| value.at(&[key]).and_then(Value::as_bool);
    match switch {
        Switch::None => true,
        Switch::Disabled(key) => says(key) != Some(true),
        Switch::Enabled(key) => says(key) != Some(false),
    }
}

fn first_text<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| value.at(&[key])?.as_text())
}

fn text_at<'a>(value: &'a Value, paths: &[&[&str]]) -> Option<&'a str> {
    paths.iter().find_map(|path| value.at(path)?.as_text())
}

impl fmt::Debug for LocalServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalServer").field("command", &self.command).finish_non_exhaustive()
    }
}
