// What a row shows of a connector: the sentence under the verdict, the one button, the apps. It looks up and cuts, and
// computes no health.
import type { ActionView, ConnectorView, SignInProgress } from "../../api/types.gen";
import { appName } from "../../lib/apps";
import { countdown } from "../../lib/time";
import type { CheckProgress } from "../../state/connectors.svelte";
import { words } from "../../words";

export type RowButton =
  | { does: "action"; action: ActionView; label: string; tinted: true }
  | { does: "show" | "check" | "resume"; label: string; tinted: false };

/** What else is known about a connector at this moment. */
export interface Doing {
  check: CheckProgress | undefined;
  signIn: SignInProgress | undefined;
  mended: boolean;
}

export function signingIn({ signIn }: Doing): boolean {
  return signIn !== undefined && signIn.step !== "done";
}

/** The one button of a row; null when there is nothing to press. */
export function rowButton({ primary, health, paused }: ConnectorView, doing: Doing): RowButton | null {
  if (signingIn(doing)) return { does: "show", label: words.list.showSheet, tinted: false };
  if (paused && primary?.id !== "allow") return { does: "resume", label: words.list.resume, tinted: false };
  if (health.state === "unknown") {
    return doing.check === undefined ? { does: "check", label: words.list.check, tinted: false } : null;
  }
  return primary === null ? null : { does: "action", action: primary, label: primary.label, tinted: true };
}

/** The line under the verdict: what is going on, else the cause, else nothing. */
export function rowLine({ health }: ConnectorView, doing: Doing, now: number): string {
  if (signingIn(doing)) {
    const until = doing.signIn?.step === "waiting" ? doing.signIn.until : null;
    return until === null ? words.list.signingIn : words.list.waiting(countdown(until, now));
  }
  if (doing.check !== undefined) return words.list.step(doing.check.number, doing.check.of);
  if (doing.mended) return words.list.mended;
  return health.cause?.text ?? "";
}

/** The apps that use a connector, each once; Replug itself is not one. */
export function appsOf({ sources }: ConnectorView): string[] {
  return [...new Set(sources.filter(({ app }) => app !== "replug").map(({ app }) => appName(app)))];
}

/** What signing in is called in a menu; null where nothing says that there is anything to sign in to. */
export function signInLabel({ sign_in, health }: ConnectorView): string | null {
  switch (sign_in.state) {
    case "not_required":
      return null;
    case "signed_out":
      return sign_in.issuer === null && health.state === "failed" ? null : words.menu.signIn;
    case "awaiting_browser":
    case "signed_in":
    case "sign_in_needed":
    case "unreachable":
      return words.menu.signInAgain;
  }
}
