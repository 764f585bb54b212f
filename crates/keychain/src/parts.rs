//! Whole records over a store that may hold only small items. Bytes go in and come out; what they mean is not known here.
//!
//! A record lives in its *head*, the item with the account's own name: one line (form, slot, number of parts, length,
//! digest) and, where it fits, the record itself. A longer record is cut into parts named `account#slot#n`. There are two
//! slots: the one the head names, and a spare one. A write fills the spare slot, then replaces the head, then empties the
//! old slot, so that whoever reads at any moment finds the old record or the new one in full.
//!
//! Items cannot be listed, so what an interrupted write leaves behind must be found by name alone. That is why there are
//! two slots and not a growing number, and why parts are written upwards and deleted downwards: in either slot the parts
//! that exist are always the first few.

use std::fmt::Write as _;

use replug_core::Secret;
use sha2::{Digest, Sha256};

use crate::lock::{Held, LockFile};
use crate::{Store, StoreError};

const FORM: &str = "replug1";
/// Room for the head's line: the form, three numbers and 64 hexadecimal digits.
const LINE_BYTES: usize = 110;
/// No sign-in comes near this; a damaged head must not start a long search.
const MOST_PARTS: usize = 1000;

/// One of the two places for parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    A,
    B,
}

impl Slot {
    const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    const fn digit(self) -> char {
        match self {
            Self::A => '0',
            Self::B => '1',
        }
    }

    fn part(self, account: &str, number: usize) -> String {
        format!("{account}#{}#{number}", self.digit())
    }
}

/// What a head says about its record.
struct Head {
    slot: Slot,
    /// Zero when the record is in the head itself.
    parts: usize,
    length: usize,
    digest: String,
}

impl Head {
    fn describe(record: &[u8], slot: Slot, parts: usize) -> Self {
        Self { slot, parts, length: record.len(), digest: digest(record) }
    }

    fn line(&self) -> String {
        format!("{FORM} {} {} {} {}\n", self.slot.digit(), self.parts, self.length, self.digest)
    }

    /// Splits an item into what its line says and the bytes behind the line.
    fn parse(item: &[u8]) -> Option<(Self, &[u8])> {
        let end = item.iter().take(LINE_BYTES).position(|byte| *byte == b'\n')?;
        let mut words = std::str::from_utf8(&item[..end]).ok()?.split(' ');
        if words.next()? != FORM {
            return None;
        }
        let slot = match words.next()? {
            "0" => Slot::A,
            "1" => Slot::B,
            _ => return None,
        };
        let parts = words.next()?.parse().ok().filter(|parts| *parts <= MOST_PARTS)?;
        let length = words.next()?.parse().ok()?;
        let digest = words.next()?.to_owned();
        words.next().is_none().then_some((Self { slot, parts, length, digest }, &item[end + 1..]))
    }

    fn fits(&self, record: &[u8]) -> bool {
        record.len() == self.length && digest(record) == self.digest
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a reader found.
enum Look {
    None,
    Whole(Secret<Vec<u8>>),
    /// Parts are missing, or they are not the ones the head was written for.
    Unfit,
}

/// Whole records over a store. Blocking, like the store.
pub(crate) struct Records {
    store: Box<dyn Store>,
    /// Keeps writers of several processes apart; `None` where nobody else can reach the store.
    lock: Option<LockFile>,
}

impl Records {
    pub(crate) fn new(store: Box<dyn Store>, lock: Option<LockFile>) -> Self {
        Self { store, lock }
    }

    /// Whether the next operation has to wait for a person.
    pub(crate) fn locked(&self) -> Result<bool, StoreError> {
        self.store.locked()
    }

    /// As [`Store::retire`].
    pub(crate) fn retire(&self) -> Result<(), StoreError> {
        self.store.retire()
    }

    /// The record in full; `None` when there is none.
    pub(crate) fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        match self.look(account)? {
            Look::None => Ok(None),
            Look::Whole(record) => Ok(Some(record)),
            // Another process may have replaced the record between the head and its parts. With the lock held, nobody can.
            Look::Unfit => {
                let _held = self.hold()?;
                match self.look(account)? {
                    Look::None => Ok(None),
                    Look::Whole(record) => Ok(Some(record)),
                    Look::Unfit => Err(StoreError::Corrupt { what: "its digest does not fit" }),
                }
            }
        }
    }

    /// Reads the head and its parts once.
    fn look(&self, account: &str) -> Result<Look, StoreError> {
        let Some(item) = self.store.read(account)? else { return Ok(Look::None) };
        let Some((head, body)) = Head::parse(item.expose()) else {
            return Err(StoreError::Corrupt { what: "its first line" });
        };
        let record = if head.parts == 0 { Some(Secret::new(body.to_vec())) } else { self.gather(account, &head)? };
        Ok(record.filter(|record| head.fits(record.expose())).map_or(Look::Unfit, Look::Whole))
    }

    /// Replaces the record. On an error the old one is still there; only when the store fails in the middle of replacing the
    /// head itself may it be either, and in full.
    pub(crate) fn write(&self, account: &str, label: &str, record: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        let _held = self.hold()?;
        let current = self.current_slot(account)?;
        let spare = current.other();
        self.empty(account, spare)?;
        let head = self.write_parts(account, label, record, spare)?;
        self.store.write(account, label, &head)?;
        // From here on the new record counts. What is left of the old one is found by the next write, so a failure to
        // remove it now must not be reported as a failure to save.
        if let Err(error) = self.empty(account, current) {
            tracing::warn!(account, code = %error.code(), "parts of a replaced record could not be removed yet");
        }
        Ok(())
    }

    /// Deletes the record and everything that interrupted writes may have left of it.
    pub(crate) fn delete(&self, account: &str) -> Result<(), StoreError> {
        let _held = self.hold()?;
        // The head first: without it nobody takes the parts for a record.
        self.store.delete(account)?;
        self.empty(account, Slot::A)?;
        self.empty(account, Slot::B)
    }

    /// Writes the parts, if the record needs any, and returns the head that makes them count.
    fn write_parts(
        &self,
        account: &str,
        label: &str,
        record: &Secret<Vec<u8>>,
        slot: Slot,
    ) -> Result<Secret<Vec<u8>>, StoreError> {
        let bytes = record.expose();
        let limit = self.store.max_item_bytes().filter(|limit| bytes.len() + LINE_BYTES > *limit);
        let Some(limit) = limit else {
            return Ok(item(&Head::describe(bytes, slot, 0), bytes));
        };
        let parts = bytes.len().div_ceil(limit.max(1));
        if limit < LINE_BYTES || parts > MOST_PARTS {
            return Err(StoreError::TooLong { limit: Some(limit) });
        }
        for (number, part) in bytes.chunks(limit).enumerate() {
            let label = format!("{label} ({}/{parts})", number + 1);
            self.store.write(&slot.part(account, number), &label, &Secret::new(part.to_vec()))?;
        }
        Ok(item(&Head::describe(bytes, slot, parts), &[]))
    }

    /// The parts a head names, joined; `None` when one is missing.
    fn gather(&self, account: &str, head: &Head) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        let mut parts = Vec::with_capacity(head.parts);
        for number in 0..head.parts {
            match self.store.read(&head.slot.part(account, number))? {
                Some(part) => parts.push(part),
                None => return Ok(None),
            }
        }
        // All the room at once, so that growing leaves no copies behind.
        let mut joined = Vec::with_capacity(parts.iter().map(|part| part.expose().len()).sum());
        for part in &parts {
            joined.extend_from_slice(part.expose());
        }
        Ok(Some(Secret::new(joined)))
    }

    /// The slot in use. A head that cannot be read uses none, and is about to be replaced.
    fn current_slot(&self, account: &str) -> Result<Slot, StoreError> {
        let item = match self.store.read(account) {
            Err(StoreError::Corrupt { .. }) => None,
            other => other?,
        };
        let slot = item.and_then(|item| Head::parse(item.expose()).map(|(head, _)| head.slot));
        Ok(slot.unwrap_or(Slot::B))
    }

    /// Deletes the parts of a slot, the last one first. A store without a limit never has any.
    fn empty(&self, account: &str, slot: Slot) -> Result<(), StoreError> {
        if self.store.max_item_bytes().is_none() {
            return Ok(());
        }
        let mut end = 0;
        while end < MOST_PARTS && self.exists(&slot.part(account, end))? {
            end += 1;
        }
        (0..end).rev().try_for_each(|number| self.store.delete(&slot.part(account, number)))
    }

    /// Whether there is an item of this name, readable or not.
    fn exists(&self, account: &str) -> Result<bool, StoreError> {
        match self.store.read(account) {
            Err(StoreError::Corrupt { .. }) => Ok(true),
            other => Ok(other?.is_some()),
        }
    }

    fn hold(&self) -> Result<Option<Held>, StoreError> {
        self.lock.as_ref().map(LockFile::hold).transpose()
    }
}

fn item(head: &Head, body: &[u8]) -> Secret<Vec<u8>> {
    let line = head.line();
    let mut bytes = Vec::with_capacity(line.len() + body.len());
    bytes.extend_from_slice(line.as_bytes());
    bytes.extend_from_slice(body);
    Secret::new(bytes)
}

#[cfg(all(test, feature = "fake"))]
mod tests {
    use std::sync::{Arc, Barrier};
    use std::thread;

    use super::*;
    use crate::MemoryStore;
    use crate::fake::FaultyStore;

    #[test]
    fn writers_and_readers_of_several_processes_never_meet_a_mixture() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Arc::new(MemoryStore::new());
        let store = FaultyStore::over(Arc::clone(&memory) as Arc<dyn Store>).with_limit(128);
        let as_one_process = || {
            let lock = LockFile::new(folder.path().join("keychain.lock"));
            Records::new(Box::new(store.clone()), Some(lock))
        };
        as_one_process().write("a", "", &Secret::new(vec![0; 900])).unwrap();
        let start = Barrier::new(3);
        thread::scope(|scope| {
            for writer in 1..=2_u8 {
                let (records, start) = (as_one_process(), &start);
                scope.spawn(move || {
                    start.wait();
                    for round in 0..500 {
                        let record = Secret::new(vec![writer; 400 + round]);
                        records.write("a", "", &record).unwrap();
                    }
                });
            }
            let (records, start) = (as_one_process(), &start);
            scope.spawn(move || {
                start.wait();
                for _ in 0..500 {
                    let record = records.read("a").expect("whole").expect("there");
                    let bytes = record.expose();
                    assert!(bytes.iter().all(|byte| *byte == bytes[0]), "one writer's record");
                }
            });
        });
        let last = as_one_process().read("a").unwrap().expect("the last record");
        assert_eq!(memory.accounts().len(), 1 + last.expose().len().div_ceil(128), "no part is left over");
    }
}
