//! A display that nobody sees: Xvfb with a window manager, for the time of one task.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::failure::{Failure, Outcome, While as _};

/// Room for the window at its first size, its frame, and a little ground around it.
const SCREEN: &str = "1120x800x24";

/// A running display. It ends when this is dropped.
pub(crate) struct Display {
    server: Child,
    window_manager: Child,
    name: String,
}

impl Display {
    /// Starts a display on a free number and waits until it takes connections.
    pub(crate) fn start() -> Outcome<Self> {
        // The server picks the number itself and writes it down once it is ready: nothing to guess and nothing to wait for.
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .while_doing(|| "starting Xvfb".to_owned())?;
        let name = server.stdout.take().and_then(|pipe| read_number(&mut BufReader::new(pipe)));
        let Some(name) = name else {
            end(&mut server);
            return Err(Failure::new("Xvfb ended before its display was ready"));
        };
        let window_manager = Command::new("openbox")
            .env("DISPLAY", &name)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .while_doing(|| "starting openbox".to_owned());
        match window_manager {
            Ok(window_manager) => Ok(Self { server, window_manager, name }),
            Err(failure) => {
                end(&mut server);
                Err(failure)
            }
        }
    }

    /// What to set `DISPLAY` to.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        end(&mut self.window_manager);
        end(&mut self.server);
    }
}

/// Ends `child` and takes its exit status, so that no process is left behind.
pub(crate) fn end(child: &mut Child) {
    // It may have ended by itself, which is what was wanted.
    drop(child.kill());
    drop(child.wait());
}

fn read_number(pipe: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    pipe.read_line(&mut line).ok()?;
    let number: u32 = line.trim().parse().ok()?;
    Some(format!(":{number}"))
}

#[cfg(test)]
mod tests {
    use super::read_number;

    #[test]
    fn a_server_that_dies_has_no_display() {
        assert_eq!(read_number(&mut "99\n".as_bytes()).as_deref(), Some(":99"));
        assert_eq!(read_number(&mut "".as_bytes()), None);
    }
}
