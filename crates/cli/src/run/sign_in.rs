//! `sign-in`: starting an attempt, telling where the browser goes, and waiting for the end. The attempt is the engine's.

use replug_core::{Code, ConnectorId, Failure};
use replug_engine::wire::{DeviceCode, Event, SignInPlan, SignInProgress, SignInStep};
use replug_engine::{EventStream, SignInOptions, SignInRun};
use serde::Serialize;

use super::Shell;
use crate::args::SignInArgs;
use crate::exit::Exit;
use crate::print::{self, Document, Screen};

pub(super) async fn sign_in(shell: &Shell, args: &SignInArgs) -> Result<Document, Failure> {
    let id = shell.engine.find(&args.connector).await?;
    let options = SignInOptions {
        open_browser: !args.print_address,
        confirm_unusual: false,
        accept_move: false,
        on_device: args.device,
        timeout: args.timeout,
    };
    // Before the attempt begins, so that none of its events is missed.
    let events = shell.engine.subscribe();
    let run = shell.engine.sign_in(&id, options).await?;
    let teller = Teller::new(shell.screen, &id, args.print_address);
    let last = follow(shell, &id, teller, (events, run)).await;
    let connector = match last.connector {
        Some(connector) => connector,
        None => Box::new(shell.engine.get(&id).await?),
    };
    if last.step != SignInStep::Done {
        return Err(Failure::new(Code::LocalInternal).with_fact("Reason", "the sign-in broke off without a last word"));
    }
    Ok(Document::SignedIn { event: "done", connector, error: last.error, address_printed: args.print_address })
}

/// Tells every step until the last one. An interruption ends the attempt, which then has its last word like any other.
async fn follow(
    shell: &Shell,
    id: &ConnectorId,
    mut teller: Teller,
    (mut events, run): (EventStream, SignInRun),
) -> SignInProgress {
    let ended = run.ended();
    tokio::pin!(ended);
    let mut cancelled = false;
    loop {
        tokio::select! {
            biased;
            Some(event) = events.next() => teller.hear(&event),
            last = &mut ended => return last,
            () = shell.stop.cancelled(), if !cancelled => {
                shell.engine.cancel_sign_in(id);
                cancelled = true;
            }
        }
    }
}

/// Tells a person or a script what an attempt does.
struct Teller {
    screen: Screen,
    id: String,
    print_address: bool,
    /// What was told last: a second address or code follows when the registration was replaced.
    plan: Option<SignInPlan>,
    note: Option<String>,
}

/// The line of a script.
#[derive(Serialize)]
struct Open<'a> {
    event: &'static str,
    address: &'a str,
}

/// The same for a sign-in on another device.
#[derive(Serialize)]
struct OnDevice<'a> {
    event: &'static str,
    address: &'a str,
    user_code: &'a str,
    /// The address with the code in it; the plain one where the service has none.
    complete_address: &'a str,
}

impl Teller {
    fn new(screen: Screen, id: &ConnectorId, print_address: bool) -> Self {
        Self { screen, id: id.to_string(), print_address, plan: None, note: None }
    }

    fn hear(&mut self, event: &Event) {
        let Event::SignIn { progress } = event else { return };
        if progress.id != self.id {
            return;
        }
        if let Some(note) = progress.note.as_ref().filter(|note| self.note.as_ref() != Some(note)) {
            self.screen.remark(note);
            self.note = Some(note.clone());
        }
        let waiting = progress.step == SignInStep::Waiting;
        if let Some(plan) = progress.plan.as_ref().filter(|plan| waiting && self.plan.as_ref() != Some(plan)) {
            self.plan = Some(plan.clone());
            // An address that cannot be printed is still in the browser.
            let _: Result<(), Exit> = self.open(plan);
        }
    }

    fn open(&self, plan: &SignInPlan) -> Result<(), Exit> {
        if let Some(warning) = &plan.warning {
            self.screen.remark(warning);
        }
        if let Some(device) = &plan.device {
            return self.tell_code(plan, device);
        }
        if self.screen.is_json() {
            return self.screen.object(&Open { event: "open", address: &plan.address });
        }
        if self.print_address {
            self.screen.remark(&format!("Open this address in a browser to sign in at {}:", plan.host));
            return print::bare_line(&plan.address);
        }
        self.screen.remark(&format!("Your browser opens {}. If it does not, open this address:", plan.host));
        self.screen.remark(&plan.address);
        Ok(())
    }

    fn tell_code(&self, plan: &SignInPlan, device: &DeviceCode) -> Result<(), Exit> {
        let DeviceCode { code, address } = device;
        if self.screen.is_json() {
            let complete_address = &plan.address;
            return self.screen.object(&OnDevice { event: "device", address, user_code: code, complete_address });
        }
        self.screen.remark(&format!("On any device, open this page of {} and enter the code {code}:", plan.host));
        if self.print_address {
            return print::bare_line(address);
        }
        self.screen.remark(address);
        Ok(())
    }
}
