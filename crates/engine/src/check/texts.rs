//! The sentences of the ladder's steps, and small questions about failures.

use replug_core::{Credentials, Failure, State, sanitize};
use replug_mcp::Session;

/// Whether only a person can mend it.
pub(crate) fn needs_person(failure: &Failure) -> bool {
    matches!(failure.code.info().state, Some(State::NeedsSignIn | State::NeedsSetup))
}

/// "1 tool", "2 tools".
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

pub(super) fn token_text(record: &Credentials, renewed: bool) -> String {
    let Some(tokens) = &record.tokens else {
        return "There is none.".to_owned();
    };
    let until = tokens.expires_at.map_or_else(|| "without an end".to_owned(), |end| format!("until {end:.0}"));
    let how = if renewed { "Renewed, good" } else { "Good" };
    let renewable = if tokens.is_renewable() { "renewable" } else { "not renewable" };
    format!("{how} {until}, {renewable}.")
}

pub(super) fn greeting(session: &Session<'_>) -> String {
    let offers = session.capabilities();
    let words = [(offers.tools, "tools"), (offers.prompts, "prompts"), (offers.resources, "resources")];
    let offered: Vec<&str> = words.into_iter().filter_map(|(has, word)| has.then_some(word)).collect();
    let offered = if offered.is_empty() { "nothing".to_owned() } else { offered.join(", ") };
    format!("{}, offers {offered}.", server_name(session))
}

/// What the server calls itself, with its version.
pub(super) fn server_name(session: &Session<'_>) -> String {
    let server = session.server();
    let name = server.title.as_deref().unwrap_or(&server.name);
    sanitize(&format!("{name} {}", server.version.as_deref().unwrap_or_default()), 80)
}

pub(super) fn spoken_text(session: &Session<'_>) -> String {
    let how = match session.spoken().transport() {
        replug_core::Transport::StreamableHttp => "Streamable HTTP",
        replug_core::Transport::Sse => "HTTP with server-sent events",
    };
    format!("Speaks {} over {how}.", session.spoken().protocol)
}
