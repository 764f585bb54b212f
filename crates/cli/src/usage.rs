//! What is answered when the arguments did not lead to a command: help, the version, or what was not understood. The
//! sentences quote names of options, never their values, which may be secrets in the wrong place.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use replug_core::{Code, Failure};

use crate::environment::Environment;
use crate::exit::Exit;
use crate::print::Screen;

/// Prints the answer.
pub(crate) fn tell(answer: &Error, environment: &Environment) -> Exit {
    let screen = Screen::new(environment.wants_json(), environment.plain);
    match answer.kind() {
        ErrorKind::DisplayHelp => screen.text_answer("help", &answer.render()),
        ErrorKind::DisplayVersion if screen.is_json() => {
            screen.text_answer("version", &env!("CARGO_PKG_VERSION").into())
        }
        ErrorKind::DisplayVersion => screen.text_answer("version", &answer.render()),
        _ => {
            let failure = Failure::new(Code::UseWrongUsage).with_text(sentence(answer));
            screen.failure(&failure);
            Exit::of_failure(&failure)
        }
    }
}

fn sentence(error: &Error) -> String {
    let text = |kind: ContextKind| error.get(kind).map(words).unwrap_or_default();
    let what = text(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::InvalidSubcommand => with_suggestion(
            format!("There is no command `{}`.", text(ContextKind::InvalidSubcommand)),
            &text(ContextKind::SuggestedSubcommand),
        ),
        ErrorKind::UnknownArgument if what.starts_with('-') => with_suggestion(
            format!("There is no option `{}`.", what.split('=').next().unwrap_or_default()),
            &text(ContextKind::SuggestedArg),
        ),
        ErrorKind::UnknownArgument | ErrorKind::TooManyValues => "There is one argument too many.".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("Something is missing: {what}."),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "The command is missing.".to_owned()
        }
        ErrorKind::ArgumentConflict if what == text(ContextKind::PriorArg) => format!("{what} was given twice."),
        ErrorKind::ArgumentConflict => format!("{what} does not go together with {}.", text(ContextKind::PriorArg)),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::NoEquals | ErrorKind::TooFewValues => {
            format!("The value of {what} cannot be used{}.", reason(error))
        }
        ErrorKind::InvalidUtf8 => "One of the arguments is not text.".to_owned(),
        _ => Code::UseWrongUsage.info().text.to_owned(),
    }
}

fn with_suggestion(sentence: String, suggestion: &str) -> String {
    if suggestion.is_empty() { sentence } else { format!("{sentence} Did you mean {suggestion}?") }
}

/// What would have been right: the words of our own parsers, or the values there are.
fn reason(error: &Error) -> String {
    let own = std::error::Error::source(error).map(|source| format!(": {source}"));
    let valid = || error.get(ContextKind::ValidValue).map(|valid| format!(": expected {}", words(valid)));
    own.or_else(valid).unwrap_or_default()
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(word) => word.clone(),
        ContextValue::Strings(words) => words.join(", "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Cli;

    fn said(arguments: &[&str]) -> String {
        let typed = ["replug"].iter().chain(arguments);
        sentence(&Cli::try_parse_from(typed).err().unwrap())
    }

    #[test]
    fn each_mistake_is_named() {
        for (arguments, expected) in [
            (&[][..], "The command is missing."),
            (&["lst"], "There is no command `lst`. Did you mean list?"),
            (&["bridge", "x"], "There is no command `bridge`."),
            (&["show"], "Something is missing: <CONNECTOR>."),
            (&["list", "--out"], "There is no option `--out`."),
            (&["show", "a", "b"], "There is one argument too many."),
            (&["list", "--json", "--json"], "--json was given twice."),
            (&["edit", "a", "--pause", "--resume"], "--pause does not go together with --resume."),
            (
                &["list", "--secrets", "plain"],
                "The value of --secrets <STORE> cannot be used: expected keychain, file, memory.",
            ),
            (
                &["sign-in", "a", "--timeout", "0"],
                "The value of --timeout <DURATION> cannot be used: expected a duration such as 90s or 10m.",
            ),
            (
                &["edit", "a", "--allow", "all"],
                "The value of --allow <WHAT> cannot be used: expected `http`, `pkce-unlisted` or `private-service`.",
            ),
        ] {
            assert_eq!(said(arguments), expected, "{arguments:?}");
        }
    }

    #[test]
    fn a_value_in_the_wrong_place_is_never_repeated() {
        for arguments in [
            &["add", "https://mcp.example/", "--client-secret", "canary"][..],
            &["add", "https://mcp.example/", "--client-secret=canary"],
            &["add", "https://mcp.example/", "--header", "X-Key", "canary"],
            &["edit", "a", "--param", "canary"],
            &["edit", "a", "--callback-port", "canary"],
            &["edit", "a", "--client-secret-stdin=canary"],
            &["list", "--json=canary"],
        ] {
            assert!(!said(arguments).contains("canary"), "{arguments:?}: {}", said(arguments));
        }
    }
}
