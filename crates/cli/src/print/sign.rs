//! The signs and colours beside states and steps. The sign says as much as the colour, and the words beside it say it again.

use replug_core::{Outcome, State};

/// How something is coloured on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It works.
    Good,
    /// A person is needed.
    Attention,
    /// It does not work.
    Bad,
    /// Nothing is known, or nothing is wanted.
    Quiet,
}

impl Tone {
    /// The SGR parameter (ECMA-48 §8.3.117).
    pub(super) const fn parameter(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Attention => "33",
            Self::Bad => "31",
            Self::Quiet => "2",
        }
    }
}

/// A character with its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sign {
    pub(super) mark: char,
    pub(super) tone: Tone,
}

impl Sign {
    /// The sign of a state; the shapes are those of the window.
    pub(crate) const fn of_state(state: State) -> Self {
        let (mark, tone) = match state {
            State::Connected => ('●', Tone::Good),
            State::ConnectedNoTools => ('◐', Tone::Attention),
            State::NeedsSignIn => ('■', Tone::Attention),
            State::NeedsSetup => ('□', Tone::Attention),
            State::Failed => ('✖', Tone::Bad),
            State::Paused => ('=', Tone::Quiet),
            State::Unknown => ('○', Tone::Quiet),
        };
        Self { mark, tone }
    }

    /// The sign of a step.
    pub(crate) const fn of_outcome(outcome: Outcome) -> Self {
        let (mark, tone) = match outcome {
            Outcome::Ok => ('●', Tone::Good),
            Outcome::Warning => ('◐', Tone::Attention),
            Outcome::Failed => ('✖', Tone::Bad),
            Outcome::Skipped => ('-', Tone::Quiet),
        };
        Self { mark, tone }
    }

    /// The sign of something that worked or did not.
    pub(crate) const fn of_success(ok: bool) -> Self {
        Self::of_outcome(if ok { Outcome::Ok } else { Outcome::Failed })
    }
}
