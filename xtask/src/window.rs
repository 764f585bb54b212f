//! The tests of the real window: the built program on a display, with a keyring and a network of its own. What they do there
//! is written in `ui/window`.

use crate::checkout::Checkout;
use crate::display::Display;
use crate::failure::{Outcome, While as _};
use crate::tally::Tally;
use crate::{keyring, loopback, node, process, programs};

/// What the tests start besides the keyring.
const NEEDED: &[&str] = &["WebKitWebDriver", "Xvfb", "openbox", "secret-tool", "xdotool"];

/// Tells the tests where the programs are.
const PROGRAMS: &str = "REPLUG_PROGRAMS";

/// Builds what is tested and runs the tests. Where the window cannot be driven they count as one skipped check.
pub(crate) fn tests(checkout: &Checkout) -> Outcome<Tally> {
    if let Some(missing) = missing() {
        println!("The window cannot be driven here: {missing}.");
        return Ok(Tally::skipped_one());
    }
    node::build_if_stale(checkout)?;
    let folder = programs::build(checkout, &[programs::WINDOW, programs::LAB])?;
    let display = Display::start()?;
    let scratch = tempfile::tempdir().while_doing(|| "making a scratch folder".to_owned())?;
    node::vitest(checkout, "window", |tests| {
        let mut session = keyring::in_own_session(&tests, scratch.path())?;
        session.env("DISPLAY", display.name()).env("GDK_BACKEND", "x11").env(PROGRAMS, &folder);
        Ok(loopback::only(session))
    })
}

fn missing() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("WebDriver reaches the web view on Linux only".to_owned());
    }
    if !keyring::is_available() {
        return Some("no keyring can be started".to_owned());
    }
    let program = NEEDED.iter().find(|program| !process::is_installed(program))?;
    Some(format!("{program} is not installed"))
}
