//! The time after an answer: late hits and the favicon are still served, until somebody needs the port. What is served is
//! decided in `desk`.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::listener::Counter;

/// How long late hits and the favicon are answered after the end.
const LINGER: Duration = Duration::from_secs(2);

/// Who lingers on which port. A port belongs to the whole process, and so does this.
static LINGERING: Mutex<BTreeMap<u16, Lingering>> = Mutex::new(BTreeMap::new());

struct Lingering {
    /// Asks for the port.
    claim: oneshot::Sender<()>,
    /// Ends when the port is free.
    freed: oneshot::Receiver<()>,
}

/// Goes on answering for a while, or until [`free`] is called for the port. Connections that are open are served to the end
/// either way.
pub(super) fn linger(port: u16, mut counter: Counter) {
    let (claim, claimed) = oneshot::channel();
    let (freeing, freed) = oneshot::channel::<()>();
    let mut lingering = LINGERING.lock().unwrap_or_else(PoisonError::into_inner);
    lingering.retain(|_, known| !known.claim.is_closed());
    lingering.insert(port, Lingering { claim, freed });
    drop(lingering);
    tokio::spawn(async move {
        tokio::select! {
            _ = timeout(LINGER, counter.serve()) => {}
            _ = claimed => {}
        }
        let open = counter.close();
        drop(freeing);
        open.finish().await;
    });
}

/// Takes the port from whoever of this process lingers on it.
pub(super) async fn free(port: u16) {
    let known = LINGERING.lock().unwrap_or_else(PoisonError::into_inner).remove(&port);
    if let Some(Lingering { claim, freed }) = known {
        // Neither end can fail in a way that matters: then the other side is gone, and the port with it.
        let _ = claim.send(());
        let _ = freed.await;
    }
}
