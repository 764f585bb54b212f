//! Making a change that a person has seen, and taking it back. A backup comes first; whatever goes wrong, the files are as they
//! were or as they were shown. Calls block while an app holds its lock, at most [`crate::LOCK_PATIENCE`] each time.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use replug_core::{Code, Failure};
use zeroize::Zeroizing;

use super::backup::{Backup, Backups, Kept, KeptFile};
use super::change::Deed;
use super::leftovers::{self, AtWork};
use super::permissions::{mode_of, restrict_to};
use super::preview::{FilePreview, Preview};
use crate::digest::{hex, sha256};
use crate::lock::{AppLock, LOCK_PATIENCE, LockPlace};
use crate::mask::hidden;
use crate::read;
use crate::replace::{Manner, ReplaceError, Stage, Wanted, metadata_of, replace_in_manner, resolved, take_away};

/// How often a change is tried while somebody else writes the same file without a lock.
const ATTEMPTS: usize = 3;
/// Between two of them: a program that writes in place has its file whole again after that.
const PAUSE: Duration = Duration::from_millis(100);

/// Where changes are made and taken back.
#[derive(Clone, Copy)]
pub struct Workbench<'a> {
    backups: &'a Backups,
    reached: &'a (dyn Fn(Stage) + 'a),
}

/// Why an attempt came to nothing.
enum Trouble {
    /// Somebody else was writing.
    Raced(Failure),
    /// It would come to nothing again.
    Final(Failure),
}

/// One file on its way.
struct Planned<'a> {
    preview: &'a FilePreview,
    before: Option<Zeroizing<Vec<u8>>>,
    mode: Option<u32>,
    becomes: Becomes,
}

enum Becomes {
    Bytes(Zeroizing<Vec<u8>>),
    Nothing,
    Mode(u32),
}

/// The apps' locks; letting go of them ends the work.
struct Held<'a> {
    locks: Vec<AppLock>,
    backups: &'a Backups,
}

impl<'a> Workbench<'a> {
    /// A workbench with these backups.
    pub const fn new(backups: &'a Backups) -> Self {
        Self { backups, reached: &|_| {} }
    }

    /// The same, with somebody who is told of each stage.
    #[must_use]
    pub const fn watched_by(self, reached: &'a (dyn Fn(Stage) + 'a)) -> Self {
        Self { reached, ..self }
    }

    /// Makes the change that was shown. Parts of the files that it is not about may have changed since; they are kept.
    ///
    /// # Errors
    /// When an app or another Replug is writing, when what the change is about is not what was shown, and when the system
    /// refuses; then the files are as they were.
    pub fn apply(&self, preview: &Preview, finding: Code, now: Timestamp) -> Result<Backup, Failure> {
        let _alone = self.backups.lock()?;
        leftovers::sweep(self.backups)?;
        let mut last = Failure::new(Code::AppBusy);
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(PAUSE);
            }
            let places = preview.files.iter().map(|file| (file.change.lock(), file.target.as_path()));
            let _held = self.hold(places)?;
            match self.attempt(preview, finding, now) {
                Ok(backup) => return Ok(backup),
                Err(Trouble::Raced(failure)) => last = failure,
                Err(Trouble::Final(failure)) => return Err(failure),
            }
        }
        Err(last)
    }

    /// Puts every file of a change back, byte for byte and with its permissions, and forgets the change.
    ///
    /// # Errors
    /// When there is no such change, and when one of its files is neither what it was nor what it became.
    pub fn undo(&self, id: &str) -> Result<Backup, Failure> {
        let _alone = self.backups.lock()?;
        leftovers::sweep(self.backups)?;
        let backup =
            self.backups.find(id)?.ok_or_else(|| Failure::new(Code::UseNoSuchChange).with_fact("Change", id))?;
        let places = backup.files.iter().map(|file| (LockPlace::of(&backup.app, &file.named), file.path.as_path()));
        let _held = self.hold(places)?;
        for file in &backup.files {
            state_of(file)?;
        }
        for index in (0..backup.files.len()).rev() {
            self.put_back(&backup, index)?;
        }
        self.backups.drop_one(&backup)?;
        Ok(backup)
    }

    /// Takes every lock, in an order that two programs share, and writes down what a crash would leave.
    fn hold<'p>(&self, places: impl Iterator<Item = (LockPlace, &'p Path)>) -> Result<Held<'a>, Failure> {
        let (places, targets): (BTreeSet<LockPlace>, BTreeSet<&Path>) = places.unzip();
        let mut held = Held { locks: Vec::new(), backups: self.backups };
        for place in &places {
            held.locks.extend(place.take(LOCK_PATIENCE)?);
        }
        let folders = targets.iter().filter_map(|target| target.parent()).map(Path::to_path_buf).collect();
        let locks = held.locks.iter().filter_map(AppLock::mark).collect();
        AtWork { locks, folders }.note(self.backups)?;
        (self.reached)(Stage::Locked);
        Ok(held)
    }

    fn attempt(&self, preview: &Preview, finding: Code, now: Timestamp) -> Result<Backup, Trouble> {
        let planned: Vec<Planned<'_>> = preview.files.iter().map(plan).collect::<Result<_, _>>()?;
        let backup = Backup {
            id: String::new(),
            at: now,
            app: preview.files.first().map_or("", |file| file.change.app).to_owned(),
            finding: finding.as_str().to_owned(),
            files: planned.iter().map(Planned::kept).collect(),
        };
        let bytes: Vec<_> = planned.iter().map(|file| file.before.clone()).collect();
        let backup = self.backups.keep(backup, &bytes).map_err(Trouble::Final)?;
        (self.reached)(Stage::BackedUp);
        for (index, file) in planned.iter().enumerate() {
            if let Err(error) = self.carry_out(file) {
                return Err(self.take_back(&backup, index, error));
            }
        }
        Ok(backup)
    }

    fn carry_out(&self, file: &Planned<'_>) -> Result<(), ReplaceError> {
        let target = &file.preview.target;
        let shown = file.before.as_ref().map(|bytes| sha256(bytes));
        match (&file.becomes, shown) {
            (Becomes::Bytes(bytes), shown) => {
                let wanted = Wanted { shown, bytes, secret: file.preview.change.credentials };
                replace_in_manner(target, &wanted, &Manner { mode: None, reached: self.reached })
            }
            (Becomes::Nothing, Some(shown)) => take_away(target, shown),
            (Becomes::Mode(mode), Some(_)) => restrict_to(target, *mode),
            (Becomes::Nothing | Becomes::Mode(_), None) => Err(ReplaceError::Changed),
        }
    }

    /// Takes back the files before the one that failed. The backup stays when that fails too.
    fn take_back(&self, backup: &Backup, failed: usize, error: ReplaceError) -> Trouble {
        let raced = matches!(error, ReplaceError::Changed);
        let failure = Failure::from(error);
        let failure = if raced { Failure { code: Code::AppBusy, ..failure } } else { failure };
        let undone = (0..failed).rev().try_for_each(|index| self.put_back(backup, index));
        match undone.and_then(|()| self.backups.drop_one(backup)) {
            Ok(()) if raced => Trouble::Raced(failure),
            Ok(()) => Trouble::Final(failure),
            Err(_) => Trouble::Final(failure.with_fact("Backup", &backup.id)),
        }
    }

    fn put_back(&self, backup: &Backup, index: usize) -> Result<(), Failure> {
        let Some(file) = backup.files.get(index).filter(|file| state_of(file).is_ok_and(|state| state == State::After))
        else {
            return Ok(());
        };
        let after = file.after.as_ref().map(|_| read::whole(&file.path)).transpose()?.flatten();
        let shown = after.as_ref().map(|bytes| sha256(bytes));
        match (&file.before, shown) {
            (Some(before), Some(shown)) if before.digest == hex(&shown) => {
                Ok(restrict_to(&file.path, before.mode.unwrap_or(0o600))?)
            }
            (Some(before), shown) => {
                let bytes = self.backups.bytes(backup, index)?;
                let wanted = Wanted { shown, bytes: &bytes, secret: false };
                let manner = Manner { mode: before.mode, reached: self.reached };
                Ok(replace_in_manner(&file.path, &wanted, &manner)?)
            }
            (None, Some(shown)) => Ok(take_away(&file.path, shown)?),
            (None, None) => Ok(()),
        }
    }
}

/// Reads the file again and works the change out anew, now that nobody else should be writing.
fn plan(preview: &FilePreview) -> Result<Planned<'_>, Trouble> {
    let change = &preview.change;
    let target = resolved(&change.path).map_err(refused)?;
    if target != preview.target {
        return Err(Trouble::Final(change.overtaken()));
    }
    let mode = metadata_of(&target).map_err(refused)?.as_ref().and_then(mode_of);
    let before = read::whole(&target).map_err(|problem| Trouble::Final(problem.into()))?;
    let becomes = match &change.deed {
        Deed::Edit(edit) => {
            let text = before.as_deref().map_or(&[][..], Vec::as_slice);
            let text = read::text(text).map_err(|problem| Trouble::Raced(problem.into()))?;
            if text.trim().is_empty() && !preview.was_blank {
                // Somebody who writes in place has just begun to.
                return Err(Trouble::Raced(Failure::new(Code::AppBusy)));
            }
            let after = edit.make(text).map_err(Trouble::Raced)?;
            let after = after.ok_or_else(|| Trouble::Final(change.overtaken()))?;
            Becomes::Bytes(Zeroizing::new(after.into_bytes()))
        }
        Deed::MoveAway(shown) if before.as_ref().is_some_and(|bytes| sha256(bytes) == *shown) => Becomes::Nothing,
        Deed::MoveAway(_) => return Err(Trouble::Final(change.overtaken())),
        Deed::Restrict => Becomes::Mode(mode.unwrap_or(0o600) & 0o700),
    };
    Ok(Planned { preview, before, mode, becomes })
}

fn refused(error: ReplaceError) -> Trouble {
    Trouble::Final(error.into())
}

impl Planned<'_> {
    /// What the backup says about it.
    fn kept(&self) -> KeptFile {
        let before = self.before.as_ref().map(|bytes| Kept { digest: hex(&sha256(bytes)), mode: self.mode });
        let after = match &self.becomes {
            Becomes::Bytes(bytes) => Some(Kept { digest: hex(&sha256(bytes)), mode: None }),
            Becomes::Nothing => None,
            Becomes::Mode(mode) => before.clone().map(|kept| Kept { mode: Some(*mode), ..kept }),
        };
        let change = &self.preview.change;
        let (named, path) = (change.path.clone(), self.preview.target.clone());
        KeptFile { named, path, before, after, secret: change.credentials || self.has_keys() }
    }

    /// Whether the file holds something that would not be shown.
    fn has_keys(&self) -> bool {
        let Deed::Edit(edit) = &self.preview.change.deed else { return true };
        let text = self.before.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.is_some_and(|text| !hidden(edit.dialect, text, false).is_empty())
    }
}

/// Where a file stands between a change and its undo.
#[derive(PartialEq, Eq)]
enum State {
    Before,
    After,
}

/// Whether a file is what it became or, when a program was killed in the middle, still what it was.
fn state_of(file: &KeptFile) -> Result<State, Failure> {
    let changed = || Failure::new(Code::AppChangedMeanwhile).with_fact("File", file.path.to_string_lossy());
    if resolved(&file.path)? != file.path {
        return Err(changed());
    }
    let mode = metadata_of(&file.path)?.as_ref().and_then(mode_of);
    let says = read::whole(&file.path)?.map(|bytes| hex(&sha256(&bytes)));
    let is = |kept: &Option<Kept>| match (kept, &says) {
        (None, None) => true,
        (Some(kept), Some(says)) => {
            kept.digest == *says && (kept.mode.is_none() || !same_bytes(file) || kept.mode == mode)
        }
        _ => false,
    };
    if is(&file.after) {
        Ok(State::After)
    } else if is(&file.before) {
        Ok(State::Before)
    } else {
        Err(changed())
    }
}

/// Whether only the permissions were changed.
fn same_bytes(file: &KeptFile) -> bool {
    matches!((&file.before, &file.after), (Some(before), Some(after)) if before.digest == after.digest)
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.locks.clear();
        // A note that stays is struck out by the next change, which finds nothing left to clear.
        let _ = AtWork::done(self.backups);
    }
}
