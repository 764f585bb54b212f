//! The window: how it is opened and what its page may never do. Every use case is in the crates below; this is the only
//! package that knows Tauri.

mod closing;
mod commands;
mod log;
mod origin;
mod start;

use std::io::Write as _;

use replug_engine::wire::ErrorBody;
use replug_engine::{EventStream, Platform};
use tauri::webview::{NewWindowResponse, WebviewWindowBuilder};
use tauri::{App, AppHandle, Context, Emitter as _, Manager as _, RunEvent, Url, Wry};

use crate::closing::Unsaved;
use crate::commands::Backend;
use crate::start::Arguments;

/// The label of the only window. The capability in `tauri.conf.json` names it too.
const MAIN_WINDOW: &str = "main";

/// The channel on which the page hears events.
const CHANNEL: &str = "replug";

/// Opens the window and returns when the person quits.
///
/// # Errors
/// When the configuration has no main window, or the system's web view cannot be started.
pub fn run(context: Context<Wry>) -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            start_backend(app.handle());
            Ok(open_main_window(app)?)
        })
        .invoke_handler(tauri::generate_handler![
            commands::list,
            commands::show,
            commands::probe,
            commands::add,
            commands::edit,
            commands::remove,
            commands::check,
            commands::cancel_check,
            commands::tools,
            commands::sign_in,
            commands::confirm_sign_in,
            commands::open_again,
            commands::sign_in_on_device,
            commands::paste_callback,
            commands::cancel_sign_in,
            commands::forget_and_retry,
            commands::sign_out,
            commands::forget,
            commands::settings,
            commands::set_settings,
            commands::keychain_test,
            commands::try_keychain,
            commands::keep_sign_ins_in,
            commands::unlock_sign_ins,
            commands::change_passphrase,
            commands::show_logs,
            commands::scan,
            commands::import_found,
            commands::project_definition,
            commands::approve,
            commands::about,
            commands::explain,
            closing::tell_unsaved,
            closing::close_window,
        ])
        .manage(Unsaved::default())
        .on_window_event(closing::hold_back)
        .build(context)?
        .run(|app, event| {
            if let RunEvent::Exit = event {
                settle(app);
            }
        });
    Ok(())
}

/// Waits for what would be lost with the process: a token that is being renewed.
fn settle(app: &AppHandle) {
    if let Ok(engine) = &app.state::<Backend>().0
        && let Err(failure) = tauri::async_runtime::block_on(engine.settle_unheard())
    {
        tracing::error!(code = %failure.code, "the window ends with something that is not stored");
        report(&failure.to_string());
    }
}

/// Says on stderr why there is no window: at this point there is no other place to say it.
pub fn report_start_failure(error: &tauri::Error) {
    report(&format!("the window could not be opened: {error}"));
}

fn report(what: &str) {
    // A closed stderr leaves nobody to tell.
    drop(writeln!(std::io::stderr(), "replug-desktop: {what}"));
}

/// Opens the engine and keeps telling the page what happens. An engine that cannot be opened is no reason to stay away: the
/// page then shows why.
fn start_backend(app: &AppHandle) {
    let opened = Arguments::read(std::env::args_os().skip(1))
        .and_then(|arguments| tauri::async_runtime::block_on(start::open_engine(arguments)));
    if let Ok(engine) = &opened {
        let (events, watching, app) = (engine.subscribe(), engine.clone(), app.clone());
        tauri::async_runtime::spawn(forward(events, app));
        tauri::async_runtime::spawn(async move { watching.watch().await });
    }
    app.manage(Backend(opened.map_err(|failure| ErrorBody::from(&failure))));
}

/// Hands every event of the engine to the page.
async fn forward(mut events: EventStream, app: AppHandle) {
    while let Some(event) = events.next().await {
        if let Err(error) = app.emit(CHANNEL, &event) {
            tracing::warn!(%error, "the page could not be told");
        }
    }
}

/// Builds the window from its entry in the configuration. It is not created by Tauri itself, because the two gates below
/// can only be set before the page is loaded.
fn open_main_window(app: &mut App) -> tauri::Result<()> {
    let config = app.config();
    let window =
        config.app.windows.iter().find(|window| window.label == MAIN_WINDOW).ok_or(tauri::Error::WindowNotFound)?;
    let dev_server: Option<Url> = if tauri::is_dev() { config.build.dev_url.clone() } else { None };
    WebviewWindowBuilder::from_config(app.handle(), window)?
        .on_navigation(move |target| origin::is_own_page(Platform::current(), target, dev_server.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    Ok(())
}
