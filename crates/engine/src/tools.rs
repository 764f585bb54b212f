//! A connector's tools: as the server sent them, and cut to what can be shown.

use replug_core::{ConnectorId, Fact, Failure, sanitize};
use replug_mcp::{Elicitation, ListEnd, ToolView};
use serde_json::value::RawValue;

use crate::Engine;
use crate::check::remembered;
use crate::session::TurnedAway;
use crate::wire::{ErrorBody, Tool, ToolList};

/// The longest text of a tool that is shown, in characters.
const LONGEST: usize = 4 * 1024;
/// How many tools are shown.
const MOST: usize = 2_000;

/// A tool list exactly as the server sent it.
#[derive(Debug)]
pub struct RawTools {
    /// Whether it was read to its end.
    pub complete: bool,
    /// The tools, byte for byte.
    pub tools: Vec<Box<RawValue>>,
    /// Why it is empty or breaks off.
    pub error: Option<Failure>,
}

impl Engine {
    /// Asks the server for its tools.
    ///
    /// Fails only when the connector cannot be read; everything else that goes wrong is part of the answer.
    pub async fn tools_raw(&self, id: &ConnectorId) -> Result<RawTools, Failure> {
        let connector = self.stored(id).await?.connector;
        let listed = self.in_session(&connector, Elicitation::default(), async |session| session.list_tools().await);
        match listed.await {
            Ok(listed) => Ok(RawTools::listed(listed.tools, listed.end)),
            Err(turned) => Ok(RawTools::failed(self.why_turned_away(id, turned).await)),
        }
    }

    /// The tools as the window shows them.
    pub async fn tools(&self, id: &ConnectorId) -> Result<ToolList, Failure> {
        let raw = self.tools_raw(id).await?;
        let problems = replug_mcp::lint(&raw.tools);
        let tools = raw.tools.iter().take(MOST).map(|tool| {
            let tool = ToolView::read(tool);
            let problem = problems.iter().find(|problem| problem.tool == tool.name);
            let problem = problem.map(|problem| problem.what.to_string());
            shown(tool, problem)
        });
        Ok(ToolList { complete: raw.complete, tools: tools.collect(), error: raw.error.as_ref().map(ErrorBody::from) })
    }

    /// A check meets the same 401, and finds out besides what stands in the way of a sign-in. Where it comes to no cause, the
    /// refusal is all that is known.
    async fn why_turned_away(&self, id: &ConnectorId, turned: TurnedAway) -> Failure {
        if turned.refused.is_none() {
            return turned.failure;
        }
        let made = self.check_one(id).await.unwrap_or_else(|failure| {
            tracing::warn!(connector = %id, code = %failure.code, "a refused tool list could not be looked into");
            None
        });
        let cause = made.as_ref().and_then(|made| made.health.cause.as_ref());
        cause.map_or(turned.failure, remembered)
    }
}

impl RawTools {
    const fn failed(failure: Failure) -> Self {
        Self { complete: false, tools: Vec::new(), error: Some(failure) }
    }

    fn listed(tools: Vec<Box<RawValue>>, end: ListEnd) -> Self {
        match end {
            ListEnd::Complete | ListEnd::NotOffered => Self { complete: true, tools, error: None },
            ListEnd::Incomplete { why } | ListEnd::Unreadable { why } => {
                Self { complete: false, tools, error: Some(why) }
            }
        }
    }
}

fn shown(tool: ToolView, problem: Option<String>) -> Tool {
    Tool {
        name: sanitize(&tool.name, 200),
        title: tool.title.as_deref().map(|title| sanitize(title, 200)),
        description: tool.description.as_deref().map(cut),
        input_schema: tool.input_schema.as_deref().map(indented),
        annotations: tool.annotations.into_iter().map(|(label, value)| Fact { label, value }).collect(),
        problem,
    }
}

/// Keeps line breaks and indentation, which descriptions and schemas are written with; every other character that deceives
/// becomes visible.
fn cut(text: &str) -> String {
    let line = |line: &str| {
        let words = line.trim_start_matches(' ');
        format!("{}{}", &line[..line.len() - words.len()], sanitize(words, LONGEST))
    };
    let lines: Vec<String> = text.lines().map(line).collect();
    lines.join("\n").chars().take(LONGEST).collect()
}

fn indented(schema: &RawValue) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(schema.get());
    let text = value.and_then(|value| serde_json::to_string_pretty(&value));
    cut(&text.unwrap_or_else(|_| schema.get().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_shown_with_its_indentation_and_without_what_deceives() {
        let schema = RawValue::from_string(r#"{"type":"object","a\u202e":{"b":1}}"#.to_owned()).unwrap();
        let shown = indented(&schema);
        assert!(shown.contains("\n    \"b\": 1"), "nested members are further in: {shown}");
        assert!(!shown.contains('\u{202e}'), "the direction of writing stays: {shown}");
    }
}
