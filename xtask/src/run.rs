//! `cargo xtask run`: from a fresh checkout to the open window, with or without demo servers, with or without a display.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Args;
use tempfile::TempDir;

use crate::checkout::Checkout;
use crate::display::{self, Display};
use crate::failure::{Failure, Outcome, While as _};
use crate::packages::{self, Purpose};
use crate::{node, process, programs, screenshot};

/// How long the demo servers may take to start and to fill the data folder. They are built before.
const DEMO_PATIENCE: Duration = Duration::from_mins(1);

/// The picture of `--headless-demo`, in Cargo's target folder.
const PICTURE: &str = "headless-demo.png";

#[derive(Args)]
pub(crate) struct Options {
    /// Show one connector for each health state, on servers of this computer, in a folder that is thrown away
    #[arg(long)]
    demo: bool,
    /// The demo without a display: take a picture of the window and name its file
    #[arg(long, conflicts_with = "demo")]
    headless_demo: bool,
    /// Install nothing
    #[arg(long)]
    no_setup: bool,
    /// What to pass on to the window
    #[arg(last = true, value_name = "ARGUMENT")]
    rest: Vec<String>,
}

/// Builds the window and opens it; returns when the person has closed it, or when the picture is taken.
pub(crate) fn run(options: &Options, checkout: &Checkout) -> Outcome<()> {
    if !options.headless_demo && !checkout.has_display {
        return Err(Failure::new(
            "There is no display here, so the window cannot be shown. \
             `cargo xtask run --headless-demo` opens it on a display of its own and takes a picture",
        ));
    }
    if !options.no_setup {
        packages::install(if options.headless_demo { Purpose::Headless } else { Purpose::Window })?;
        node::install(checkout)?;
    }
    node::build_if_stale(checkout)?;
    let with_demo = options.demo || options.headless_demo;
    let packages: &[&str] = if with_demo { &[programs::WINDOW, programs::LAB] } else { &[programs::WINDOW] };
    let folder = programs::build(checkout, packages)?;
    let mut command = Command::new(folder.join(programs::file_name(programs::WINDOW)));
    command.args(&options.rest);
    let demo = if with_demo { Some(Demo::start(&folder)?) } else { None };
    if let Some(demo) = &demo {
        demo.point_window_at_it(&mut command);
    }
    if options.headless_demo { picture(&mut command, checkout) } else { process::succeed(&mut command) }
}

/// Opens the window on a display of its own, takes a picture, and closes it.
fn picture(command: &mut Command, checkout: &Checkout) -> Outcome<()> {
    let file = checkout.target_folder()?.join(PICTURE);
    let display = Display::start()?;
    let empty = screenshot::take(&display, &file)?;
    command.env("DISPLAY", display.name()).env_remove("WAYLAND_DISPLAY").env("GDK_BACKEND", "x11");
    let mut window =
        command.stdin(Stdio::null()).spawn().while_doing(|| format!("starting {}", process::shown(command)))?;
    let taken = screenshot::take_at_rest(&display, &empty, &file, || matches!(window.try_wait(), Ok(None)));
    display::end(&mut window);
    taken?;
    println!("The window, as it was shown: {}", file.display());
    Ok(())
}

/// The demo servers, and the data folder they have filled. Both end when this is dropped.
struct Demo {
    servers: Child,
    data: TempDir,
}

impl Demo {
    fn start(folder: &Path) -> Outcome<Self> {
        let data = tempfile::Builder::new()
            .prefix("replug-demo-")
            .tempdir()
            .while_doing(|| "making the demo's data folder".to_owned())?;
        let mut servers =
            servers(folder, data.path()).spawn().while_doing(|| "starting the demo servers".to_owned())?;
        if let Err(failure) = wait_until_ready(&mut servers) {
            display::end(&mut servers);
            return Err(failure);
        }
        Ok(Self { servers, data })
    }

    /// A demo leaves no trace: its own data folder, and secrets in memory only.
    fn point_window_at_it(&self, command: &mut Command) {
        command.arg("--data-dir").arg(self.data.path()).args(["--secrets", "memory"]);
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // The servers end when their stdin does, and take what they started with them.
        drop(self.servers.stdin.take());
        drop(self.servers.wait());
    }
}

/// The program itself rather than `cargo run`, which would wait for whoever else builds in this checkout.
fn servers(folder: &Path, data: &Path) -> Command {
    let mut command = Command::new(folder.join(programs::file_name(programs::LAB)));
    command.args(["demo", "--data-dir"]).arg(data).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Waits for the line `{"ready":true}`.
fn wait_until_ready(servers: &mut Child) -> Outcome<()> {
    let Some(stdout) = servers.stdout.take() else {
        return Err(Failure::new("The demo servers have no stdout"));
    };
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let ready = lines.any(|line| is_ready(&line));
        // Fails when nobody waits any more, and then nobody is missing it.
        let _ = sender.send(ready);
        // The pipe is read on, so that the servers never block on it.
        lines.for_each(drop);
    });
    match receiver.recv_timeout(DEMO_PATIENCE) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new("The demo servers ended before they were ready")),
        Err(_) => Err(Failure::new("The demo servers did not say that they are ready")),
    }
}

fn is_ready(line: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(line).is_ok_and(|value| value["ready"] == true)
}

#[cfg(test)]
mod tests {
    use super::is_ready;

    #[test]
    fn only_the_ready_line_says_ready() {
        assert!(is_ready(r#"{"ready":true,"servers":7}"#));
        assert!(!is_ready(r#"{"ready":false}"#));
        assert!(!is_ready("listening"));
    }
}
