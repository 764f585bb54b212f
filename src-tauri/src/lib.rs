//! The window: how it is opened and what its page may never do. Every use case is in the crates below; this is the only
//! package that knows Tauri.

mod origin;

use std::io::Write as _;

use tauri::webview::{NewWindowResponse, WebviewWindowBuilder};
use tauri::{App, Context, Url, Wry};

/// The label of the only window. The capability in `tauri.conf.json` names it too.
const MAIN_WINDOW: &str = "main";

/// Opens the window and returns when the person quits.
///
/// # Errors
/// When the configuration has no main window, or the system's web view cannot be started.
pub fn run(context: Context<Wry>) -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| Ok(open_main_window(app)?))
        .run(context)
}

/// Says on stderr why there is no window: at this point there is no other place to say it.
pub fn report_start_failure(error: &tauri::Error) {
    // A closed stderr leaves nobody to tell, and the exit code still says that it failed.
    drop(writeln!(
        std::io::stderr(),
        "replug-desktop: the window could not be opened: {error}"
    ));
}

/// Builds the window from its entry in the configuration. It is not created by Tauri itself, because the two gates below
/// can only be set before the page is loaded.
fn open_main_window(app: &mut App) -> tauri::Result<()> {
    let config = app.config();
    let window = config
        .app
        .windows
        .iter()
        .find(|window| window.label == MAIN_WINDOW)
        .ok_or(tauri::Error::WindowNotFound)?;
    let dev_server: Option<Url> = if tauri::is_dev() {
        config.build.dev_url.clone()
    } else {
        None
    };
    WebviewWindowBuilder::from_config(app.handle(), window)?
        .on_navigation(move |target| origin::is_own_page(target, dev_server.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    Ok(())
}
