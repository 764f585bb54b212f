//! The SETTINGS of `add` and `edit`, and what they mean to the engine. Secrets among them are named here and typed on
//! standard input; reading that is in `stdin`.

use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches};
use replug_core::Secret;
use replug_engine::wire::{EditConnector, SecretEdit};

use super::values::{self, Allowed, Param};

const SECRET: &str = "client_secret_stdin";
const HEADER: &str = "header";

/// What can be set for a connector.
#[derive(Args)]
#[command(next_help_heading = "Settings (an empty value clears one)")]
pub(crate) struct SettingsArgs {
    /// The name, unique without regard to case
    #[arg(long)]
    name: Option<String>,
    /// The ID of an OAuth client that is registered already
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Secrets that are typed on standard input.
    #[command(flatten)]
    pub(crate) from_stdin: FromStdin,
    /// How to sign in: authorization-code (in the browser) or client-credentials (with the client's secret or key alone)
    #[arg(long, value_name = "GRANT")]
    grant: Option<String>,
    /// Permissions to ask for, separated by spaces
    #[arg(long)]
    scope: Option<String>,
    /// The name to register under
    #[arg(long, value_name = "NAME")]
    client_name: Option<String>,
    /// The address of a client-ID metadata document to be known by
    #[arg(long, value_name = "URL")]
    client_document: Option<String>,
    /// How the callback address names this computer: 127.0.0.1 or localhost
    #[arg(long, value_name = "HOST")]
    callback_host: Option<String>,
    /// The port of the callback address; 0 leaves it to Replug
    #[arg(long, value_name = "PORT", value_parser = values::port)]
    callback_port: Option<u16>,
    /// The path of the callback address
    #[arg(long, value_name = "PATH")]
    callback_path: Option<String>,
    /// An extra parameter of the authorization request; together they replace those that are set
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::param)]
    param: Vec<Param>,
    /// The sign-in service to expect, whatever the server names
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// What is allowed for this connector: http, pkce-unlisted or private-service; together they replace those that are set
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = values::allowed)]
    allow: Vec<Allowed>,
    /// Time between background checks, such as 15m; 0 leaves it to the application
    #[arg(long, value_name = "DURATION", value_parser = values::interval_s)]
    check_every: Option<u32>,
}

impl SettingsArgs {
    /// The changes, but for the headers, which depend on those that are set already (see [`header_edits`]).
    pub(crate) fn changes(self, typed: &[(StdinValue, Secret<String>)]) -> EditConnector {
        let secret = typed.iter().find(|(what, _)| *what == StdinValue::ClientSecret);
        EditConnector {
            name: self.name,
            client_id: self.client_id,
            client_secret: secret.map_or(SecretEdit::Keep, |(_, value)| set_or_clear(value)),
            grant: self.grant,
            scope: self.scope,
            client_name: self.client_name,
            client_document: self.client_document,
            callback_host: self.callback_host,
            callback_port: self.callback_port,
            callback_path: self.callback_path,
            params: (!self.param.is_empty()).then(|| self.param.into_iter().filter_map(|Param(param)| param).collect()),
            issuer: self.issuer,
            allow: (!self.allow.is_empty())
                .then(|| self.allow.into_iter().filter_map(|Allowed(allow)| allow).collect()),
            check_every_s: self.check_every,
            ..EditConnector::default()
        }
    }
}

fn set_or_clear(value: &Secret<String>) -> SecretEdit {
    if value.expose().is_empty() { SecretEdit::Clear } else { SecretEdit::Set(value.expose().clone()) }
}

/// The headers after an edit: those that are set stay, those that were typed are replaced or added, and an empty line takes
/// one away. `None` when none was typed.
pub(crate) fn header_edits(
    set: &[String],
    typed: &[(StdinValue, Secret<String>)],
) -> Option<Vec<(String, SecretEdit)>> {
    let typed: Vec<(&String, &Secret<String>)> = typed
        .iter()
        .filter_map(|(what, value)| match what {
            StdinValue::Header(name) => Some((name, value)),
            StdinValue::ClientSecret => None,
        })
        .collect();
    if typed.is_empty() {
        return None;
    }
    let untouched = |name: &&String| !typed.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let kept = set.iter().filter(untouched).map(|name| (name.clone(), SecretEdit::Keep));
    let replaced = typed.iter().filter(|(_, value)| !value.expose().is_empty());
    let replaced = replaced.map(|(name, value)| ((*name).clone(), SecretEdit::Set(value.expose().clone())));
    Some(kept.chain(replaced).collect())
}

/// A secret that is typed on standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StdinValue {
    /// The secret of a pre-registered client.
    ClientSecret,
    /// The value of a fixed header.
    Header(String),
}

/// The secrets that standard input is to hold, one line each, in the order of their options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FromStdin(pub(crate) Vec<StdinValue>);

impl Args for FromStdin {
    fn augment_args(command: clap::Command) -> clap::Command {
        let secret = Arg::new(SECRET).long("client-secret-stdin").action(ArgAction::SetTrue);
        let header = Arg::new(HEADER).long("header").value_name("NAME").action(ArgAction::Append);
        command.arg(secret.help("Read the client's secret, or its private key in PEM, from standard input")).arg(
            header.help(
                "A fixed header to send; its value is read from standard input, one line for each secret in order",
            ),
        )
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FromStdin {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut found = Vec::new();
        if matches.get_flag(SECRET) {
            found.extend(matches.index_of(SECRET).map(|place| (place, StdinValue::ClientSecret)));
        }
        let names = matches.get_many::<String>(HEADER).into_iter().flatten();
        let places = matches.indices_of(HEADER).into_iter().flatten();
        found.extend(places.zip(names).map(|(place, name)| (place, StdinValue::Header(name.clone()))));
        found.sort_by_key(|(place, _)| *place);
        Ok(Self(found.into_iter().map(|(_, value)| value).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    fn settings(arguments: &[&str]) -> SettingsArgs {
        let typed = ["replug", "edit", "c"].iter().chain(arguments);
        match Cli::try_parse_from(typed).unwrap().command {
            Command::Edit(edit) => edit.settings,
            _ => unreachable!("only `edit` is typed here"),
        }
    }

    fn header(name: &str) -> StdinValue {
        StdinValue::Header(name.to_owned())
    }

    #[test]
    fn secrets_are_expected_in_the_order_of_their_options() {
        let order = |arguments: &[&str]| settings(arguments).from_stdin.0;
        let both = order(&["--header", "X-B", "--client-secret-stdin", "--scope", "s", "--header=X-A"]);
        assert_eq!(both, [header("X-B"), StdinValue::ClientSecret, header("X-A")]);
        assert_eq!(order(&["--client-secret-stdin", "--header", "X-A"]), [StdinValue::ClientSecret, header("X-A")]);
        assert_eq!(order(&[]), []);
    }

    #[test]
    fn options_that_are_not_typed_change_nothing() {
        let changes = settings(&[]).changes(&[]);
        assert!(changes.params.is_none() && changes.allow.is_none() && changes.check_every_s.is_none());
        assert!(changes.name.is_none() && matches!(changes.client_secret, SecretEdit::Keep));
    }

    #[test]
    fn empty_values_clear_what_is_set() {
        let secret = [(StdinValue::ClientSecret, Secret::new(String::new()))];
        let changes = settings(&["--param", "", "--allow", "", "--scope", "", "--check-every", "0"]).changes(&secret);
        assert_eq!((changes.params, changes.allow), (Some(Vec::new()), Some(Vec::new())));
        assert_eq!((changes.scope.as_deref(), changes.check_every_s), (Some(""), Some(0)));
        assert!(matches!(changes.client_secret, SecretEdit::Clear));
    }

    #[test]
    fn typed_headers_replace_add_and_remove_while_the_others_stay() {
        let set = ["X-A".to_owned(), "X-B".to_owned(), "X-C".to_owned()];
        let typed = [(header("x-b"), Secret::new("new".to_owned())), (header("X-C"), Secret::new(String::new()))];
        let edits = header_edits(&set, &typed).unwrap();
        let words: Vec<(&str, &str)> = edits
            .iter()
            .map(|(name, edit)| match edit {
                SecretEdit::Keep => (name.as_str(), "kept"),
                SecretEdit::Clear => (name.as_str(), "cleared"),
                SecretEdit::Set(value) => (name.as_str(), value.as_str()),
            })
            .collect();
        assert_eq!(words, [("X-A", "kept"), ("x-b", "new")]);
        assert!(header_edits(&set, &[]).is_none(), "nothing typed, nothing said");
    }
}
