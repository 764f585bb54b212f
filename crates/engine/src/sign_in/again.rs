//! Why an attempt is not over when a try has ended without tokens. The tries themselves are in `tries`.

use replug_core::{Code, Failure, RegistrationKind};

/// Why there is another try. Each counts once in an attempt, so that it comes to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// The service does not know the client any more.
    Forgotten,
    /// The service does not take the callback address of a client that worked before.
    RedirectRefused,
    /// The same of a client that was made for this attempt: there is another way to name this computer.
    OtherHost,
    /// The service does not take the client-ID document.
    DocumentRefused,
    /// The client was not made for another device.
    NotForDevice,
    /// The person goes on, on another device.
    OnDevice,
}

impl Again {
    /// What is done, in plain words.
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Forgotten => "The sign-in service forgot this app. Replug registers anew.",
            Self::RedirectRefused => {
                "The sign-in service does not take the callback address any more. Replug registers anew."
            }
            Self::OtherHost => "The sign-in service does not take the callback address. Replug tries its other form.",
            Self::DocumentRefused => {
                "The sign-in service does not take Replug's client document. Replug registers instead."
            }
            Self::NotForDevice => "Replug registers anew, to sign in on another device.",
            Self::OnDevice => "The sign-in goes on, on another device.",
        }
    }

    /// Whether the registration there is, is not used.
    pub(super) const fn is_anew(self) -> bool {
        !matches!(self, Self::OnDevice)
    }
}

/// How a try stopped without tokens.
pub(super) enum Stopped {
    /// With this failure.
    Failed(Failure),
    /// With this refusal of the client, which may be good for the browser all the same.
    Unfit(Failure),
    /// The person goes on, on another device.
    OnDevice,
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A try that has ended, and what follows.
pub(super) struct Ended {
    pub(super) failure: Failure,
    pub(super) again: Option<Again>,
    /// Whether nobody sits there any more, so that nothing is begun that needs a person.
    pub(super) abandoned: bool,
}

impl Ended {
    /// With a client of this kind. One that was made for this very try is not made again, and one that the person entered
    /// cannot be: the person has to look at it.
    pub(super) fn with(failure: Failure, kind: RegistrationKind, reused: bool) -> Self {
        let again = match failure.code {
            Code::RegForgotten => Some(Again::Forgotten),
            Code::RegRedirectRefused => Some(Again::RedirectRefused),
            _ => None,
        };
        match (kind, failure.code) {
            (RegistrationKind::Dynamic, _) => Self { again: again.filter(|_| reused), ..failure.into() },
            (RegistrationKind::PreRegistered, Code::RegForgotten) => {
                Failure { code: Code::RegClientRefused, ..failure }.into()
            }
            // Whether something can take its place is found out by `without_document`.
            (
                RegistrationKind::ClientIdDocument,
                Code::RegForgotten | Code::RegClientRefused | Code::RegRedirectRefused,
            ) => Failure { code: Code::RegDocumentRefused, ..failure }.into(),
            (RegistrationKind::PreRegistered | RegistrationKind::ClientIdDocument, _) => failure.into(),
        }
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self { failure, again: None, abandoned: false }
    }
}
