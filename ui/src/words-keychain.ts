// The strings about where sign-ins are kept: the system's keychain, the encrypted file and its passphrase, memory.
import type { Moved, StoredIn } from "./api/types.gen";
import type { Strength } from "./features/keychain/strength";

const strength: Record<Strength, string> = {
  short: "At least 8 characters.",
  weak: "Weak: a computer guesses this soon.",
  fair: "Fair. One more word makes it strong.",
  strong: "Strong.",
};

const names = (list: string[]): string => list.join(", ");

export const keychainWords = {
  /** What stands where a sign-in is about to be kept. */
  kept: {
    keychain: "The sign-in is kept in your keychain and nowhere else.",
    file: "The sign-in is kept in the encrypted file and nowhere else.",
    memory: "The sign-in is kept in memory only. It is gone when Replug closes.",
  } satisfies Record<StoredIn, string>,
  unlock: "Unlock…",
  unlockKeychain: "Unlock your keychain",
  unlockKeychainText: "Look for the keychain's own window and enter its password there. Replug goes on by itself.",
  elsewhere: "Keep them elsewhere…",
  strength,
  passphrase: "Passphrase",
  newPassphrase: "New passphrase",
  again: "The same once more",
  oldPassphrase: "Passphrase until now",
  differ: "The two are not the same.",
  strengthHint:
    "Four or five words that have nothing to do with each other are easy to keep in mind and hard to guess.",
  forgotten: "Nobody can recover a forgotten passphrase. Then you sign in again everywhere; nothing else is lost.",
  unlockSheet: {
    title: "Unlock your sign-ins",
    text: "Your sign-ins are in an encrypted file. Connectors keep their last verdict until it is unlocked.",
    go: "Unlock",
    later: "Later",
    trying: "Trying the passphrase…",
    forgot: "Forgot it…",
  },
  freshSheet: {
    title: "Begin a new encrypted file",
    text: "You sign in again everywhere. The old file stays in the data folder under another name, in case you remember its passphrase.",
    go: "Begin a new file",
    back: "Back",
  },
  placeSheet: {
    title: "Where to keep your sign-ins",
    carried: "What can be read in the present place is carried over and removed there.",
    keychain: "Your keychain",
    keychainText: "The system guards it with your login.",
    file: "A file encrypted with a passphrase",
    fileText: "Replug asks for the passphrase at each start.",
    fileThere: "There is such a file already: enter its passphrase.",
    fileFresh: "A new file is begun. The old one stays in the data folder under another name.",
    memory: "Memory, for this run only",
    memoryText: "You sign in again after each start. Nothing is written to the disk.",
    go: "Keep them there",
    moving: "Carrying sign-ins over…",
  },
  changeSheet: {
    title: "Change the passphrase",
    go: "Change",
    done: "The passphrase is changed",
    working: "Encrypting anew…",
  },
  moved: (place: string) => `Sign-ins are now kept in ${place}`,
  movedText: ({ carried, left_behind, kept_file }: Moved): string =>
    [
      carried === 1 ? "One was carried over." : carried > 1 ? `${carried} were carried over.` : "",
      left_behind.length > 0
        ? `Still in the former place, which could not be reached or emptied: ${names(left_behind)}.`
        : "",
      kept_file === null ? "" : `The old file is kept as ${kept_file}.`,
    ]
      .filter(Boolean)
      .join(" "),
  placeNow: "Kept in",
  locked: "locked",
  change: "Keep them elsewhere…",
  changePassphrase: "Change passphrase…",
  logsText: "Replug writes down what it did, without secrets, at most 10 MiB.",
  showLogs: "Show logs",
};
