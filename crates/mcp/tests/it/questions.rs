//! What a server asks of its client, and what it is answered: in the middle of a call, on a stream of its own, and inside of a
//! result.

use std::sync::Mutex;

use replug_mcp::{Called, Refusal};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::Client;
use crate::server::{Asked, Play, Server, answer, event_head, events, legacy, modern, result};

/// A form whose only field has a default.
const FORM: &str =
    r#"{"message":"?","requestedSchema":{"type":"object","properties":{"name":{"type":"string","default":"Ada"}}}}"#;

fn nothing() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).unwrap()
}

fn asks(id: &str, method: &str, params: &str) -> String {
    format!("data: {{\"jsonrpc\":\"2.0\",\"id\":\"{id}\",\"method\":\"{method}\",\"params\":{params}}}\n\n")
}

/// Ends a call once its stream is known and every question was answered; the stream on which it is answered comes first.
#[derive(Default)]
struct Pending(Mutex<Option<(UnboundedSender<String>, Value)>>);

impl Pending {
    /// Opens the stream of the call's answer with `questions` on it.
    fn open(&self, asked: &Asked, questions: &str) -> Vec<Play> {
        let (sender, receiver) = unbounded_channel();
        sender.send(questions.to_owned()).unwrap();
        *self.0.lock().unwrap() = Some((sender, asked.body["id"].clone()));
        vec![event_head(), Play::Feed(receiver)]
    }

    /// The last answer is there: the call ends.
    fn finish(&self) {
        if let Some((sender, id)) = self.0.lock().unwrap().take() {
            let body = json!({"jsonrpc": "2.0", "id": id, "result": {"content": []}});
            sender.send(format!("data: {body}\n\n")).unwrap();
        }
    }
}

/// What the client answered to the question `id`.
fn answered(server: &Server, id: &str) -> Value {
    let answer = server.asked().into_iter().find(|asked| asked.body["id"] == id && asked.body["method"].is_null());
    let answer = answer.unwrap_or_else(|| panic!("{id} was not answered: {:?}", server.asked()));
    assert_eq!(
        answer.header("mcp-session-id").is_some(),
        !answer.path.starts_with("/messages"),
        "the session is named"
    );
    answer.body
}

/// A legacy server that asks `questions` in the stream of a call, and ends the call after the answer to `last`.
async fn asking(questions: String, last: &'static str) -> Server {
    let pending = Pending::default();
    legacy("2025-11-25", move |asked| {
        if asked.method() == "tools/call" {
            return pending.open(asked, &questions);
        }
        if asked.body["id"] == last {
            pending.finish();
        }
        answer(202, &[], "")
    })
    .await
}

#[tokio::test]
async fn a_call_goes_on_while_the_server_asks_in_its_stream() {
    let questions = [
        asks("q-ping", "ping", "{}"),
        asks("q-roots", "roots/list", "{}"),
        asks("q-form", "elicitation/create", FORM),
        asks("q-model", "sampling/createMessage", "{}"),
    ];
    let server = asking(questions.concat(), "q-model").await;
    let client = Client::of(&server.url);
    let called = client.probe().await.unwrap().call_tool("t", &nothing()).await.unwrap();
    assert!(matches!(called, Called::Result(_)), "{called:?}");
    assert_eq!(answered(&server, "q-ping")["result"], json!({}));
    assert_eq!(answered(&server, "q-roots")["result"], json!({"roots": []}));
    assert_eq!(answered(&server, "q-form")["result"], json!({"action": "decline"}), "nobody is there to be asked");
    assert_eq!(answered(&server, "q-model")["error"]["code"], -32601);
}

#[tokio::test]
async fn a_flood_of_questions_is_not_answered_with_a_flood() {
    let server = legacy("2025-11-25", |asked| match asked.method() {
        "tools/call" => {
            let done = json!({"jsonrpc": "2.0", "id": asked.body["id"], "result": {"content": []}});
            events(&format!("{}data: {done}\n\n", asks("q", "ping", "{}").repeat(60)))
        }
        _ => answer(202, &[], ""),
    })
    .await;
    let client = Client::of(&server.url);
    client.probe().await.unwrap().call_tool("t", &nothing()).await.unwrap();
    let answers = server.asked().into_iter().filter(|asked| asked.body["id"] == "q").count();
    assert_eq!(answers, 50);
}

#[tokio::test]
async fn a_form_is_answered_with_its_defaults_where_the_caller_says_so() {
    let server = asking(asks("q", "elicitation/create", FORM), "q").await;
    let client = Client::of(&server.url).with_defaults();
    client.probe().await.unwrap().call_tool("t", &nothing()).await.unwrap();
    assert_eq!(answered(&server, "q")["result"], json!({"action": "accept", "content": {"name": "Ada"}}));
}

#[tokio::test]
async fn only_what_is_answered_is_announced() {
    let capabilities = |server: &Server| {
        let asked = server.asked().into_iter().find(|asked| asked.method() == "initialize");
        asked.unwrap().body["params"]["capabilities"].clone()
    };
    let server = legacy("2025-11-25", |asked| result(asked, &json!({}))).await;
    Client::of(&server.url).probe().await.unwrap();
    assert_eq!(capabilities(&server), json!({}));
    let server = legacy("2025-11-25", |asked| result(asked, &json!({}))).await;
    Client::of(&server.url).with_defaults().probe().await.unwrap();
    assert_eq!(capabilities(&server), json!({"elicitation": {"form": {}}}));
}

#[tokio::test]
async fn a_question_on_the_servers_own_stream_is_answered_during_a_call() {
    let (call, own) = (Pending::default(), Mutex::new(None));
    let server = legacy("2025-11-25", move |asked| match asked.method() {
        "GET" => {
            let (sender, receiver) = unbounded_channel();
            *own.lock().unwrap() = Some(sender);
            vec![event_head(), Play::Feed(receiver)]
        }
        "tools/call" => {
            let own: UnboundedSender<String> = own.lock().unwrap().clone().unwrap();
            own.send(asks("q", "elicitation/create", FORM)).unwrap();
            call.open(asked, ": wait\n\n")
        }
        _ => {
            call.finish();
            answer(202, &[], "")
        }
    })
    .await;
    let client = Client::of(&server.url).with_defaults();
    client.probe().await.unwrap().call_tool("t", &nothing()).await.unwrap();
    assert_eq!(answered(&server, "q")["result"]["action"], "accept");
}

#[tokio::test]
async fn a_server_without_a_stream_of_its_own_is_called_all_the_same() {
    let server = legacy("2025-11-25", |asked| match asked.method() {
        "GET" => answer(405, &[], ""),
        _ => result(asked, &json!({"content": []})),
    })
    .await;
    let client = Client::of(&server.url).with_defaults();
    let called = client.probe().await.unwrap().call_tool("t", &nothing()).await.unwrap();
    assert!(matches!(called, Called::Result(_)), "{called:?}");
}

#[tokio::test]
async fn the_old_transport_is_answered_at_its_message_address() {
    let (stream, call) = (Mutex::new(None), Mutex::new(Value::Null));
    let server = Server::start(move |asked| {
        let say = |text: &str| {
            let sender: UnboundedSender<String> = stream.lock().unwrap().clone().unwrap();
            sender.send(format!("data: {text}\n\n")).unwrap();
        };
        match asked.method() {
            "GET" => {
                let (sender, receiver) = unbounded_channel();
                sender.send("event: endpoint\ndata: /messages\n\n".to_owned()).unwrap();
                *stream.lock().unwrap() = Some(sender);
                return vec![event_head(), Play::Feed(receiver)];
            }
            "server/discover" => return answer(405, &[], ""),
            "initialize" if asked.path == "/mcp" => return answer(405, &[], ""),
            "initialize" => {
                let result = crate::server::initialized("2024-11-05");
                say(&json!({"jsonrpc": "2.0", "id": asked.body["id"], "result": result}).to_string());
            }
            "tools/call" => {
                *call.lock().unwrap() = asked.body["id"].clone();
                say(r#"{"jsonrpc":"2.0","id":"q","method":"ping"}"#);
            }
            _ if asked.body["id"] == "q" => {
                say(&json!({"jsonrpc": "2.0", "id": *call.lock().unwrap(), "result": {"content": []}}).to_string());
            }
            _ => {}
        }
        answer(202, &[], "")
    })
    .await;
    let client = Client::of(&server.url);
    client.probe().await.unwrap().call_tool("t", &nothing()).await.unwrap();
    assert_eq!(answered(&server, "q")["result"], json!({}));
}

/// A server of 2026-07-28 whose tool answers with `first`, and is done when it is given anything.
async fn wanting(first: Value) -> Server {
    let done = json!({"content": []});
    modern(move |asked| {
        let params = &asked.body["params"];
        let given = params.get("inputResponses").or(params.get("requestState")).is_some();
        result(asked, if given { &done } else { &first })
    })
    .await
}

fn form_with(more: &Value) -> Value {
    let form: Value = serde_json::from_str(FORM).unwrap();
    let mut first = json!({"resultType": "input_required"});
    let requests = json!({"f": {"method": "elicitation/create", "params": form}});
    first.as_object_mut().unwrap().insert("inputRequests".to_owned(), requests);
    first.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    first
}

#[tokio::test]
async fn a_result_that_asks_for_input_is_asked_for_again_with_it() {
    let server = wanting(form_with(&json!({"requestState": "{\"opaque\": 1.0e2}"}))).await;
    let client = Client::of(&server.url).with_defaults();
    let mut session = client.probe().await.unwrap();
    session.call_tool("t", &nothing()).await.unwrap();
    session.call_tool("other", &nothing()).await.unwrap();
    let asked: Vec<Asked> = server.asked().into_iter().filter(|asked| asked.method() == "tools/call").collect();
    let [first, again, other, _] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(again.body["params"]["inputResponses"], json!({"f": {"action": "accept", "content": {"name": "Ada"}}}));
    assert_eq!(again.body["params"]["requestState"], "{\"opaque\": 1.0e2}");
    assert_ne!(first.body["id"], again.body["id"]);
    assert!(other.body["params"].get("requestState").is_none(), "it belongs to one call alone: {:?}", other.body);
}

#[tokio::test]
async fn no_state_is_sent_back_where_none_came() {
    let server = wanting(form_with(&json!({}))).await;
    let client = Client::of(&server.url);
    client.probe().await.unwrap().call_tool("t", &nothing()).await.unwrap();
    let again = server.asked().pop().unwrap();
    assert_eq!(again.body["params"]["inputResponses"], json!({"f": {"action": "decline"}}));
    assert!(again.body["params"].get("requestState").is_none(), "{:?}", again.body);
}

#[tokio::test]
async fn a_result_that_asks_for_a_model_or_never_ends_is_given_up() {
    let model = json!({"resultType": "input_required", "inputRequests": {"m": {"method": "sampling/createMessage"}}});
    let endless = json!({"resultType": "input_required", "requestState": "s"});
    for (result_of, calls) in [(model, 1), (endless, 10)] {
        let server = modern(move |asked| result(asked, &result_of)).await;
        let client = Client::of(&server.url);
        let refusal = client.probe().await.unwrap().call_tool("t", &nothing()).await.unwrap_err();
        assert!(matches!(refusal, Refusal::InputWanted { .. }), "{refusal:?}");
        assert_eq!(server.methods().iter().filter(|method| *method == "tools/call").count(), calls);
    }
}

#[tokio::test]
async fn a_result_that_does_not_say_what_it_is_is_complete() {
    let server = modern(|asked| result(asked, &json!({"inputRequests": {"f": {"method": "ping"}}}))).await;
    let client = Client::of(&server.url);
    let called = client.probe().await.unwrap().call_tool("t", &nothing()).await.unwrap();
    assert!(matches!(called, Called::Result(_)), "{called:?}");
    assert_eq!(server.methods().iter().filter(|method| *method == "tools/call").count(), 1);
}
