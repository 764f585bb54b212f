//! Waiting in the middle of an attempt. What is waited for is decided by the callers.

use std::time::Duration;

use jiff::SignedDuration;
use replug_core::Clock;
use tokio::time::sleep;

/// How often the wall clock is looked at.
const GLANCE: Duration = Duration::from_millis(100);

/// Waits until this much time has passed by the wall clock, which goes on while the computer sleeps, or by the process's own,
/// which nobody sets back.
pub(super) async fn pause(clock: &dyn Clock, span: Duration) {
    let span_by_clock = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
    let began = clock.now();
    let by_clock = async {
        while clock.now().duration_since(began) < span_by_clock {
            sleep(GLANCE).await;
        }
    };
    tokio::select! {
        () = sleep(span) => {}
        () = by_clock => {}
    }
}
