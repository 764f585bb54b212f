//! What is to be done to one file, and the proof that the file still says what it said when that was decided. Doing it is
//! elsewhere.

use std::fmt;
use std::path::PathBuf;

use replug_core::{Code, Failure};

use crate::definition::Definition;
use crate::dialect::Dialect;
use crate::edit::{Change, Step, edit};
use crate::lock::LockPlace;
use crate::value::Value;

/// A change of one file of an app.
#[derive(Debug, Clone)]
pub struct FileChange {
    /// The app's id.
    pub app: &'static str,
    /// The file, as the app names it: it may be a link.
    pub path: PathBuf,
    /// What is done to it.
    pub deed: Deed,
    /// Whether it holds sign-ins: then more of it is hidden, and nobody else may read it afterwards.
    pub credentials: bool,
}

/// What is done to a file.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Values in it change, and no other byte.
    Edit(Edit),
    /// It goes away as a whole, as long as its bytes have this SHA-256.
    MoveAway([u8; 32]),
    /// Nobody but its owner may read or write it any more.
    Restrict,
}

/// A change of values in a file, tied to what the place of the change said when it was thought out.
#[derive(Clone)]
pub struct Edit {
    pub(crate) dialect: Dialect,
    changes: Vec<Change>,
    about: Vec<Step>,
    said: Option<Definition>,
}

impl Edit {
    /// These changes of a file that says `file`. They are made only while the value at `about` is what it is now: the entry or
    /// the sign-in that the changes are about.
    pub fn new(dialect: Dialect, file: &Value, about: Vec<Step>, changes: Vec<Change>) -> Self {
        let said = file.step(&about).map(identity);
        Self { dialect, changes, about, said }
    }

    /// The file with the changes made; `None` when the place of the change says something else by now.
    pub(crate) fn make(&self, text: &str) -> Result<Option<String>, Failure> {
        let says = self.dialect.parse(text).map_err(crate::edit::EditError::from)?;
        if says.value.step(&self.about).map(identity) != self.said {
            return Ok(None);
        }
        Ok(Some(edit(self.dialect, text, &self.changes)?))
    }
}

/// What a value says, without saying it.
fn identity(value: &Value) -> Definition {
    Definition::of("", value)
}

impl FileChange {
    /// Another writer's lock that has to be held.
    pub(crate) fn lock(&self) -> LockPlace {
        LockPlace::of(self.app, &self.path)
    }

    /// The failure of somebody having changed what this is about.
    pub(crate) fn overtaken(&self) -> Failure {
        Failure::new(Code::AppChangedMeanwhile).with_fact("File", self.path.to_string_lossy())
    }
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edit").field("changes", &self.changes).finish_non_exhaustive()
    }
}
