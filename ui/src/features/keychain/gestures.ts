// What a person does about the place of the sign-ins, as calls to the backend and notices; and what is said about it unasked.
import { refusalOf } from "../../api/refusal";
import type { Keeping } from "../../api/types.gen";
import type { App } from "../../state/app.svelte";
import { words } from "../../words";
import { keychainWords as w } from "../../words-keychain";

/** The codes of a keychain that is asking the person. */
const ASKING = new Set<string | null>(["RPL-KEY-LOCKED", "RPL-KEY-BUSY"]);

/** Asks the keychain once more. While it asks the person in a window of its own, that is said instead of a failure. */
export async function tryKeychain(app: App): Promise<void> {
  try {
    await app.backend.tryKeychain();
    app.notices.dismiss();
  } catch (thrown) {
    const { body } = refusalOf(thrown);
    if (ASKING.has(body.code)) {
      app.notices.current = { tone: "attention", title: w.unlockKeychain, text: w.unlockKeychainText, code: body.code };
    } else {
      app.notices.refused(body);
    }
  }
  await app.readAbout();
}

/** Keeps sign-ins in another place, and says what became of them. Rejects with a `Refusal`. */
export async function keepSignInsIn(app: App, wanted: Keeping): Promise<void> {
  const moved = await app.backend.keepSignInsIn(wanted);
  const title = w.moved(words.keptIn[wanted.store]);
  app.notices.done(title, w.movedText(moved));
  app.announcer.say(title);
  await app.readAbout();
}

/** At the start: what was mended, and the question for the passphrase. */
export function greet(app: App): void {
  const { about } = app.preferences;
  if (about === null) return;
  if (about.notice !== null) {
    const { text, hint, code } = about.notice;
    app.notices.current = { tone: "attention", title: text, text: hint, code };
  }
  if (about.passphrase_needed) app.question ??= { kind: about.has_file ? "unlock" : "place" };
}

/** The place is in another condition: the person was asked and has answered, or another place was chosen. */
export async function keychainChanged(app: App): Promise<void> {
  void app.reload();
  await app.readAbout();
  const notice = app.notices.current;
  if (notice?.tone === "attention" && ASKING.has(notice.code)) app.notices.dismiss();
}
