//! From evidence to health: the one place where a verdict is computed. Pure; gathering the evidence is in `climb`.

use jiff::Timestamp;
use replug_core::{ActionId, Code, Failure, Finding, Health, Severity, State};

use crate::view::whole_millis;

/// What a climb came to.
#[derive(Debug)]
pub(crate) enum Conclusion {
    /// It ended before a tool list was seen.
    Stopped(Failure),
    /// The server answered `tools/list`, or does not offer tools.
    Answered(Answered),
}

/// What the server offers.
#[derive(Debug)]
pub(crate) struct Answered {
    /// How many tools were read.
    pub(crate) tools: u32,
    /// Why the list is not whole; `None` when it was read to its end.
    pub(crate) broken: Option<Failure>,
    /// Whether the server says that it has tools.
    pub(crate) offers_tools: bool,
    /// Whether it offers prompts or resources.
    pub(crate) offers_other: bool,
}

impl Answered {
    /// What is wrong with the list. A server without tools is in order when it says so and offers something else.
    pub(super) fn trouble(&self) -> Option<Failure> {
        match self {
            Self { broken: Some(failure), .. } => Some(failure.clone()),
            Self { tools: 1.., .. } | Self { offers_tools: false, offers_other: true, .. } => None,
            Self { offers_tools: false, .. } => Some(no_capability()),
            Self { .. } => Some(Failure::new(Code::McpNoTools)),
        }
    }
}

/// The verdict. `notes` are findings that do not decide it by themselves.
pub(crate) fn verdict(conclusion: Conclusion, notes: &[Failure], at: Timestamp, duration_ms: u64) -> Health {
    let (state, tools, headline) = judge(conclusion);
    let mut findings: Vec<Finding> = headline.iter().chain(notes).map(Failure::to_finding).collect();
    let key = |finding: &Finding| match finding.severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    };
    // The headline stays first; the others follow by weight.
    let rest = usize::from(headline.is_some());
    findings[rest..].sort_by_key(key);
    let cause = headline.map(|failure| failure.to_finding());
    Health {
        state,
        summary: summary(state, tools, cause.as_ref()),
        cause,
        tools,
        checked_at: Some(whole_millis(at)),
        duration_ms: Some(duration_ms),
        findings,
        not_before: None,
    }
}

/// The same verdict with signing in among its ways out: its cause was met by an attempt, and a check alone never comes as far.
pub(crate) fn met_by_an_attempt(mut health: Health) -> Health {
    let headline = health.findings.first_mut();
    for finding in health.cause.iter_mut().chain(headline) {
        let ids: Vec<ActionId> = finding.actions.iter().map(|action| action.id).collect();
        if !ids.contains(&ActionId::SignIn) {
            let at = ids.iter().position(|id| *id == ActionId::Retry).unwrap_or(ids.len());
            finding.actions.insert(at, ActionId::SignIn.into());
        }
    }
    health
}

fn judge(conclusion: Conclusion) -> (State, Option<u32>, Option<Failure>) {
    let answered = match conclusion {
        Conclusion::Stopped(failure) => return (state_of(failure.code), None, Some(failure)),
        Conclusion::Answered(answered) => answered,
    };
    let tools = answered.broken.is_none().then_some(answered.tools);
    match answered.trouble() {
        None => (State::Connected, tools, None),
        Some(failure) => (State::ConnectedNoTools, tools, Some(failure)),
    }
}

fn no_capability() -> Failure {
    Failure::new(Code::McpNoTools)
        .with_text("The server answers, but says that it has no tools at all.")
        .with_fact("Offers", "no tools, no prompts, no resources")
}

/// The state a code leads to. A code without one of its own stopped the check, so the connector does not work.
pub(crate) fn state_of(code: Code) -> State {
    match code.info().state {
        Some(State::Connected) | None => State::Failed,
        Some(state) => state,
    }
}

fn summary(state: State, tools: Option<u32>, cause: Option<&Finding>) -> String {
    match (state, cause, tools) {
        (State::Connected, _, Some(0)) => "Connected · no tools, only prompts or resources".to_owned(),
        (State::Connected, _, Some(1)) => "Connected · 1 tool".to_owned(),
        (State::Connected, _, Some(count)) => format!("Connected · {count} tools"),
        (_, Some(cause), _) => format!("{}: {}", state.words(), cause.text),
        (_, None, _) => state.words().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(conclusion: Conclusion) -> Health {
        verdict(conclusion, &[Failure::new(Code::McpSchema)], "2026-11-20T08:00:00Z".parse().unwrap(), 12)
    }

    fn answered(tools: u32, offers_tools: bool, offers_other: bool) -> Conclusion {
        Conclusion::Answered(Answered { tools, broken: None, offers_tools, offers_other })
    }

    #[test]
    fn only_a_complete_list_with_a_tool_is_green() {
        let green = health(answered(14, true, false));
        assert_eq!(
            (green.state, green.summary.as_str(), green.tools),
            (State::Connected, "Connected · 14 tools", Some(14))
        );
        assert_eq!(green.cause, None, "a warning is listed and is not the cause");
        assert_eq!(green.findings[0].code, Code::McpSchema);

        let empty = health(answered(0, true, true));
        assert_eq!((empty.state, empty.cause.unwrap().code), (State::ConnectedNoTools, Code::McpNoTools));
        let broken = Answered {
            tools: 3,
            broken: Some(Code::McpToolsIncomplete.into()),
            offers_tools: true,
            offers_other: false,
        };
        assert_eq!(health(Conclusion::Answered(broken)).state, State::ConnectedNoTools);
    }

    #[test]
    fn a_server_without_tools_is_green_only_when_it_offers_something_else() {
        assert_eq!(health(answered(0, false, true)).state, State::Connected);
        assert_eq!(health(answered(0, false, false)).state, State::ConnectedNoTools);
    }

    #[test]
    fn each_code_leads_to_its_own_state_and_never_to_green() {
        for code in Code::ALL {
            let stopped = health(Conclusion::Stopped(Failure::new(*code)));
            assert_ne!(stopped.state, State::Connected, "{code}");
            if let Some(state) = code.info().state.filter(|state| *state != State::Connected) {
                assert_eq!(stopped.state, state, "{code}");
            }
        }
    }
}
