//! Closing a window whose page holds something unsaved: the page is asked first. What it holds, and the question, are the page's.

use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Emitter as _, Manager as _, State, Window, WindowEvent};

use crate::MAIN_WINDOW;

/// The channel on which the page hears that the person wants to close the window.
const CHANNEL: &str = "replug-close";

/// What the page has said last about unsaved changes.
#[derive(Debug, Default)]
pub(crate) struct Unsaved(Mutex<Standing>);

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Standing {
    #[default]
    Saved,
    Unsaved,
    /// The page was asked and has said nothing since.
    Asked,
}

impl Unsaved {
    /// The page's word. It says so again once it shows the question, which proves that it is alive.
    fn tell(&self, unsaved: bool) {
        self.swap(|_| if unsaved { Standing::Unsaved } else { Standing::Saved });
    }

    /// Whether the page has to be asked before the window may close. A page that did not take up the last question is not
    /// asked once more: it hangs or is gone, and a window that can never be closed would be worse than a lost change.
    fn must_ask(&self) -> bool {
        let before = self.swap(|before| match before {
            Standing::Unsaved => Standing::Asked,
            Standing::Saved | Standing::Asked => before,
        });
        before == Standing::Unsaved
    }

    /// Puts another standing in the place of the present one, and gives the former.
    fn swap(&self, next: impl FnOnce(Standing) -> Standing) -> Standing {
        let mut standing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *standing;
        *standing = next(before);
        before
    }
}

/// Keeps the window open, and asks its page, while something is unsaved.
pub(crate) fn hold_back(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event
        && window.state::<Unsaved>().must_ask()
    {
        match window.emit(CHANNEL, ()) {
            Ok(()) => api.prevent_close(),
            Err(error) => tracing::warn!(%error, "the page could not be asked whether to close"),
        }
    }
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands a command its arguments by value")]
pub(crate) fn tell_unsaved(standing: State<'_, Unsaved>, unsaved: bool) {
    standing.tell(unsaved);
}

/// Closes the window, as the person has decided.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands a command its arguments by value")]
pub(crate) fn close_window(app: AppHandle, standing: State<'_, Unsaved>) {
    standing.tell(false);
    if let Some(window) = app.get_webview_window(MAIN_WINDOW)
        && let Err(error) = window.close()
    {
        tracing::warn!(%error, "the window could not be closed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unsaved_changes_hold_the_window_back() {
        let standing = Unsaved::default();
        assert!(!standing.must_ask());
        standing.tell(true);
        assert!(standing.must_ask());
        standing.tell(true);
        assert!(standing.must_ask(), "a page that shows the question is asked again");
        standing.tell(true);
        standing.tell(false);
        assert!(!standing.must_ask());
    }

    #[test]
    fn a_page_that_does_not_take_up_the_question_cannot_hold_the_window() {
        let standing = Unsaved::default();
        standing.tell(true);
        assert!(standing.must_ask());
        assert!(!standing.must_ask());
    }
}
