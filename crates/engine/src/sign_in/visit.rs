//! The part of an attempt that waits for a person: asking whether the host is right, opening the browser, and taking what comes
//! back from it or from the clipboard. Which address is opened is decided in `flow`.

use replug_core::{Code, Failure};
use replug_net::BrowserAddress;
use replug_oauth::{Attempt, Callback, Listener, accept_pasted};
use tokio::time::Instant;

use super::Command;
use super::flow::Flow;
use crate::view;
use crate::wire::{SignInPlan, SignInStep};

/// How the wait for the browser ended.
pub(super) enum Visited {
    /// It came back.
    Returned(Callback),
    /// The person goes on, on another device.
    OnDevice,
}

impl Flow {
    /// Sends the person to the sign-in page and waits for the answer. `refused` ends with what the page refuses, if it does.
    pub(super) async fn visit(
        &mut self,
        attempt: &Attempt,
        iss_required: bool,
        (listener, plan): (Listener, SignInPlan),
        refused: impl Future<Output = Failure>,
    ) -> Result<Visited, Failure> {
        let device_offered = plan.device_offered;
        self.confirm(&plan).await?;
        let until = Instant::now() + self.options.timeout;
        self.progress.until = Some(view::time(self.engine.edges().clock.now() + self.options.timeout));
        self.progress.plan = Some(plan);
        self.tell(SignInStep::Waiting);
        if self.options.open_browser && !self.open(&attempt.address) && device_offered {
            return Ok(Visited::OnDevice);
        }
        // Cancelling drops this whole future, so the listener needs no signal of its own.
        let waiting = listener.wait(attempt, iss_required, until, std::future::pending());
        tokio::pin!(waiting, refused);
        loop {
            tokio::select! {
                outcome = &mut waiting => return outcome.map(Visited::Returned),
                failure = &mut refused => return Err(failure),
                Some(command) = self.inbox.recv() => {
                    if matches!(command, Command::OnDevice) && device_offered {
                        return Ok(Visited::OnDevice);
                    }
                    if let Some(callback) = self.obey(command, attempt, iss_required)? {
                        return Ok(Visited::Returned(callback));
                    }
                }
            }
        }
    }

    /// What is unusual waits for the person to say that it is right.
    pub(super) async fn confirm(&mut self, plan: &SignInPlan) -> Result<(), Failure> {
        if plan.warning.is_none() || !self.options.confirm_unusual {
            return Ok(());
        }
        self.progress.plan = Some(plan.clone());
        self.tell(SignInStep::Confirm);
        let deadline = Instant::now() + self.options.timeout;
        loop {
            let waiting = tokio::time::timeout_at(deadline, self.inbox.recv()).await;
            match waiting.map_err(|_| Failure::new(Code::AuthTimeout))? {
                Some(Command::Confirm) => return Ok(()),
                Some(Command::OpenAgain | Command::OnDevice) => {}
                Some(Command::Paste(_, answer)) => {
                    let _ = answer.send(Err(Failure::new(Code::AuthStateMismatch)
                        .with_text("The browser was not opened yet. Say first that the address is right.")));
                }
                None => return Err(Failure::new(Code::LocalCancelled)),
            }
        }
    }

    fn obey(&mut self, command: Command, attempt: &Attempt, iss_required: bool) -> Result<Option<Callback>, Failure> {
        match command {
            Command::Confirm | Command::OnDevice => Ok(None),
            Command::OpenAgain => {
                self.open(&attempt.address);
                Ok(None)
            }
            Command::Paste(address, answer) => match accept_pasted(attempt, iss_required, &address) {
                Ok(callback) => {
                    let _ = answer.send(Ok(()));
                    Ok(Some(callback))
                }
                // Not of this attempt: nothing has happened, and the browser may still come.
                Err(failure) if failure.code == Code::AuthStateMismatch => {
                    let _ = answer.send(Err(failure));
                    Ok(None)
                }
                Err(failure) => {
                    let _ = answer.send(Ok(()));
                    Err(failure)
                }
            },
        }
    }

    /// A browser that cannot be opened is no end: the link can be copied. Returns whether it was opened.
    pub(super) fn open(&mut self, address: &BrowserAddress) -> bool {
        let Err(failure) = self.engine.edges().browser.open(address) else { return true };
        self.note(format!("{} {}", failure.sentence(), failure.code.info().hint));
        self.tell(SignInStep::Waiting);
        false
    }
}
