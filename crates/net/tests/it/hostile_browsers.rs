//! The real opener with hostile values of `BROWSER` and traps on the `PATH` (T02): whatever they say, one program is started
//! with the address whole. The addresses themselves are judged in `hostile_addresses`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use replug_net::{Browser as _, SystemBrowser, gate_for_browser};

/// What passes the gate although a shell would love it.
const ADDRESS: &str = "https://auth.example/a;touch$IFS'canary'|x?`touch`=$(touch)&x=%s&--help=*&x=[a]";

/// The variable that tells the child what to open.
const OPEN: &str = "REPLUG_TEST_OPEN";

/// Programs that must never be started with anything but the address.
const TRAPS: &[&str] =
    &["trap", "touch", "cmd.exe", "powershell", "rundll32.exe", "firefox", "x-www-browser", "www-browser"];

const HOSTILE: &[&str] = &[
    "",
    ":",
    "%s",
    "trap",
    "trap %s",
    "trap '%s'",
    "trap \"%s\"",
    "trap %s --flag",
    "trap --flag %s",
    "trap --flag=%s",
    "trap;touch canary",
    "trap;touch %s",
    "trap && touch canary",
    "trap || touch canary",
    "trap | touch canary",
    "trap & touch canary",
    "$(touch canary)",
    "`touch canary`",
    "trap $(touch canary)",
    "trap `touch canary` %s",
    "trap > canary",
    "trap %s > canary",
    "trap %s%s",
    "trap %s %s",
    "trap %n%n%n",
    "trap %d %s",
    "trap %*s",
    "trap \\%s",
    "trap %%s",
    "trap\ntouch canary",
    "trap\ttouch\tcanary %s",
    "--help",
    "-c touch",
    "sh -c %s",
    "sh -c 'touch canary'",
    "eval %s",
    "xdg-open",
    "xdg-open:xdg-open",
    "/nowhere/at/all",
    "../../trap",
    "~/trap",
    "trap:trap:trap",
    "${IFS}trap",
    "*",
    "\u{202e}part",
];

#[test]
#[ignore = "a part of the tests below, which start it as a program of its own with another environment"]
#[expect(clippy::disallowed_methods, reason = "the environment is what this is about")]
fn opens_what_it_is_told() {
    let address = std::env::var(OPEN).unwrap();
    SystemBrowser.open(&gate_for_browser(&address, false).unwrap()).unwrap();
}

/// A folder that is the whole `PATH`, and what the programs in it say.
struct Stage {
    folder: tempfile::TempDir,
    lines: Receiver<String>,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("said");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // Opened for both, so that it has no end when a writer goes.
        let reader = BufReader::new(fs::File::options().read(true).write(true).open(&pipe).unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { folder, lines }
    }

    fn programs(&self) -> PathBuf {
        let programs = self.folder.path().join("programs");
        fs::create_dir_all(&programs).unwrap();
        programs
    }

    /// A program that says its name and its arguments, in one line.
    fn add(&self, name: &str) {
        let pipe = self.folder.path().join("said");
        self.write(name, &format!("printf '%s' \"{name} $#:$*\n\" > '{}'", pipe.display()));
    }

    fn write(&self, name: &str, lines: &str) {
        let path = self.programs().join(name);
        fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Opens [`ADDRESS`] with this `BROWSER`, and returns what was said until `last` was.
    fn open(&self, browser: &str, last: &str) -> Vec<String> {
        let programs = self.programs();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "hostile_browsers::opens_what_it_is_told", "--ignored"])
            .env_clear()
            .env("PATH", &programs)
            .env("HOME", self.folder.path())
            .env("BROWSER", browser)
            .env(OPEN, ADDRESS)
            .current_dir(&programs)
            .output()
            .unwrap();
        assert!(status.status.success(), "{browser:?}: {}", String::from_utf8_lossy(&status.stdout));
        let mut said = Vec::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(30));
            let line = line.unwrap_or_else(|_| panic!("{browser:?}: nothing more after {said:?}"));
            let done = line.starts_with(last);
            said.push(line);
            if done {
                return said;
            }
        }
    }
}

fn address() -> String {
    gate_for_browser(ADDRESS, false).unwrap().as_str().to_owned()
}

#[test]
fn no_value_of_browser_changes_what_the_systems_opener_is_started_with() {
    let stage = Stage::new();
    for name in TRAPS.iter().chain(&["sh", "xdg-open"]) {
        stage.add(name);
    }
    for browser in HOSTILE {
        let said = stage.open(browser, "xdg-open ");
        assert_eq!(said, [format!("xdg-open 1:{}", address())], "{browser:?}");
    }
    assert!(HOSTILE.len() >= 40);
}

#[test]
fn without_a_system_opener_the_address_is_never_taken_apart() {
    let stage = Stage::new();
    for name in TRAPS {
        stage.add(name);
    }
    for tool in ["grep", "sed", "uname", "tr", "cut", "head"] {
        if let Some(path) = found(tool) {
            symlink(path, stage.programs().join(tool)).unwrap();
        }
    }
    let pipe = stage.folder.path().join("said");
    stage.write("sh", &format!("/bin/sh \"$@\"\necho done > '{}'", pipe.display()));
    let mut started = 0;
    for browser in HOSTILE {
        let mut said = stage.open(browser, "done");
        said.pop();
        for line in said {
            let (program, arguments) = line.split_once(' ').unwrap();
            assert!(TRAPS.contains(&program), "{browser:?}: {line}");
            if program == "touch" {
                assert!(!arguments.contains("canary'"), "nothing of the address is a command: {browser:?}: {line}");
            }
            // The person's own value may add words; the address is one of them, or no part of it is there.
            let whole = arguments.contains(&address()) || !arguments.contains("auth.example");
            assert!(whole || browser.contains("%%s"), "{browser:?}: {line}");
            started += 1;
        }
        assert!(!stage.programs().join("canary'").exists(), "{browser:?}");
    }
    assert!(started > 0, "some values are programs, so something has to be started");
}

fn found(tool: &str) -> Option<PathBuf> {
    ["/usr/bin", "/bin"].iter().map(|folder| Path::new(folder).join(tool)).find(|path| path.exists())
}
