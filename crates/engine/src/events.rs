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
        // Nobody listening is in order: a command that prints its result at the end does not listen.
        let Event::SignIn { progress } = &event else {
            let _ = self.sender.send(Told { event, number: 0 });
            return;
        };
        let mut words = guard(&self.latest.0);
        let number = words.keep(progress);
        // Under the lock, so that words arrive in the order of their numbers: one that came after its successor would count as
        // told already.
        let _ = self.sender.send(Told { event, number });
    }

    pub(crate) fn subscribe(&self) -> EventStream {
        let words = guard(&self.latest.0);
        let (heard, receiver) = (words.number, self.sender.subscribe());
        drop(words);
        EventStream { receiver, latest: Arc::clone(&self.latest), heard, waiting: VecDeque::new() }
    }
}

impl LastWords {
    /// Returns the number that this word gets.
    fn keep(&mut self, progress: &SignInProgress) -> u64 {
        self.number += 1;
        self.of.insert(progress.id.clone(), (self.number, Box::new(progress.clone())));
        self.number
    }
}

impl Latest {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::SignInStep;

    const VOICES: usize = 4;
    const ROUNDS: usize = 200;
    /// So that two of them surely meet.
    const REPEATS: usize = 200;

    fn last_word(id: String) -> Event {
        let progress = SignInProgress {
            id,
            step: SignInStep::Done,
            plan: None,
            until: None,
            note: None,
            connector: None,
            error: None,
        };
        Event::SignIn { progress: Box::new(progress) }
    }

    #[tokio::test]
    async fn every_last_word_is_heard_however_many_speak_at_once() {
        for _ in 0..REPEATS {
            assert_eq!(heard_of_all().await, VOICES * ROUNDS);
        }
    }

    async fn heard_of_all() -> usize {
        let events = Events::new();
        let mut stream = events.subscribe();
        std::thread::scope(|scope| {
            for voice in 0..VOICES {
                let events = events.clone();
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        events.send(last_word(format!("{voice}-{round}")));
                    }
                });
            }
        });
        drop(events);
        let mut heard = 0;
        while stream.next().await.is_some() {
            heard += 1;
        }
        heard
    }
}
