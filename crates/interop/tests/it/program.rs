//! A server from elsewhere as a child process: started on ports the system chose, listened to, and killed when the test ends.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// How long a program may take to say what a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a port that was free a moment ago may turn out to be taken.
const TRIES: usize = 3;

/// How Node and Python say that a port is taken.
const TAKEN: [&str; 2] = ["EADDRINUSE", "address already in use"];

/// A running program. Dropping it kills it; after a failed test its words are shown.
pub(crate) struct Program {
    said: watch::Receiver<Vec<String>>,
    _child: Child,
}

/// The folder of the servers from npm. `None`, with a word about it, where nobody installed them.
#[expect(clippy::disallowed_methods, reason = "the test runner says so in the environment")]
#[expect(clippy::print_stdout, reason = "what is left out has to be seen")]
pub(crate) fn servers() -> Option<PathBuf> {
    let folder = std::env::var_os("REPLUG_INTEROP").map(PathBuf::from);
    if folder.is_none() {
        println!("LEFT OUT: the servers from npm are tried by `cargo xtask test interop` only");
    }
    folder
}

/// A Python with its servers. `None`, with a word about it, where there is none.
#[expect(clippy::disallowed_methods, reason = "the test runner says so in the environment")]
#[expect(clippy::print_stdout, reason = "what is left out has to be seen")]
pub(crate) fn python() -> Option<PathBuf> {
    let interpreter = std::env::var_os("REPLUG_INTEROP_PYTHON").map(PathBuf::from);
    if interpreter.is_none() {
        println!(
            "LEFT OUT: the servers for Python are tried by `cargo xtask test interop` only, where there is a Python"
        );
    }
    interpreter
}

/// Node with a script of the servers' folder.
pub(crate) fn node(servers: &Path, script: &str) -> Command {
    let mut command = Command::new("node");
    command.current_dir(servers).arg(script);
    command
}

impl Program {
    /// Starts a program that chooses its ports itself.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (saying, said) = watch::channel(Vec::new());
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        tokio::spawn(listen(stdout, saying.clone()));
        tokio::spawn(listen(stderr, saying));
        Self { said, _child: child }
    }

    /// Starts a program that has to be told its ports, and waits until it has said each of `ready`.
    pub(crate) async fn start_on<const N: usize>(
        command: impl Fn([u16; N]) -> Command,
        ready: &[&str],
    ) -> (Self, [u16; N]) {
        for _ in 0..TRIES {
            let ports = free_ports();
            let program = Self::start(command(ports));
            if program.is_ready(ready).await {
                return (program, ports);
            }
        }
        panic!("the ports were taken {TRIES} times");
    }

    /// Waits for a line that holds `part`, and returns it. Fails when the program ends before.
    pub(crate) async fn hear(&self, part: &str) -> String {
        self.until(|lines| lines.iter().any(|line| line.contains(part)), part).await;
        self.lines(part).remove(0)
    }

    /// Waits until so many lines hold `part`.
    pub(crate) async fn until_said(&self, part: &str, times: usize) {
        self.until(|lines| lines.iter().filter(|line| line.contains(part)).count() >= times, part).await;
    }

    /// What was said so far and holds `part`.
    pub(crate) fn lines(&self, part: &str) -> Vec<String> {
        self.said.borrow().iter().filter(|line| line.contains(part)).cloned().collect()
    }

    /// Whether the program got its ports; fails when it ends for another reason.
    async fn is_ready(&self, ready: &[&str]) -> bool {
        let taken = |lines: &[String]| lines.iter().any(|line| TAKEN.iter().any(|words| line.contains(words)));
        let all = |lines: &[String]| ready.iter().all(|part| lines.iter().any(|line| line.contains(part)));
        self.until(|lines| taken(lines) || all(lines), &ready.join(", ")).await;
        !taken(&self.said.borrow())
    }

    async fn until(&self, enough: impl Fn(&[String]) -> bool, what: &str) {
        let mut said = self.said.clone();
        let heard = tokio::time::timeout(PATIENCE, said.wait_for(|lines| enough(lines))).await;
        assert!(matches!(heard, Ok(Ok(_))), "the program never said: {what}");
    }
}

impl Drop for Program {
    #[expect(clippy::print_stdout, reason = "it belongs beside the failed test's own output")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the program said:\n{}", self.said.borrow().join("\n"));
        }
    }
}

async fn listen(pipe: impl AsyncRead + Unpin, saying: watch::Sender<Vec<String>>) {
    let mut lines = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        saying.send_modify(|said| said.push(line));
    }
}

/// Ports that are free now. They are asked for together, so that they differ.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.each_ref().map(|listener| listener.local_addr().unwrap().port())
}
