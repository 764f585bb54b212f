//! The codes of what keeps a file from being changed. What else can be wrong with a file is said where it is found.

use std::io;

use replug_core::{Code, Failure};

use crate::edit::EditError;
use crate::lock::LockError;
use crate::read::FileProblem;
use crate::replace::ReplaceError;

impl From<FileProblem> for Failure {
    fn from(problem: FileProblem) -> Self {
        let code = match problem {
            FileProblem::NotAFile => Code::AppFileReadOnly,
            _ => Code::AppFileUnreadable,
        };
        because(code, &problem)
    }
}

impl From<ReplaceError> for Failure {
    fn from(error: ReplaceError) -> Self {
        match &error {
            ReplaceError::NotAFile | ReplaceError::OtherNames => because(Code::AppFileReadOnly, &error),
            ReplaceError::NotOurs => because(Code::AppNotYours, &error),
            ReplaceError::Changed => because(Code::AppChangedMeanwhile, &error),
            ReplaceError::Io(error) => of_system(error),
        }
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match &error {
            LockError::Busy => because(Code::AppBusy, &error),
            LockError::Io(error) => of_system(error),
        }
    }
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        let code = match &error {
            EditError::Malformed(_) => Code::AppFileUnreadable,
            EditError::NoSuchPlace => Code::AppChangedMeanwhile,
            EditError::ReadOnly
            | EditError::DuplicateKey(_)
            | EditError::NotExpressible
            | EditError::WouldTouchMore => Code::AppFileReadOnly,
        };
        because(code, &error)
    }
}

/// What the system said about a file.
pub(crate) fn of_system(error: &io::Error) -> Failure {
    let code = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Code::AppFileReadOnly,
        _ => Code::LocalDisk,
    };
    Failure::new(code).with_fact("Why", error.kind().to_string())
}

fn because(code: Code, error: &impl ToString) -> Failure {
    Failure::new(code).with_fact("Why", error.to_string())
}
