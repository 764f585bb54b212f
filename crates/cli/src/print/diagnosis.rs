//! The ladder of a check with its exchanges, and tool lists. What an exchange may show was decided when it was recorded.

use replug_core::{BodyShape, Exchange, Failure, Outcome};
use replug_engine::wire::{ConnectorView, DiagnosisStep};
use serde_json::Value;
use serde_json::value::RawValue;

use super::page::{Page, Row};
use super::sign::Sign;
use super::{connector, other};

/// A verdict with every step that led to it.
pub(super) fn diagnosed(page: &mut Page, connector: &ConnectorView, steps: &[DiagnosisStep]) {
    connector::health(page, connector);
    for fact in connector.health.cause.iter().flat_map(|cause| &cause.evidence) {
        page.line(2, &format!("{}: {}", fact.label, fact.value));
    }
    page.blank();
    for alike in steps.chunk_by(both_left_out_alike) {
        match alike {
            [first, .., last] => {
                let text = format!("{} to {}: {}", first.number, last.number, first.text);
                page.signed(0, Sign::of_outcome(first.outcome), &text);
            }
            [step] => drawn(page, step),
            [] => {}
        }
    }
}

/// Steps that were left out for the same reason share a line.
fn both_left_out_alike(one: &DiagnosisStep, next: &DiagnosisStep) -> bool {
    one.outcome == Outcome::Skipped && next.outcome == Outcome::Skipped && one.text == next.text
}

fn drawn(page: &mut Page, step: &DiagnosisStep) {
    let code = step.code.map(|code| format!(" ({code})")).unwrap_or_default();
    let text = format!("{} {}, {} ms: {}{code}", step.number, step.title, step.duration_ms, step.text);
    page.signed(0, Sign::of_outcome(step.outcome), &text);
    for exchange in &step.exchanges {
        page.line(4, &exchanged(exchange));
    }
}

fn exchanged(exchange: &Exchange) -> String {
    let outcome = match (exchange.status, &exchange.error) {
        (Some(status), _) => format!("{status}, {}, {} bytes", shape(&exchange.body_shape), exchange.response_bytes),
        (None, Some(error)) => error.clone(),
        (None, None) => "no answer".to_owned(),
    };
    format!("{} {} -> {outcome}", exchange.method, exchange.url)
}

fn shape(shape: &BodyShape) -> String {
    match shape {
        BodyShape::Empty => "no body".to_owned(),
        BodyShape::JsonObject { .. } => "JSON object".to_owned(),
        BodyShape::JsonArray { .. } => "JSON array".to_owned(),
        BodyShape::JsonScalar => "JSON value".to_owned(),
        BodyShape::EventStream => "event stream".to_owned(),
        BodyShape::Html { title: Some(title) } => format!("web page `{title}`"),
        BodyShape::Html { title: None } => "web page".to_owned(),
        BodyShape::Form { .. } => "form".to_owned(),
        BodyShape::Text => "text".to_owned(),
        BodyShape::Binary => "binary".to_owned(),
    }
}

/// The tools by name, and why there are not more.
pub(super) fn tools(page: &mut Page, connector: &str, tools: &[Box<RawValue>], error: Option<&Failure>) {
    let count = match tools.len() {
        1 => "1 tool".to_owned(),
        count => format!("{count} tools"),
    };
    page.line(0, &format!("{connector}: {count}"));
    if !tools.is_empty() {
        let rows: Vec<Row> = tools.iter().map(|tool| row(tool)).collect();
        page.table(&["NAME", "DESCRIPTION"], &[32], &rows);
    }
    if let Some(error) = error {
        page.blank();
        other::failure(page, error);
    }
}

/// A tool may be anything at all; what is not there is left out.
fn row(tool: &RawValue) -> Row {
    let tool: Value = serde_json::from_str(tool.get()).unwrap_or_default();
    let text = |member: &str| tool.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = text("name");
    let sign = Sign::of_success(!name.is_empty());
    Row { sign, cells: vec![if name.is_empty() { "(no name)".to_owned() } else { name }, text("description")] }
}
