//! The commands of the window as requests: each hands its arguments to the engine and its answer to the page, as the commands
//! of the window do. Nothing is decided here.

use axum::Router;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use replug_core::{Code, ConnectorId, Failure};
use replug_engine::wire::{
    About, Added, AppSettings, CodeEntry, ConnectorDetail, ConnectorView, EditConnector, ErrorBody, Keeping, Moved,
    NewConnector, Passphrase, Probe, ProjectDefinition, Scanned, SelfTest, ServiceOutcome, ToolList,
};
use replug_engine::{Engine, SignInOptions};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::wire;

type Asked = State<Engine>;

/// `POST /<command>` for every command; another one is not found.
pub(super) fn router(engine: Engine) -> Router {
    Router::new()
        .route("/list", post(list))
        .route("/show", post(show))
        .route("/probe", post(probe))
        .route("/add", post(add))
        .route("/edit", post(edit))
        .route("/remove", post(remove))
        .route("/check", post(check))
        .route("/cancel_check", post(cancel_check))
        .route("/tools", post(tools))
        .route("/sign_in", post(sign_in))
        .route("/confirm_sign_in", post(confirm_sign_in))
        .route("/open_again", post(open_again))
        .route("/sign_in_on_device", post(sign_in_on_device))
        .route("/paste_callback", post(paste_callback))
        .route("/cancel_sign_in", post(cancel_sign_in))
        .route("/forget_and_retry", post(forget_and_retry))
        .route("/sign_out", post(sign_out))
        .route("/forget", post(forget))
        .route("/settings", post(settings))
        .route("/set_settings", post(set_settings))
        .route("/keychain_test", post(keychain_test))
        .route("/try_keychain", post(try_keychain))
        .route("/keep_sign_ins_in", post(keep_sign_ins_in))
        .route("/unlock_sign_ins", post(unlock_sign_ins))
        .route("/change_passphrase", post(change_passphrase))
        .route("/show_logs", post(show_logs))
        .route("/scan", post(scan))
        .route("/import_found", post(import_found))
        .route("/project_definition", post(project_definition))
        .route("/approve", post(approve))
        .route("/about", post(about))
        .route("/explain", post(explain))
        .fallback(|| std::future::ready(wire::text(404, "There is no such command")))
        .with_state(engine)
}

/// The arguments of a command: a JSON object with its members and no others.
struct Arguments<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Arguments<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if !says_json(request.headers()) {
            return Err(wire::text(415, "The arguments are sent as JSON"));
        }
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        serde_json::from_slice(&body).map(Self).map_err(|error| wire::text(400, error.to_string()))
    }
}

/// The pages of other sites cannot send this type unasked (Fetch standard, "CORS-safelisted request-header").
fn says_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
}

/// What the page reads: 200 with the answer, or 422 with why there is none.
enum Answer<T> {
    Given(T),
    Refused(ErrorBody),
}

impl<T> From<Result<T, Failure>> for Answer<T> {
    fn from(result: Result<T, Failure>) -> Self {
        result.map_or_else(|failure| Self::Refused(ErrorBody::from(&failure)), Self::Given)
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let (status, written) = match self {
            Self::Given(answer) => (200, serde_json::to_value(answer)),
            Self::Refused(error) => (422, serde_json::to_value(error)),
        };
        written.map_or_else(|error| wire::text(500, error.to_string()), |body| wire::json(status, &body))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    new: NewConnector,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Addition {
    new: NewConnector,
    probe: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    id: String,
    changes: EditConnector,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pasted {
    id: String,
    address: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preferences {
    settings: AppSettings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    wanted: Keeping,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unlocking {
    passphrase: Passphrase,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Passphrases {
    old: Passphrase,
    new: Passphrase,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowed {
    id: String,
    seen: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explained {
    code: String,
}

fn id(text: &str) -> Result<ConnectorId, Failure> {
    text.parse().map_err(|_| Failure::new(Code::UseNoSuchConnector))
}

/// As in the window, an unusual host is shown before the browser opens.
fn options() -> SignInOptions {
    SignInOptions { confirm_unusual: true, ..SignInOptions::default() }
}

async fn list(State(engine): Asked, Arguments(Nothing {}): Arguments<Nothing>) -> Answer<Vec<ConnectorView>> {
    engine.list().await.into()
}

async fn show(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<ConnectorDetail> {
    async { engine.show(&id(&text)?).await }.await.into()
}

async fn probe(State(engine): Asked, Arguments(Draft { new }): Arguments<Draft>) -> Answer<Probe> {
    engine.probe(&new).await.into()
}

async fn add(State(engine): Asked, Arguments(Addition { new, probe }): Arguments<Addition>) -> Answer<Added> {
    engine.add(&new, probe).await.into()
}

async fn edit(State(engine): Asked, Arguments(change): Arguments<Change>) -> Answer<ConnectorView> {
    async { engine.edit(&id(&change.id)?, &change.changes).await }.await.into()
}

async fn remove(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<ServiceOutcome> {
    async { engine.remove(&id(&text)?).await }.await.into()
}

async fn check(State(engine): Asked, Arguments(Chosen { ids }): Arguments<Chosen>) -> Answer<()> {
    let ids = ids.map(|ids| ids.iter().map(|text| id(text)).collect::<Result<_, _>>()).transpose();
    async { engine.check(ids?).await }.await.into()
}

async fn cancel_check(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<()> {
    id(&text).map(|id| engine.cancel_check(&id)).into()
}

async fn tools(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<ToolList> {
    async { engine.tools(&id(&text)?).await }.await.into()
}

async fn sign_in(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<()> {
    async { engine.sign_in(&id(&text)?, options()).await.map(drop) }.await.into()
}

async fn confirm_sign_in(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<()> {
    async { engine.confirm_sign_in(&id(&text)?).await }.await.into()
}

async fn open_again(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<()> {
    async { engine.open_again(&id(&text)?).await }.await.into()
}

async fn sign_in_on_device(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<()> {
    async { engine.sign_in_on_device(&id(&text)?).await }.await.into()
}

async fn paste_callback(State(engine): Asked, Arguments(pasted): Arguments<Pasted>) -> Answer<()> {
    async { engine.paste_callback(&id(&pasted.id)?, pasted.address).await }.await.into()
}

async fn cancel_sign_in(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<()> {
    id(&text).map(|id| engine.cancel_sign_in(&id)).into()
}

async fn forget_and_retry(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<()> {
    async { engine.forget_and_retry(&id(&text)?, options()).await.map(drop) }.await.into()
}

async fn sign_out(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<ServiceOutcome> {
    async { engine.sign_out(&id(&text)?).await }.await.into()
}

async fn forget(State(engine): Asked, Arguments(One { id: text }): Arguments<One>) -> Answer<ServiceOutcome> {
    async { engine.forget(&id(&text)?).await }.await.into()
}

async fn settings(State(engine): Asked, Arguments(Nothing {}): Arguments<Nothing>) -> Answer<AppSettings> {
    engine.settings().await.into()
}

async fn set_settings(State(engine): Asked, Arguments(Preferences { settings }): Arguments<Preferences>) -> Answer<()> {
    engine.set_settings(&settings).await.into()
}

async fn keychain_test(State(engine): Asked, Arguments(Nothing {}): Arguments<Nothing>) -> Answer<SelfTest> {
    Answer::Given(engine.keychain_test().await)
}

async fn try_keychain(State(engine): Asked, Arguments(Nothing {}): Arguments<Nothing>) -> Answer<()> {
    engine.try_keychain().await.into()
}

async fn keep_sign_ins_in(State(engine): Asked, Arguments(Wanted { wanted }): Arguments<Wanted>) -> Answer<Moved> {
    engine.keep_sign_ins_in(wanted).await.into()
}

async fn unlock_sign_ins(
    State(engine): Asked,
    Arguments(Unlocking { passphrase }): Arguments<Unlocking>,
) -> Answer<()> {
    engine.unlock_sign_ins(passphrase).await.into()
}

async fn change_passphrase(
    State(engine): Asked,
    Arguments(Passphrases { old, new }): Arguments<Passphrases>,
) -> Answer<()> {
    engine.change_passphrase(old, new).await.into()
}

async fn show_logs(State(engine): Asked, Arguments(Nothing {}): Arguments<Nothing>) -> Answer<()> {
    engine.show_logs().into()
}

async fn scan(State(engine): Asked, Arguments(Nothing {}): Arguments<Nothing>) -> Answer<Scanned> {
    engine.scan().await.into()
}

async fn import_found(State(engine): Asked, Arguments(Found { ids }): Arguments<Found>) -> Answer<Scanned> {
    engine.import(&ids).await.into()
}

async fn project_definition(
    State(engine): Asked,
    Arguments(One { id: text }): Arguments<One>,
) -> Answer<Option<ProjectDefinition>> {
    async { engine.project_definition(&id(&text)?).await }.await.into()
}

async fn approve(
    State(engine): Asked,
    Arguments(Allowed { id: text, seen }): Arguments<Allowed>,
) -> Answer<ConnectorView> {
    async { engine.approve(&id(&text)?, Some(&seen)).await }.await.into()
}

async fn about(State(engine): Asked, Arguments(Nothing {}): Arguments<Nothing>) -> Answer<About> {
    engine.about().await.into()
}

async fn explain(Arguments(Explained { code }): Arguments<Explained>) -> Answer<CodeEntry> {
    replug_engine::explain(&code).into()
}
