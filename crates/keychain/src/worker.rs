//! The thread that owns the store and does one call after the other. How long anybody waits for it is not decided here.
//!
//! A thread of its own has three reasons: a store may show the person a window and block for as long as it stays open; some
//! stores panic when they are called inside an asynchronous runtime; and some mind being called from several threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use replug_core::{Code, Failure};
use tokio::sync::watch;

use crate::StoreError;
use crate::parts::Records;

/// One call to the store. It is handed an error when the store could not be opened, and leaves the answer to be delivered.
pub(crate) type Job = Box<dyn FnOnce(Result<&Records, StoreError>) -> Delivery + Send>;

/// Hands the answer to whoever waits for it, once the worker is free again: who has an answer may ask the next question.
pub(crate) type Delivery = Box<dyn FnOnce()>;

/// Opens the store. Called again after a failure, because a keychain can be started or unlocked later.
pub(crate) type Opener = Box<dyn FnMut() -> Result<Records, StoreError> + Send>;

/// What the worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    /// Waiting for a call.
    Idle,
    /// In a call to the store.
    Running {
        /// Whether the store was locked when the call began, so that it waits for a person.
        locked: bool,
    },
    /// In a call that somebody has given up waiting for.
    Overdue {
        /// As in `Running`.
        locked: bool,
    },
}

/// The sending side of the worker. Dropping it ends the thread after the call it is in.
pub(crate) struct Worker {
    jobs: mpsc::Sender<Job>,
    activity: watch::Sender<Activity>,
}

impl Worker {
    pub(crate) fn start(opener: Opener) -> Result<Self, Failure> {
        let (jobs, queue) = mpsc::channel();
        let activity = watch::Sender::new(Activity::Idle);
        let thread = Thread { opener, records: None, activity: activity.clone() };
        thread::Builder::new()
            .name("replug-keychain".to_owned())
            .spawn(move || thread.serve(&queue))
            .map_err(|error| Failure::new(Code::LocalInternal).with_said(error.to_string()))?;
        Ok(Self { jobs, activity })
    }

    pub(crate) fn submit(&self, job: Job) -> Result<(), Failure> {
        self.jobs.send(job).map_err(|_| Failure::new(Code::LocalInternal).with_text("The keychain's thread has ended."))
    }

    pub(crate) fn activity(&self) -> Activity {
        *self.activity.borrow()
    }

    /// Notes that somebody has given up waiting, and returns what the worker was doing at that moment.
    pub(crate) fn give_up(&self) -> Activity {
        self.activity.send_if_modified(|activity| match *activity {
            Activity::Running { locked } => {
                *activity = Activity::Overdue { locked };
                true
            }
            Activity::Idle | Activity::Overdue { .. } => false,
        });
        self.activity()
    }

    /// Waits until no call is overdue.
    pub(crate) async fn recovered(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.activity.subscribe().wait_for(|activity| !matches!(activity, Activity::Overdue { .. })).await;
    }
}

struct Thread {
    opener: Opener,
    records: Option<Records>,
    activity: watch::Sender<Activity>,
}

impl Thread {
    fn serve(mut self, queue: &mpsc::Receiver<Job>) {
        while let Ok(job) = queue.recv() {
            self.activity.send_replace(Activity::Running { locked: false });
            // A store that panics must not take the keychain with it: the caller is told, and the store opened anew.
            let delivery = catch_unwind(AssertUnwindSafe(|| self.run(job)));
            self.activity.send_replace(Activity::Idle);
            if let Ok(deliver) = delivery {
                deliver();
            } else {
                tracing::error!("the keychain's store panicked; it is opened anew for the next call");
                self.records = None;
            }
        }
    }

    fn run(&mut self, job: Job) -> Delivery {
        let opened = match self.records.take() {
            Some(records) => Ok(records),
            None => (self.opener)(),
        };
        let records = match opened {
            Ok(records) => self.records.insert(records),
            Err(error) => return job(Err(error)),
        };
        match records.locked() {
            Ok(true) => note_locked(&self.activity),
            Ok(false) => {}
            Err(error) => return job(Err(error)),
        }
        job(Ok(records))
    }
}

fn note_locked(activity: &watch::Sender<Activity>) {
    activity.send_modify(|activity| match activity {
        Activity::Running { locked } | Activity::Overdue { locked } => *locked = true,
        Activity::Idle => {}
    });
}
