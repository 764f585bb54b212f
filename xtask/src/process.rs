//! Running other programs: watched, captured, or both. What they are asked to do is decided elsewhere.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use crate::failure::{Failure, Outcome, While as _};

/// What a watched program said and how it ended.
pub(crate) struct Watched {
    pub(crate) succeeded: bool,
    /// stdout and stderr, each in its own order.
    pub(crate) text: String,
}

/// Runs `command` in the developer's sight, without stdin, and fails when it fails.
pub(crate) fn succeed(command: &mut Command) -> Outcome<()> {
    if passes(command)? { Ok(()) } else { Err(Failure::new(format!("{} failed", shown(command)))) }
}

/// Runs `command` in the developer's sight, without stdin, and says whether it ended well.
pub(crate) fn passes(command: &mut Command) -> Outcome<bool> {
    let status = command.stdin(Stdio::null()).status().while_doing(|| starting(command))?;
    Ok(status.success())
}

/// Runs `command` unseen and returns its stdout. stderr stays visible.
pub(crate) fn capture(command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().while_doing(|| starting(command))?;
    if !output.status.success() {
        return Err(Failure::new(format!("{} failed", shown(command))));
    }
    String::from_utf8(output.stdout).while_doing(|| format!("reading what {} wrote", shown(command)))
}

/// Runs `command` in the developer's sight and keeps what it says, for a summary to be read from it.
pub(crate) fn watch(command: &mut Command) -> Outcome<Watched> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .while_doing(|| starting(command))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let text = thread::scope(|scope| {
        let errors = scope.spawn(|| stderr.map(|pipe| echo(pipe, std::io::stderr())));
        let mut text = stdout.map(|pipe| echo(pipe, std::io::stdout())).unwrap_or_default();
        if let Ok(Some(said)) = errors.join() {
            text.push_str(&said);
        }
        text
    });
    let status = child.wait().while_doing(|| format!("waiting for {}", shown(command)))?;
    Ok(Watched { succeeded: status.success(), text })
}

/// Runs `command` unseen and keeps everything it says.
pub(crate) fn overhear(command: &mut Command) -> Outcome<Watched> {
    let output = command.stdin(Stdio::null()).output().while_doing(|| starting(command))?;
    let [said, complained] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    Ok(Watched { succeeded: output.status.success(), text: format!("{said}{complained}") })
}

/// `outer` with `inner` as its last arguments, in the folder and with the variables of `inner`.
pub(crate) fn inside(mut outer: Command, inner: &Command) -> Command {
    outer.arg(inner.get_program()).args(inner.get_args());
    if let Some(folder) = inner.get_current_dir() {
        outer.current_dir(folder);
    }
    outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer
}

/// Whether `program` can be started and answers `--version`.
pub(crate) fn is_installed(program: &str) -> bool {
    let mut probe = Command::new(program);
    probe.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok()
}

/// The command as a person would type it, in back-ticks.
pub(crate) fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(std::ffi::OsStr::to_string_lossy));
    format!("`{}`", words.join(" "))
}

fn starting(command: &Command) -> String {
    format!("starting {}", shown(command))
}

/// Passes everything from `pipe` on to `terminal`, line by line, and returns it.
fn echo(pipe: impl Read, mut terminal: impl Write) -> String {
    let mut reader = BufReader::new(pipe);
    let mut text = String::new();
    let mut line = Vec::new();
    // A pipe that breaks is a program that died; its exit status says so.
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        // A terminal that was closed takes nothing away from the result.
        drop(terminal.write_all(&line).and_then(|()| terminal.flush()));
        text.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    text
}
