//! Telling every shell what happens. Events are hints to draw by; a shell that missed some asks again. What became of a sign-in
//! is told in any case, because a person waits for it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::engine::guard;
use crate::wire::{Event, SignInProgress};

const BACKLOG: usize = 1024;

/// The sending side, kept by the engine.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    sender: broadcast::Sender<Told>,
    latest: Arc<Latest>,
}

/// An event, and the how-manieth about sign-ins it is.
#[derive(Debug, Clone)]
struct Told {
    event: Event,
    /// Rises with every word about a sign-in; 0 for everything else.
    number: u64,
}

/// The last word about each sign-in, for those who missed it.
#[derive(Debug, Default)]
struct Latest(Mutex<LastWords>);

#[derive(Debug, Default)]
struct LastWords {
    number: u64,
    /// By the connector's id.
    of: BTreeMap<String, (u64, Box<SignInProgress>)>,
}

impl Events {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, latest: Arc::default() }
    }

    pub(crate) fn send(&self, event: Event) {
        let number = match &event {
            Event::SignIn { progress } => self.latest.keep(progress),
            _ => 0,
        };
        // Nobody listening is in order: a command that prints its result at the end does not listen.
        let _ = self.sender.send(Told { event, number });
    }

    pub(crate) fn subscribe(&self) -> EventStream {
        let latest = Arc::clone(&self.latest);
        let heard = guard(&latest.0).number;
        EventStream { receiver: self.sender.subscribe(), latest, heard, waiting: VecDeque::new() }
    }
}

impl Latest {
    fn keep(&self, progress: &SignInProgress) -> u64 {
        let mut words = guard(&self.0);
        words.number += 1;
        let number = words.number;
        words.of.insert(progress.id.clone(), (number, Box::new(progress.clone())));
        number
    }

    /// The last words that came after number `heard`, and the number of the newest.
    fn after(&self, heard: u64) -> (Vec<Event>, u64) {
        let words = guard(&self.0);
        let newer = words.of.values().filter(|(number, _)| *number > heard);
        (newer.map(|(_, progress)| Event::SignIn { progress: progress.clone() }).collect(), words.number)
    }
}

/// The receiving side, one for each shell.
#[derive(Debug)]
pub struct EventStream {
    receiver: broadcast::Receiver<Told>,
    latest: Arc<Latest>,
    /// The number of the newest word about a sign-in that was handed out.
    heard: u64,
    /// What is handed out before the receiver is asked again.
    waiting: VecDeque<Event>,
}

impl EventStream {
    /// The next event; `None` when the engine has ended. A listener that was too slow gets one
    /// [`Event::ConnectorsChanged`] in place of what it missed, and the last word about each sign-in that it missed.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            match self.receiver.recv().await {
                // Its successors were told already, after a gap.
                Ok(told) if told.number != 0 && told.number <= self.heard => {}
                Ok(told) => {
                    self.heard = self.heard.max(told.number);
                    return Some(told.event);
                }
                Err(RecvError::Lagged(_)) => {
                    let (missed, newest) = self.latest.after(self.heard);
                    self.heard = newest;
                    self.waiting.push_back(Event::ConnectorsChanged);
                    self.waiting.extend(missed);
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
