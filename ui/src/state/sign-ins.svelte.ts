// The sign-ins that are on their way, and which of them the sheet shows. Hiding the sheet does not stop a sign-in.
import { SvelteMap } from "svelte/reactivity";

import type { ErrorBody, SignInProgress } from "../api/types.gen";

const EMPTY = { plan: null, until: null, note: null, connector: null, error: null };

export class SignIns {
  readonly progress = new SvelteMap<string, SignInProgress>();
  shown: string | null = $state(null);

  /** Shows the sheet for a sign-in that is about to begin. */
  begin(id: string): void {
    this.shown = id;
    if (!this.live(id)) this.progress.set(id, { id, step: "preparing", ...EMPTY });
  }

  live(id: string): boolean {
    const step = this.progress.get(id)?.step;
    return step !== undefined && step !== "done";
  }

  /** Takes what the engine says. What ended behind a hidden sheet is not kept. */
  receive(progress: SignInProgress): void {
    if (progress.step === "done" && this.shown !== progress.id) this.progress.delete(progress.id);
    else this.progress.set(progress.id, progress);
  }

  fail(id: string, error: ErrorBody): void {
    this.receive({ id, step: "done", ...EMPTY, error });
  }

  show(id: string): void {
    this.shown = id;
  }

  /** Hides the sheet; a sign-in that is on its way goes on. */
  hide(): void {
    if (this.shown !== null && !this.live(this.shown)) this.progress.delete(this.shown);
    this.shown = null;
  }

  drop(id: string): void {
    this.progress.delete(id);
    if (this.shown === id) this.shown = null;
  }
}
