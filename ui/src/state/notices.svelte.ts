// The one banner below the header: what was done, or why something was not. A later notice takes the place of the
// earlier one.
import type { ErrorBody } from "../api/types.gen";

export interface Notice {
  tone: "ok" | "danger" | "attention";
  title: string;
  text: string;
  code: string | null;
}

export class Notices {
  current: Notice | null = $state.raw(null);

  done(title: string, text = ""): void {
    this.current = { tone: "ok", title, text, code: null };
  }

  refused({ text, hint, code }: ErrorBody): void {
    this.current = { tone: "danger", title: text, text: hint, code };
  }

  /** On another page, what was done is old news. What was not done stays until the person has read it. */
  leave(): void {
    if (this.current?.tone === "ok") this.current = null;
  }

  dismiss(): void {
    this.current = null;
  }
}
