//! Telling every shell what happens. Events are hints to draw by; a shell that missed some asks again.

use tokio::sync::broadcast;

use crate::wire::Event;

const BACKLOG: usize = 1024;

/// The sending side, kept by the engine.
#[derive(Debug, Clone)]
pub(crate) struct Events(broadcast::Sender<Event>);

impl Events {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }

    pub(crate) fn send(&self, event: Event) {
        // Nobody listening is in order: a command that prints its result at the end does not listen.
        let _ = self.0.send(event);
    }

    pub(crate) fn subscribe(&self) -> EventStream {
        EventStream(self.0.subscribe())
    }
}

/// The receiving side, one for each shell.
#[derive(Debug)]
pub struct EventStream(broadcast::Receiver<Event>);

impl EventStream {
    /// The next event; `None` when the engine has ended. A listener that was too slow gets one
    /// [`Event::ConnectorsChanged`] in place of what it missed.
    pub async fn next(&mut self) -> Option<Event> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Event::ConnectorsChanged),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
