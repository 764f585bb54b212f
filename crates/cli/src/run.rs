//! Carrying a command out: opening the engine, running one use case, and ending cleanly when the person interrupts. The use
//! cases themselves are the engine's; each file beside this one delegates a group of commands to it.

mod apps;
mod checks;
mod connectors;
mod files;
mod leaving;
mod sign_in;
mod support;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use replug_core::{Clock as _, Code, Failure, Secret, StoredIn};
use replug_engine::{Engine, OpenOptions, Patience, SystemClock};
use replug_net::SystemBrowser;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::args::{Cli, Command, Common, StdinValue};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::print::{Document, Screen};
use crate::{log, stdin};

/// How long an interrupted command may take to leave everything whole.
const GRACE: Duration = Duration::from_secs(5);

/// What every command works with. Copies are the same engine.
#[derive(Clone)]
struct Shell {
    engine: Engine,
    screen: Screen,
    /// Ends when the person interrupts.
    stop: CancellationToken,
}

impl Shell {
    /// Runs what may be broken off anywhere.
    ///
    /// Fails with `RPL-LOCAL-CANCELLED` when the person interrupts.
    async fn unless_stopped<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            done = work => done,
            () = self.stop.cancelled() => Err(Code::LocalCancelled.into()),
        }
    }
}

/// What was typed, complete: nothing is asked for any more.
struct Job {
    command: Command,
    typed: Vec<(StdinValue, Secret<String>)>,
    options: OpenOptions,
}

/// Carries out what was typed, and prints the answer.
pub(crate) fn run(cli: Cli, environment: Environment) -> Exit {
    let screen = Screen::new(cli.common.json, environment.plain);
    log::start(cli.common.verbose, environment.plain);
    let (outcome, interrupted) = match prepare(cli, environment) {
        Ok(Prepared::Answered(document)) => (Ok(*document), false),
        Ok(Prepared::Ready(job)) => carry_out(*job, screen),
        Err(failure) => (Err(failure), false),
    };
    let exit = match outcome {
        Ok(document) => screen.answer(&document, SystemClock.now()),
        Err(failure) => screen.failure(&failure),
    };
    if interrupted { Exit::Interrupted } else { exit }
}

/// A command before the engine is opened.
enum Prepared {
    /// The answer was in the code table.
    Answered(Box<Document>),
    /// The engine is needed.
    Ready(Box<Job>),
}

/// Asks for everything that is typed, so that nothing is half-done when it is missing.
fn prepare(cli: Cli, environment: Environment) -> Result<Prepared, Failure> {
    let Cli { common, mut command } = cli;
    if let Command::Explain(args) = &command {
        return support::explain(args).map(|document| Prepared::Answered(Box::new(document)));
    }
    if let Command::Reset(args) = &command {
        support::confirm_reset(args)?;
    }
    let wanted = match &mut command {
        Command::Add(args) => std::mem::take(&mut args.settings.from_stdin.0),
        Command::Edit(args) => std::mem::take(&mut args.settings.from_stdin.0),
        _ => Vec::new(),
    };
    let typed = stdin::secrets(wanted)?;
    let options = open_options(common, environment)?;
    Ok(Prepared::Ready(Box::new(Job { command, typed, options })))
}

fn open_options(common: Common, environment: Environment) -> Result<OpenOptions, Failure> {
    let data_dir: Option<PathBuf> = common.data_dir.or(environment.data_dir);
    let data_dir = data_dir
        .ok_or_else(|| Failure::new(Code::LocalDisk).with_text("There is no home folder to keep Replug's data in."))?;
    let passphrase = match (common.secrets, common.passphrase_file.as_deref()) {
        (Some(StoredIn::File), file) => Some(stdin::passphrase(file)?),
        // Whether it is needed stands in the database, which is not open yet.
        (None, Some(file)) => Some(stdin::passphrase(Some(file))?),
        (None, None) | (Some(StoredIn::Keychain | StoredIn::Memory), _) => None,
    };
    Ok(OpenOptions {
        data_dir,
        secrets: common.secrets,
        passphrase,
        browser: Arc::new(SystemBrowser),
        // The keychain may ask the person to unlock it, and nothing else waits for that here.
        patience: Patience::Background,
        computer: environment.computer,
        proxy_hosts: environment.proxy_hosts,
    })
}

/// Runs the job to its end. The flag says whether the person interrupted it.
fn carry_out(job: Job, screen: Screen) -> (Result<Document, Failure>, bool) {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return (Err(bug(error.to_string())), false),
    };
    let outcome = runtime.block_on(supervise(job, screen));
    // Whatever is still waiting for the keychain must not keep the process.
    runtime.shutdown_background();
    outcome
}

/// Runs the job as a task of its own, so that a panic in it is an answer too, and listens for the person meanwhile.
async fn supervise(job: Job, screen: Screen) -> (Result<Document, Failure>, bool) {
    let stop = CancellationToken::new();
    let mut work = tokio::spawn(perform(job, screen, stop.clone()));
    tokio::select! {
        done = &mut work => return (settled(done), false),
        () = interruption() => stop.cancel(),
    }
    (wind_up(work).await, true)
}

/// Waits for an interrupted command to leave everything whole, but not for ever, and not against the person's will.
async fn wind_up(mut work: JoinHandle<Result<Document, Failure>>) -> Result<Document, Failure> {
    tokio::select! {
        done = &mut work => settled(done),
        () = tokio::time::sleep(GRACE) => Err(Code::LocalCancelled.into()),
        () = interruption() => Err(Code::LocalCancelled.into()),
    }
}

/// Ends when the person presses Ctrl-C. Where that cannot be heard, the system ends the process by itself.
async fn interruption() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "interruptions cannot be heard");
        std::future::pending::<()>().await;
    }
}

fn settled(done: Result<Result<Document, Failure>, JoinError>) -> Result<Document, Failure> {
    done.unwrap_or_else(|error| Err(bug(error.to_string())))
}

fn bug(reason: String) -> Failure {
    Failure::new(Code::LocalInternal).with_fact("Reason", reason)
}

async fn perform(job: Job, screen: Screen, stop: CancellationToken) -> Result<Document, Failure> {
    let Job { command, typed, options } = job;
    let opened = Engine::open(options).await?;
    if let Some(notice) = &opened.notice {
        screen.warning(notice);
    }
    unlock(&opened.engine).await?;
    opened.engine.resume().await;
    let shell = Shell { engine: opened.engine.clone(), screen, stop };
    let done = delegate(&shell, command, &typed).await;
    // A token that is being renewed would be lost with this process.
    let settled = opened.engine.settle().await;
    if let (Err(failure), Err(_)) = (&settled, &done) {
        tracing::warn!(code = %failure.code, "a command that failed left something behind that is not stored");
    }
    // What the person asked for comes first.
    done.and_then(|document| settled.map(|()| document))
}

/// Asks for the passphrase of an encrypted file that was chosen in the window. Where nobody can be asked it stays locked, which
/// hinders only what needs a secret.
async fn unlock(engine: &Engine) -> Result<(), Failure> {
    if !engine.needs_passphrase() {
        return Ok(());
    }
    let asked = tokio::task::spawn_blocking(stdin::passphrase_of_person).await;
    match asked.unwrap_or_else(|error| Err(bug(error.to_string())))? {
        Some(passphrase) => engine.unlock_sign_ins(passphrase.into()).await,
        None => Ok(()),
    }
}

async fn delegate(
    shell: &Shell,
    command: Command,
    typed: &[(StdinValue, Secret<String>)],
) -> Result<Document, Failure> {
    match command {
        Command::Add(args) => connectors::add(shell, args, typed).await,
        Command::Edit(args) => connectors::edit(shell, args, typed).await,
        Command::List => connectors::list(shell).await,
        Command::Show(args) => connectors::show(shell, &args).await,
        Command::Check(args) => checks::check(shell, &args).await,
        Command::Diagnose(args) => checks::diagnose(shell, &args).await,
        Command::Tools(args) => checks::tools(shell, &args).await,
        Command::SignIn(args) => sign_in::sign_in(shell, &args).await,
        Command::SignOut(args) => leaving::sign_out(shell, &args).await,
        Command::Forget(args) => leaving::forget(shell, &args).await,
        Command::Remove(args) => leaving::remove(shell, &args).await,
        Command::Reset(_) => leaving::reset(shell).await,
        Command::Approve(args) => apps::approve(shell, &args).await,
        Command::Apps => apps::apps(shell).await,
        Command::Scan(args) => apps::scan(shell, &args).await,
        Command::Import(args) => apps::import(shell, &args).await,
        Command::Export(args) => files::export(shell, &args).await,
        Command::ImportFile(args) => files::import(shell, &args).await,
        Command::KeychainTest => support::keychain_test(shell).await,
        Command::Explain(args) => support::explain(&args),
    }
}
