//! The window's commands: each hands its arguments to the engine and its answer to the page. Nothing is decided here.

use replug_core::{ConnectorId, Failure};
use replug_engine::wire::{
    About, Added, AppSettings, CodeEntry, ConnectorDetail, ConnectorView, EditConnector, ErrorBody, NewConnector,
    Probe, SelfTest, ServiceOutcome, ToolList,
};
use replug_engine::{Engine, SignInOptions};
use tauri::State;

/// The engine, or why it could not be opened: then every command answers with that.
pub(crate) struct Backend(pub(crate) Result<Engine, ErrorBody>);

type Answer<T> = Result<T, ErrorBody>;

impl Backend {
    fn engine(&self) -> Answer<&Engine> {
        self.0.as_ref().map_err(Clone::clone)
    }
}

fn id(text: &str) -> Answer<ConnectorId> {
    text.parse().map_err(|_| ErrorBody::from(&Failure::new(replug_core::Code::UseNoSuchConnector)))
}

fn refusal(failure: Failure) -> ErrorBody {
    ErrorBody::from(&failure)
}

/// In the window an unusual host is shown before the browser opens.
fn options() -> SignInOptions {
    SignInOptions { confirm_unusual: true, ..SignInOptions::default() }
}

#[tauri::command]
pub(crate) async fn list(backend: State<'_, Backend>) -> Answer<Vec<ConnectorView>> {
    backend.engine()?.list().await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn show(backend: State<'_, Backend>, id: String) -> Answer<ConnectorDetail> {
    backend.engine()?.show(&self::id(&id)?).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn probe(backend: State<'_, Backend>, new: NewConnector) -> Answer<Probe> {
    backend.engine()?.probe(&new).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn add(backend: State<'_, Backend>, new: NewConnector, probe: bool) -> Answer<Added> {
    backend.engine()?.add(&new, probe).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn edit(backend: State<'_, Backend>, id: String, changes: EditConnector) -> Answer<ConnectorView> {
    backend.engine()?.edit(&self::id(&id)?, &changes).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn remove(backend: State<'_, Backend>, id: String) -> Answer<ServiceOutcome> {
    backend.engine()?.remove(&self::id(&id)?).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn check(backend: State<'_, Backend>, ids: Option<Vec<String>>) -> Answer<()> {
    let ids = ids.map(|ids| ids.iter().map(|text| id(text)).collect()).transpose()?;
    backend.engine()?.check(ids).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn cancel_check(backend: State<'_, Backend>, id: String) -> Answer<()> {
    backend.engine()?.cancel_check(&self::id(&id)?);
    Ok(())
}

#[tauri::command]
pub(crate) async fn tools(backend: State<'_, Backend>, id: String) -> Answer<ToolList> {
    backend.engine()?.tools(&self::id(&id)?).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn sign_in(backend: State<'_, Backend>, id: String) -> Answer<()> {
    let run = backend.engine()?.sign_in(&self::id(&id)?, options()).await;
    run.map(drop).map_err(refusal)
}

#[tauri::command]
pub(crate) async fn confirm_sign_in(backend: State<'_, Backend>, id: String) -> Answer<()> {
    backend.engine()?.confirm_sign_in(&self::id(&id)?).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn open_again(backend: State<'_, Backend>, id: String) -> Answer<()> {
    backend.engine()?.open_again(&self::id(&id)?).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn paste_callback(backend: State<'_, Backend>, id: String, address: String) -> Answer<()> {
    backend.engine()?.paste_callback(&self::id(&id)?, address).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn cancel_sign_in(backend: State<'_, Backend>, id: String) -> Answer<()> {
    backend.engine()?.cancel_sign_in(&self::id(&id)?);
    Ok(())
}

#[tauri::command]
pub(crate) async fn forget_and_retry(backend: State<'_, Backend>, id: String) -> Answer<()> {
    let run = backend.engine()?.forget_and_retry(&self::id(&id)?, options()).await;
    run.map(drop).map_err(refusal)
}

#[tauri::command]
pub(crate) async fn sign_out(backend: State<'_, Backend>, id: String) -> Answer<ServiceOutcome> {
    backend.engine()?.sign_out(&self::id(&id)?).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn forget(backend: State<'_, Backend>, id: String) -> Answer<ServiceOutcome> {
    backend.engine()?.forget(&self::id(&id)?).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn settings(backend: State<'_, Backend>) -> Answer<AppSettings> {
    backend.engine()?.settings().await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn set_settings(backend: State<'_, Backend>, settings: AppSettings) -> Answer<()> {
    backend.engine()?.set_settings(&settings).await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn keychain_test(backend: State<'_, Backend>) -> Answer<SelfTest> {
    Ok(backend.engine()?.keychain_test().await)
}

#[tauri::command]
pub(crate) async fn about(backend: State<'_, Backend>) -> Answer<About> {
    backend.engine()?.about().await.map_err(refusal)
}

#[tauri::command]
pub(crate) async fn explain(code: String) -> Answer<CodeEntry> {
    replug_engine::explain(&code).map_err(refusal)
}
