//! Debian packages that a task needs: which are missing, and installing them. The packages of npm are in `node`.

use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;

/// What the window is built from and runs on.
const WINDOW: &[&str] = &[
    "build-essential",
    "libayatana-appindicator3-dev",
    "libdbus-1-dev",
    "librsvg2-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "pkg-config",
];

/// What shows the window where there is no display, and takes its picture.
const HEADLESS: &[&str] = &["openbox", "scrot", "xvfb"];

/// What the checks need on top: a browser, a real keychain, and what drives a real window.
const TESTS: &[&str] =
    &["chromium", "dbus-daemon", "gnome-keyring", "libglib2.0-bin", "libsecret-tools", "webkit2gtk-driver", "xdotool"];

/// Without a question, without what is only suggested, and after another installation has ended, not beside it.
const INSTALL: &[&str] = &["install", "--quiet", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"];

/// What the packages are for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Build the window and open it on a display.
    Window,
    /// Open it without a display.
    Headless,
    /// Run every check.
    Tests,
}

impl Purpose {
    fn packages(self) -> Vec<&'static str> {
        match self {
            Self::Window => WINDOW.to_vec(),
            Self::Headless => [WINDOW, HEADLESS].concat(),
            Self::Tests => [WINDOW, HEADLESS, TESTS].concat(),
        }
    }
}

/// Installs what is missing for `purpose` where that is possible without a question; otherwise says what to do and fails.
/// On macOS and Windows nothing is needed beyond Rust, Node and the system's own web view.
pub(crate) fn install(purpose: Purpose) -> Outcome<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let wanted = purpose.packages();
    if !process::is_installed("dpkg-query") {
        return Err(Failure::new(format!(
            "This system has no apt. Install what these Debian packages hold, then add `--no-setup`: {}",
            wanted.join(" ")
        )));
    }
    let missing = missing(&wanted, &installed(&wanted));
    if missing.is_empty() {
        return Ok(());
    }
    let Some(become_root) = way_to_root() else {
        return Err(Failure::new(format!(
            "System packages are missing, and this account may not install them. Run this line, then try again:\n\
             sudo apt-get update && sudo apt-get install --yes --no-install-recommends {}",
            missing.join(" ")
        )));
    };
    println!("Installing {}", missing.join(" "));
    apt_get(become_root, &["update", "--quiet"])?;
    let arguments = [INSTALL, missing.as_slice()].concat();
    apt_get(become_root, &arguments)
}

/// What comes before a command that needs root: nothing for root itself, `sudo` where it asks no password.
fn way_to_root() -> Option<&'static [&'static str]> {
    let is_root = process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if is_root {
        return Some(&[]);
    }
    let sudo = Command::new("sudo").args(["-n", "true"]).output();
    sudo.is_ok_and(|answer| answer.status.success()).then_some(&["sudo", "-n"])
}

fn apt_get(become_root: &[&str], arguments: &[&str]) -> Outcome<()> {
    let line = [become_root, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    let (program, rest) = line.split_first().ok_or_else(|| Failure::new("no command to run"))?;
    process::succeed(Command::new(program).args(rest))
}

/// dpkg's listing of `wanted`. It names unknown packages on stderr and ends badly then, which is no failure here.
fn installed(wanted: &[&str]) -> String {
    Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\\n"])
        .args(wanted)
        .output()
        .map(|listing| String::from_utf8_lossy(&listing.stdout).into_owned())
        .unwrap_or_default()
}

fn missing<'a>(wanted: &[&'a str], listing: &str) -> Vec<&'a str> {
    let is_there = |package: &str| {
        listing
            .lines()
            .any(|line| line.split_once(' ').is_some_and(|(name, status)| name == package && status == "installed"))
    };
    wanted.iter().copied().filter(|package| !is_there(package)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Purpose, missing};

    #[test]
    fn a_package_that_was_removed_but_left_its_settings_is_missing() {
        let listing = "xvfb installed\nopenbox config-files\nxvfb-extras installed\n";
        assert_eq!(missing(&["xvfb", "openbox", "scrot"], listing), ["openbox", "scrot"]);
    }

    #[test]
    fn the_checks_need_all_that_the_window_needs() {
        let tests = Purpose::Tests.packages();
        for package in Purpose::Headless.packages() {
            assert!(tests.contains(&package), "{package} is needed to show the window without a display");
        }
    }
}
