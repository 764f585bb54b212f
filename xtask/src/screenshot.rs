//! A picture of a display, taken when what it shows has come to rest. What is shown there is not this module's business.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::display::Display;
use crate::failure::{Failure, Outcome, While as _};
use crate::process;

/// How often the display is looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// How many looks in a row must show the same picture.
const LOOKS_AT_REST: u32 = 4;

/// How long to wait for the window to appear, and for it to come to rest.
const PATIENCE: Duration = Duration::from_mins(1);

/// Takes a picture of `display` into `file` (PNG) as it is now, and returns its bytes.
pub(crate) fn take(display: &Display, file: &Path) -> Outcome<Vec<u8>> {
    let mut command = Command::new("scrot");
    process::succeed(command.args(["--overwrite"]).arg(file).env("DISPLAY", display.name()))?;
    fs::read(file).while_doing(|| format!("reading {}", file.display()))
}

/// Takes pictures of `display` into `file` until they differ from `empty` and have stopped changing. A display that never
/// comes to rest leaves its last picture; one that stays empty is a failure, and so is a window that is not `open` any more.
pub(crate) fn take_at_rest(
    display: &Display,
    empty: &[u8],
    file: &Path,
    mut open: impl FnMut() -> bool,
) -> Outcome<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut last = empty.to_owned();
    let mut looks_at_rest = 0;
    while Instant::now() < deadline && looks_at_rest < LOOKS_AT_REST {
        thread::sleep(INTERVAL);
        if !open() {
            return Err(Failure::new("The window closed by itself"));
        }
        let picture = take(display, file)?;
        looks_at_rest = if picture == last && picture != empty { looks_at_rest + 1 } else { 0 };
        last = picture;
    }
    if last == empty {
        return Err(Failure::new(format!("No window appeared within {} seconds", PATIENCE.as_secs())));
    }
    Ok(())
}
