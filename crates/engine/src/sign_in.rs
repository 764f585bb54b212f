//! Signing in, as every shell asks for it: starting, joining, steering and cancelling an attempt. What an attempt does is in
//! `flow`; one is alive for each connector at most, in this process and on this computer.

mod again;
mod client;
mod finish;
mod flow;
mod moved;
mod on_device;
mod pause;
mod plan;
mod step_up;
mod tries;
mod visit;

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use replug_core::{Code, ConnectorId, Failure};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

pub(crate) use client::{CALLBACK_ADDRESS, entered, redirect_address};
pub(crate) use finish::needed;
use flow::Flow;
pub(crate) use moved::{issuer_changed, issuer_here, moved_from};
pub(crate) use step_up::{LIST, endless};

use crate::Engine;
use crate::engine::guard;
use crate::wire::{Event, SignInProgress, SignInStep};

/// How long Replug waits for the browser.
const USUAL_TIMEOUT: Duration = Duration::from_mins(10);

/// How a sign-in is to be done.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own, and any of them go together")]
pub struct SignInOptions {
    /// Whether the browser is opened; otherwise the address is only told.
    pub open_browser: bool,
    /// Whether the person is asked first when the host is unusual or the sign-in service is another one than before.
    pub confirm_unusual: bool,
    /// Whether another sign-in service than before is accepted without asking. Otherwise the attempt ends with
    /// `RPL-AUTH-ISSUER-CHANGED` where nobody can be asked.
    pub accept_move: bool,
    /// Whether the person signs in on another device, from the start. Otherwise they do when no browser can be opened here, or
    /// when the service takes no callback address, as far as the service offers it.
    pub on_device: bool,
    /// How long Replug waits for the person.
    pub timeout: Duration,
}

impl Default for SignInOptions {
    fn default() -> Self {
        Self {
            open_browser: true,
            confirm_unusual: false,
            accept_move: false,
            on_device: false,
            timeout: USUAL_TIMEOUT,
        }
    }
}

/// The attempts that are alive in this process.
#[derive(Default)]
pub(crate) struct SignIns(Mutex<HashMap<ConnectorId, Live>>);

struct Live {
    cancel: CancellationToken,
    commands: mpsc::Sender<Command>,
    progress: watch::Receiver<SignInProgress>,
}

/// The end of an attempt, whether it came to it or broke off.
struct Ending {
    engine: Engine,
    id: ConnectorId,
    told: watch::Sender<SignInProgress>,
    /// Its last word; `None` when it broke off.
    last: Option<SignInProgress>,
}

impl Ending {
    fn tell(mut self, last: SignInProgress) {
        self.last = Some(last);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Not alive any more before it is told, so that whoever hears it can start the next one.
        let live = guard(&self.engine.inner.sign_ins.0).remove(&self.id);
        drop(live);
        let last = self.last.take().unwrap_or_else(|| plan::broken_off(&self.told.borrow()));
        self.engine.tell_sign_in(&last);
        self.told.send_replace(last);
    }
}

/// What a person can do while an attempt is alive.
pub(crate) enum Command {
    /// Go on although something is unusual.
    Confirm,
    /// Open the browser once more.
    OpenAgain,
    /// Sign in on another device instead.
    OnDevice,
    /// Take this address in place of the browser's answer.
    Paste(String, oneshot::Sender<Result<(), Failure>>),
}

/// A sign-in that was started or joined.
#[derive(Debug)]
pub struct SignInRun(watch::Receiver<SignInProgress>);

impl SignInRun {
    /// Waits until it has ended, and returns its last word.
    pub async fn ended(mut self) -> SignInProgress {
        let ended = self.0.wait_for(|progress| progress.step == SignInStep::Done).await.map(|last| last.clone());
        // An attempt that broke off without a last word: what it last said is all there is.
        ended.unwrap_or_else(|_| self.0.borrow().clone())
    }
}

impl SignIns {
    pub(crate) fn is_live(&self, id: &ConnectorId) -> bool {
        guard(&self.0).get(id).is_some_and(|live| live.progress.borrow().step == SignInStep::Waiting)
    }
}

impl Engine {
    /// Starts a sign-in, or joins the one that is alive. Progress comes as [`Event::SignIn`] and ends with the step `done`.
    ///
    /// Fails with `RPL-USE-NO-SUCH-CONNECTOR` and `RPL-APP-NOT-APPROVED`; every other failure is told by the last progress.
    pub async fn sign_in(&self, id: &ConnectorId, options: SignInOptions) -> Result<SignInRun, Failure> {
        self.stored(id).await?;
        self.require_approval(id).await?;
        // One that was cancelled is on its way out: it is not joined, it is waited for.
        while let Some(dying) = self.cancelled_run(id) {
            dying.ended().await;
        }
        Ok(SignInRun(self.start_or_join(id, options)))
    }

    fn cancelled_run(&self, id: &ConnectorId) -> Option<SignInRun> {
        let live = guard(&self.inner.sign_ins.0);
        live.get(id).filter(|live| live.cancel.is_cancelled()).map(|live| SignInRun(live.progress.clone()))
    }

    fn start_or_join(&self, id: &ConnectorId, options: SignInOptions) -> watch::Receiver<SignInProgress> {
        let mut live = guard(&self.inner.sign_ins.0);
        if let Some(running) = live.get(id) {
            return running.progress.clone();
        }
        let cancel = CancellationToken::new();
        let (commands, inbox) = mpsc::channel(8);
        let (told, progress) = watch::channel(plan::preparing(id));
        live.insert(id.clone(), Live { cancel: cancel.clone(), commands, progress: progress.clone() });
        drop(live);
        let ending = Ending { engine: self.clone(), id: id.clone(), told: told.clone(), last: None };
        let flow = Flow::new(self.clone(), id.clone(), options, cancel, (inbox, told));
        tokio::spawn(async move { ending.tell(Box::pin(flow.run()).await) });
        progress
    }

    /// Goes on with an attempt that asked whether its host or its service is right.
    pub async fn confirm_sign_in(&self, id: &ConnectorId) -> Result<(), Failure> {
        self.command(id, Command::Confirm).await
    }

    /// Opens the browser once more for an attempt that is alive.
    pub async fn open_again(&self, id: &ConnectorId) -> Result<(), Failure> {
        self.command(id, Command::OpenAgain).await
    }

    /// Goes on with a code that is entered on another device; nothing happens when the service offers no such thing.
    pub async fn sign_in_on_device(&self, id: &ConnectorId) -> Result<(), Failure> {
        self.command(id, Command::OnDevice).await
    }

    /// Takes the address that the browser could not load.
    ///
    /// Fails with the reason when it does not belong to this attempt; the attempt goes on then.
    pub async fn paste_callback(&self, id: &ConnectorId, address: String) -> Result<(), Failure> {
        let (answer, answered) = oneshot::channel();
        self.command(id, Command::Paste(address, answer)).await?;
        answered.await.unwrap_or_else(|_| Err(not_live()))
    }

    /// Ends an attempt; nothing happens when none is alive.
    pub fn cancel_sign_in(&self, id: &ConnectorId) {
        if let Some(live) = guard(&self.inner.sign_ins.0).get(id) {
            live.cancel.cancel();
        }
    }

    /// Drops the registration here and at the service, and signs in anew.
    pub async fn forget_and_retry(&self, id: &ConnectorId, options: SignInOptions) -> Result<SignInRun, Failure> {
        let live = guard(&self.inner.sign_ins.0).get(id).map(|live| SignInRun(live.progress.clone()));
        if let Some(live) = live {
            // Waited for, or the new one would only join it.
            self.cancel_sign_in(id);
            live.ended().await;
        }
        self.drop_grant(id).await?;
        self.sign_in(id, options).await
    }

    async fn command(&self, id: &ConnectorId, command: Command) -> Result<(), Failure> {
        let commands = guard(&self.inner.sign_ins.0).get(id).map(|live| live.commands.clone());
        commands.ok_or_else(not_live)?.send(command).await.map_err(|_| not_live())
    }

    pub(crate) fn tell_sign_in(&self, progress: &SignInProgress) {
        self.send(Event::SignIn { progress: Box::new(progress.clone()) });
    }
}

fn not_live() -> Failure {
    Failure::new(Code::LocalCancelled).with_text("This sign-in has ended already.")
}
