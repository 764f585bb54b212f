//! What a server asks of its client, and what Replug answers: a ping, questions to the person, a list of folders. Questions
//! come as requests of their own (2025-03-26 to 2025-11-25) or inside of a result (2026-07-28 basic/patterns/mrtr); how they
//! travel is in `wire` and `events`, repeating a call in `session`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::message::{Members, Reply, Strangers, Unanswered, find_answer, members_of, messages_in};
use crate::refusal::Refusal;

/// What becomes of a question that a person would have to answer (client/elicitation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Elicitation {
    /// It is declined, because nobody is there to be asked. The capability is not announced.
    #[default]
    Decline,
    /// It is answered with the defaults of its schema (SEP-1034), and declined when something required has none.
    Defaults,
}

/// A request that the server makes.
#[derive(Debug)]
pub(crate) struct Question {
    id: Box<RawValue>,
    method: String,
    params: Option<Box<RawValue>>,
}

/// A `result` that Replug can give.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answer {
    Pong {},
    /// Replug opens no folder to a server.
    Roots {
        roots: [(); 0],
    },
    Elicited {
        action: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        content: Option<Members>,
    },
}

/// What an event holds for whoever waits for an answer.
pub(crate) enum Heard {
    Answer(Reply),
    /// Requests of the server; none when the event holds anything else.
    Questions(Vec<Question>),
}

/// Reads an event while the answer to request `id` is waited for.
pub(crate) fn hear(data: &str, id: u64) -> Result<Heard, Refusal> {
    match find_answer(data, id, Strangers::OnlyNull) {
        Ok(reply) => Ok(Heard::Answer(reply)),
        Err(deep @ Unanswered::TooDeep) => Err(Refusal::NotMcp { why: deep.to_string() }),
        Err(Unanswered::OtherRequest) => Ok(Heard::Questions(questions_in(data))),
        Err(Unanswered::NotJson | Unanswered::NotRpc) => Ok(Heard::Questions(Vec::new())),
    }
}

/// The requests in a message, or in a batch of them. Notifications have no id and are no requests.
pub(crate) fn questions_in(data: &str) -> Vec<Question> {
    #[derive(Deserialize)]
    struct Asked<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        method: String,
        params: Option<Box<RawValue>>,
    }
    let read = |message: &RawValue| {
        let asked: Asked<'_> = serde_json::from_str(message.get()).ok()?;
        Some(Question { id: asked.id?.to_owned(), method: asked.method, params: asked.params })
    };
    messages_in(data).unwrap_or_default().into_iter().filter_map(read).collect()
}

impl Question {
    /// What is asked for.
    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// The answer as a message. What Replug does not know is refused as an unknown method (JSON-RPC 2.0 §5.1).
    pub(crate) fn answer(&self, elicitation: Elicitation) -> Result<Vec<u8>, serde_json::Error> {
        #[derive(Serialize)]
        struct Outgoing<'a> {
            jsonrpc: &'static str,
            id: &'a RawValue,
            #[serde(skip_serializing_if = "Option::is_none")]
            result: Option<Answer>,
            #[serde(skip_serializing_if = "Option::is_none")]
            error: Option<Unknown>,
        }
        #[derive(Serialize)]
        struct Unknown {
            code: i64,
            message: &'static str,
        }
        let result = answer_to(&self.method, self.params.as_deref(), elicitation);
        let unknown = Unknown { code: crate::RpcError::METHOD_NOT_FOUND, message: "Method not found" };
        let error = result.is_none().then_some(unknown);
        serde_json::to_vec(&Outgoing { jsonrpc: "2.0", id: &self.id, result, error })
    }
}

fn answer_to(method: &str, params: Option<&RawValue>, elicitation: Elicitation) -> Option<Answer> {
    match method {
        "ping" => Some(Answer::Pong {}),
        "roots/list" => Some(Answer::Roots { roots: [] }),
        "elicitation/create" => Some(elicited(params, elicitation)),
        _ => None,
    }
}

fn elicited(params: Option<&RawValue>, elicitation: Elicitation) -> Answer {
    let content = match elicitation {
        Elicitation::Decline => None,
        Elicitation::Defaults => params.and_then(defaults_of),
    };
    Answer::Elicited { action: if content.is_some() { "accept" } else { "decline" }, content }
}

/// The defaults of a form; `None` when they do not fill it in. A page to visit (mode `url`) has none.
fn defaults_of(params: &RawValue) -> Option<Members> {
    let params = members_of(params);
    if params.get("mode").and_then(|mode| text(mode)).is_some_and(|mode| mode != "form") {
        return None;
    }
    let schema = members_of(params.get("requestedSchema")?);
    let fields = schema.get("properties").map(|fields| members_of(fields)).unwrap_or_default();
    let default = |(name, field): (String, Box<RawValue>)| Some((name, members_of(&field).remove("default")?));
    let content: Members = fields.into_iter().filter_map(default).collect();
    let required = schema.get("required").and_then(|required| serde_json::from_str(required.get()).ok());
    let required: Vec<String> = required.unwrap_or_default();
    required.iter().all(|name| content.contains_key(name)).then_some(content)
}

/// What a call is repeated with after a result that asks for input. It belongs to that call alone.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// `inputResponses`.
    pub(crate) responses: Option<Box<RawValue>>,
    /// `requestState`, exactly as the server sent it.
    pub(crate) state: Option<Box<RawValue>>,
}

impl Round {
    /// Reads a result of 2026-07-28. `None` when it is complete, which it also is when it does not say.
    ///
    /// Fails when it asks for something that Replug cannot give, and when it asks for nothing.
    pub(crate) fn wanted_by(result: &RawValue, elicitation: Elicitation) -> Result<Option<Self>, Refusal> {
        let members = members_of(result);
        if members.get("resultType").and_then(|kind| text(kind)).as_deref() != Some("input_required") {
            return Ok(None);
        }
        let state = members.get("requestState").cloned();
        let responses = match members.get("inputRequests") {
            Some(requests) => Some(responses_to(requests, elicitation)?),
            None if state.is_none() => {
                return Err(Refusal::NotMcp { why: "a result that asks for input without saying which".to_owned() });
            }
            None => None,
        };
        Ok(Some(Self { responses, state }))
    }
}

fn responses_to(requests: &RawValue, elicitation: Elicitation) -> Result<Box<RawValue>, Refusal> {
    let mut responses = BTreeMap::new();
    for (key, request) in members_of(requests) {
        let request = members_of(&request);
        let method = request.get("method").and_then(|method| text(method)).unwrap_or_default();
        let answer = answer_to(&method, request.get("params").map(AsRef::as_ref), elicitation);
        responses.insert(key, answer.ok_or_else(|| Refusal::input_wanted(&method))?);
    }
    to_raw_value(&responses).map_err(|_| Refusal::input_wanted("a form that cannot be filled in"))
}

fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(message: &str, elicitation: Elicitation) -> String {
        let questions = questions_in(message);
        String::from_utf8(questions[0].answer(elicitation).unwrap()).unwrap()
    }

    #[test]
    fn a_ping_is_answered_under_its_own_id() {
        let answer = answered(r#"{"jsonrpc":"2.0","id":"s-1","method":"ping"}"#, Elicitation::Decline);
        assert_eq!(answer, r#"{"jsonrpc":"2.0","id":"s-1","result":{}}"#);
    }

    #[test]
    fn folders_are_none_and_unknown_methods_are_refused() {
        let roots = answered(r#"{"jsonrpc":"2.0","id":7,"method":"roots/list"}"#, Elicitation::Decline);
        assert_eq!(roots, r#"{"jsonrpc":"2.0","id":7,"result":{"roots":[]}}"#);
        let sampling = answered(r#"{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage"}"#, Elicitation::Decline);
        assert_eq!(sampling, r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"Method not found"}}"#);
    }

    #[test]
    fn a_form_is_filled_in_with_its_defaults_byte_for_byte_or_declined() {
        let form = |required: &str| {
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{{"message":"?","requestedSchema":{{
                "properties":{{"a":{{"type":"number","default":1.0e2}},"b":{{"type":"string"}}}},"required":{required}}}}}}}"#
            )
        };
        let accepted = r#"{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"a":1.0e2}}}"#;
        let declined = r#"{"jsonrpc":"2.0","id":1,"result":{"action":"decline"}}"#;
        assert_eq!(answered(&form(r#"["a"]"#), Elicitation::Defaults), accepted);
        assert_eq!(answered(&form(r#"["b"]"#), Elicitation::Defaults), declined, "something required has no default");
        assert_eq!(answered(&form("[]"), Elicitation::Decline), declined, "nobody is there");
        let page = form("[]").replace(r#""message""#, r#""mode":"url","message""#);
        assert_eq!(answered(&page, Elicitation::Defaults), declined, "a page to visit has no defaults");
    }

    #[test]
    fn notifications_and_answers_are_no_questions() {
        for message in [
            r#"{"jsonrpc":"2.0","method":"notifications/progress"}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":3,"result":{}}"#,
            "not json",
        ] {
            assert!(questions_in(message).is_empty(), "{message}");
        }
        let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"x"}]"#;
        assert_eq!(questions_in(batch).len(), 1);
    }
}
