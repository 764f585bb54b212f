//! The passphrase of the encrypted file: unlocking it, changing it, and slowing down whoever guesses. Choosing the file is in
//! `keeping`.

use std::time::Duration;

use replug_core::{Code, Failure, StoredIn};
use replug_keychain::{Keychain, Patience};

use crate::Engine;
use crate::wire::Passphrase;

/// The longest pause before another passphrase is tried.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Engine {
    /// Whether sign-ins are kept in the encrypted file, and its passphrase is still to be given.
    pub fn needs_passphrase(&self) -> bool {
        self.edges().keychain.is_shut()
    }

    /// Opens the encrypted file with its passphrase. Connectors that waited for it are checked.
    ///
    /// Fails with `RPL-KEY-PASSPHRASE` when it is the wrong one; from the second wrong one in a row on, the next try takes
    /// longer each time.
    pub async fn unlock_sign_ins(&self, passphrase: Passphrase) -> Result<(), Failure> {
        let mut wrong = self.inner.wrong_passphrases.lock().await;
        if !self.edges().keychain.is_shut() {
            return Ok(());
        }
        let opened = self.open_file(passphrase, &mut wrong).await?;
        drop(self.edges().keychain.replace(opened));
        self.reached_again().await;
        Ok(())
    }

    /// Gives the encrypted file another passphrase. It has to be the place in use.
    ///
    /// Fails with `RPL-KEY-PASSPHRASE` when the old one is wrong or the new one empty; then nothing has changed.
    pub async fn change_passphrase(&self, old: Passphrase, new: Passphrase) -> Result<(), Failure> {
        let mut wrong = self.inner.wrong_passphrases.lock().await;
        let keychain = &self.edges().keychain;
        if keychain.kind() != StoredIn::File || keychain.is_shut() {
            return Err(Code::KeyFileLocked.into());
        }
        let new = new.into_secret();
        let random = self.edges().random.clone();
        let next = Keychain::open(StoredIn::File, self.data_dir(), Some(new.duplicate()), random.clone())?;
        tokio::time::sleep(pause_after(*wrong)).await;
        // In between, nobody may write with the old passphrase what only the new one opens.
        let _alone = self.hold_place().await?;
        let changed = self.with_file(move |file| Ok(file.change_passphrase(old.into_secret(), &new, random)?)).await;
        count(&changed, &mut wrong);
        changed?;
        drop(keychain.replace(next));
        Ok(())
    }

    /// The encrypted file as a keychain, opened. The caller keeps the count of wrong passphrases.
    pub(crate) async fn open_file(&self, passphrase: Passphrase, wrong: &mut u32) -> Result<Keychain, Failure> {
        let (secret, random) = (passphrase.into_secret(), self.edges().random.clone());
        let file = Keychain::open(StoredIn::File, self.data_dir(), Some(secret), random)?;
        tokio::time::sleep(pause_after(*wrong)).await;
        let looked = file.look(Patience::Background).await;
        count(&looked, wrong);
        looked.map(|()| file)
    }
}

fn count(outcome: &Result<(), Failure>, wrong: &mut u32) {
    match outcome {
        Ok(()) => *wrong = 0,
        Err(failure) if failure.code == Code::KeyPassphrase => *wrong = wrong.saturating_add(1),
        Err(_) => {}
    }
}

/// How long the next try waits: one slip costs nothing, then it doubles.
fn pause_after(wrong: u32) -> Duration {
    let doublings = wrong.checked_sub(2);
    doublings.map_or(Duration::ZERO, |doublings| Duration::from_secs(1 << doublings.min(5)).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_passphrase_makes_the_next_try_slower_up_to_half_a_minute() {
        let pauses = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map(|wrong| pause_after(wrong).as_secs());
        assert_eq!(pauses, [0, 0, 1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn only_a_wrong_passphrase_counts_and_the_right_one_begins_anew() {
        let mut wrong = 0;
        for (outcome, expected) in [
            (Err(Code::KeyPassphrase.into()), 1),
            (Err(Code::LocalDisk.into()), 1),
            (Err(Code::KeyPassphrase.into()), 2),
            (Ok(()), 0),
        ] {
            count(&outcome, &mut wrong);
            assert_eq!(wrong, expected, "{outcome:?}");
        }
    }
}
