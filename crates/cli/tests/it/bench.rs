//! A scratch data folder and the binary that works in it. Servers come from the lab; what is expected is in the tests.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use replug_lab::{Conduct, Journey, Person};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "correct horse canary-passphrase";

/// A scratch folder. Secrets are kept in the encrypted file, so that they outlive each run.
pub(crate) struct Bench {
    folder: TempDir,
}

/// What one run left behind.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self { folder: TempDir::new().unwrap() };
        std::fs::write(bench.file("passphrase"), format!("{PASSPHRASE}\nanother line\n")).unwrap();
        bench
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary with an environment of its own: no proxy, no keychain, no home of a person.
    pub(crate) fn bare<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_replug"));
        let no_bus = format!("unix:path={}", self.file("no-bus").display());
        command.env_clear().env("HOME", self.folder.path()).env("DBUS_SESSION_BUS_ADDRESS", no_bus);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The binary in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let (data_dir, passphrase) = (self.data_dir(), self.file("passphrase"));
        let common = ["--data-dir".as_ref(), data_dir.as_os_str(), "--secrets".as_ref(), "file".as_ref()];
        let passphrase = ["--passphrase-file".as_ref(), passphrase.as_os_str()];
        self.bare(common.into_iter().chain(passphrase).chain(arguments.iter().map(OsStr::new)))
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments))
    }

    /// Runs with these lines on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // A command that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran::ended(child)
    }

    /// Runs with `--json`; the exit code and the one document.
    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let ran = self.run(&[&["--json"], arguments].concat());
        (ran.code.unwrap(), ran.document())
    }

    /// Starts `sign-in --print-address --json` and waits for its first address.
    pub(crate) fn start_sign_in(&self, connector: &str, more: &[&str]) -> SigningIn {
        let arguments = [&["--json", "sign-in", connector, "--print-address"], more].concat();
        let mut child = self.command(&arguments).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        SigningIn { child, lines }
    }

    /// Signs in as somebody who allows it.
    pub(crate) fn sign_in(&self, connector: &str) -> (i32, Value) {
        let mut signing_in = self.start_sign_in(connector, &[]);
        let address = signing_in.address();
        assert!(visit(Conduct::Allow, &address).returned(), "the browser came back to Replug");
        let (code, mut lines) = signing_in.finish();
        (code, lines.pop().unwrap())
    }
}

/// Opens an address and behaves like this.
pub(crate) fn visit(conduct: Conduct, address: &str) -> Journey {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Person::new(conduct).visit(address))
}

/// A sign-in that waits for a browser.
pub(crate) struct SigningIn {
    pub(crate) child: Child,
    lines: BufReader<ChildStdout>,
}

impl SigningIn {
    /// The address of the next `open` line.
    pub(crate) fn address(&mut self) -> String {
        self.event("open")["address"].as_str().unwrap().to_owned()
    }

    /// The next line, which has to be this event.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: `{line}`"));
        assert_eq!(event["event"], name, "{event}");
        event
    }

    /// The exit code and the lines that were left.
    pub(crate) fn finish(mut self) -> (i32, Vec<Value>) {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        let code = self.child.wait().unwrap().code().unwrap();
        (code, rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }
}

impl Ran {
    pub(crate) fn of(mut command: Command) -> Self {
        Self::ended(command.spawn().unwrap())
    }

    fn ended(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The one document on standard output.
    pub(crate) fn document(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "one document: {}", self.stdout);
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// Everything, as a snapshot takes it.
    pub(crate) fn all(&self) -> String {
        let code = self.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        format!("exit: {code}\n--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }
}

/// What differs from run to run, and what stands for it in a snapshot.
pub(crate) const CHANGING: [(&str, &str); 12] = [
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "[time]"),
    (r#""(duration_ms|started_ms)":\d+"#, r#""$1":"[ms]""#),
    (r"\b\d+ ms", "[n] ms"),
    (r#""id":"[a-z2-7]{10}([:"])"#, r#""id":"[id]$1"#),
    (r#""connector":"[a-z2-7]{10}""#, r#""connector":"[id]""#),
    (r#""id":"[0-9a-f]{12}""#, r#""id":"[finding]""#),
    (r"\(([a-z2-7]{10})\)", "([id])"),
    (r"client-[\w-]+", "client-[id]"),
    (r"\b[A-Z]{4}-[A-Z]{4}\b(\W)", "[code]$1"),
    (r"/callback/[\w-]+", "/callback/[service]"),
    (r"(id  +|sign-in |approve )[a-z2-7]{10}\b", "$1[id]"),
];

/// Compares everything a run printed, and how it ended, with the snapshot of this name.
macro_rules! assert_run {
    ($name:expr, $ran:expr) => {
        insta::with_settings!({ filters => $crate::bench::CHANGING.to_vec(), omit_expression => true }, {
            insta::assert_snapshot!($name, $ran.all());
        })
    };
}
pub(crate) use assert_run;
