//! The window's commands: each hands its arguments to the engine and its answer to the page. Nothing is decided here.

use replug_core::{ConnectorId, Failure};
use replug_engine::wire::{
    About, Added, AppSettings, CodeEntry, ConnectorDetail, ConnectorView, EditConnector, ErrorBody, Keeping, Moved,
    NewConnector, Passphrase, Probe, ProjectDefinition, Scanned, SelfTest, ServiceOutcome, ToolList,
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

/// In the window an unusual host is shown before the browser opens.
fn options() -> SignInOptions {
    SignInOptions { confirm_unusual: true, ..SignInOptions::default() }
}

#[tauri::command]
pub(crate) async fn list(backend: State<'_, Backend>) -> Answer<Vec<ConnectorView>> {
    Ok(backend.engine()?.list().await?)
}

#[tauri::command]
pub(crate) async fn show(backend: State<'_, Backend>, id: String) -> Answer<ConnectorDetail> {
    Ok(backend.engine()?.show(&self::id(&id)?).await?)
}

#[tauri::command]
pub(crate) async fn probe(backend: State<'_, Backend>, new: NewConnector) -> Answer<Probe> {
    Ok(backend.engine()?.probe(&new).await?)
}

#[tauri::command]
pub(crate) async fn add(backend: State<'_, Backend>, new: NewConnector, probe: bool) -> Answer<Added> {
    Ok(backend.engine()?.add(&new, probe).await?)
}

#[tauri::command]
pub(crate) async fn edit(backend: State<'_, Backend>, id: String, changes: EditConnector) -> Answer<ConnectorView> {
    Ok(backend.engine()?.edit(&self::id(&id)?, &changes).await?)
}

#[tauri::command]
pub(crate) async fn remove(backend: State<'_, Backend>, id: String) -> Answer<ServiceOutcome> {
    Ok(backend.engine()?.remove(&self::id(&id)?).await?)
}

#[tauri::command]
pub(crate) async fn check(backend: State<'_, Backend>, ids: Option<Vec<String>>) -> Answer<()> {
    let ids = ids.map(|ids| ids.iter().map(|text| id(text)).collect()).transpose()?;
    Ok(backend.engine()?.check(ids).await?)
}

#[tauri::command]
pub(crate) async fn cancel_check(backend: State<'_, Backend>, id: String) -> Answer<()> {
    backend.engine()?.cancel_check(&self::id(&id)?);
    Ok(())
}

#[tauri::command]
pub(crate) async fn tools(backend: State<'_, Backend>, id: String) -> Answer<ToolList> {
    Ok(backend.engine()?.tools(&self::id(&id)?).await?)
}

#[tauri::command]
pub(crate) async fn sign_in(backend: State<'_, Backend>, id: String) -> Answer<()> {
    backend.engine()?.sign_in(&self::id(&id)?, options()).await?;
    Ok(())
}

#[tauri::command]
pub(crate) async fn confirm_sign_in(backend: State<'_, Backend>, id: String) -> Answer<()> {
    Ok(backend.engine()?.confirm_sign_in(&self::id(&id)?).await?)
}

#[tauri::command]
pub(crate) async fn open_again(backend: State<'_, Backend>, id: String) -> Answer<()> {
    Ok(backend.engine()?.open_again(&self::id(&id)?).await?)
}

#[tauri::command]
pub(crate) async fn sign_in_on_device(backend: State<'_, Backend>, id: String) -> Answer<()> {
    Ok(backend.engine()?.sign_in_on_device(&self::id(&id)?).await?)
}

#[tauri::command]
pub(crate) async fn paste_callback(backend: State<'_, Backend>, id: String, address: String) -> Answer<()> {
    Ok(backend.engine()?.paste_callback(&self::id(&id)?, address).await?)
}

#[tauri::command]
pub(crate) async fn cancel_sign_in(backend: State<'_, Backend>, id: String) -> Answer<()> {
    backend.engine()?.cancel_sign_in(&self::id(&id)?);
    Ok(())
}

#[tauri::command]
pub(crate) async fn forget_and_retry(backend: State<'_, Backend>, id: String) -> Answer<()> {
    backend.engine()?.forget_and_retry(&self::id(&id)?, options()).await?;
    Ok(())
}

#[tauri::command]
pub(crate) async fn sign_out(backend: State<'_, Backend>, id: String) -> Answer<ServiceOutcome> {
    Ok(backend.engine()?.sign_out(&self::id(&id)?).await?)
}

#[tauri::command]
pub(crate) async fn forget(backend: State<'_, Backend>, id: String) -> Answer<ServiceOutcome> {
    Ok(backend.engine()?.forget(&self::id(&id)?).await?)
}

#[tauri::command]
pub(crate) async fn settings(backend: State<'_, Backend>) -> Answer<AppSettings> {
    Ok(backend.engine()?.settings().await?)
}

#[tauri::command]
pub(crate) async fn set_settings(backend: State<'_, Backend>, settings: AppSettings) -> Answer<()> {
    Ok(backend.engine()?.set_settings(&settings).await?)
}

#[tauri::command]
pub(crate) async fn keychain_test(backend: State<'_, Backend>) -> Answer<SelfTest> {
    Ok(backend.engine()?.keychain_test().await)
}

#[tauri::command]
pub(crate) async fn try_keychain(backend: State<'_, Backend>) -> Answer<()> {
    Ok(backend.engine()?.try_keychain().await?)
}

#[tauri::command]
pub(crate) async fn keep_sign_ins_in(backend: State<'_, Backend>, wanted: Keeping) -> Answer<Moved> {
    Ok(backend.engine()?.keep_sign_ins_in(wanted).await?)
}

#[tauri::command]
pub(crate) async fn unlock_sign_ins(backend: State<'_, Backend>, passphrase: Passphrase) -> Answer<()> {
    Ok(backend.engine()?.unlock_sign_ins(passphrase).await?)
}

#[tauri::command]
pub(crate) async fn change_passphrase(backend: State<'_, Backend>, old: Passphrase, new: Passphrase) -> Answer<()> {
    Ok(backend.engine()?.change_passphrase(old, new).await?)
}

#[tauri::command]
pub(crate) async fn show_logs(backend: State<'_, Backend>) -> Answer<()> {
    Ok(backend.engine()?.show_logs()?)
}

#[tauri::command]
pub(crate) async fn scan(backend: State<'_, Backend>) -> Answer<Scanned> {
    Ok(backend.engine()?.scan().await?)
}

#[tauri::command]
pub(crate) async fn import_found(backend: State<'_, Backend>, ids: Vec<String>) -> Answer<Scanned> {
    Ok(backend.engine()?.import(&ids).await?)
}

#[tauri::command]
pub(crate) async fn project_definition(backend: State<'_, Backend>, id: String) -> Answer<Option<ProjectDefinition>> {
    Ok(backend.engine()?.project_definition(&self::id(&id)?).await?)
}

#[tauri::command]
pub(crate) async fn approve(backend: State<'_, Backend>, id: String, seen: String) -> Answer<ConnectorView> {
    Ok(backend.engine()?.approve(&self::id(&id)?, Some(&seen)).await?)
}

#[tauri::command]
pub(crate) async fn about(backend: State<'_, Backend>) -> Answer<About> {
    Ok(backend.engine()?.about().await?)
}

#[tauri::command]
pub(crate) async fn explain(code: String) -> Answer<CodeEntry> {
    Ok(replug_engine::explain(&code)?)
}
