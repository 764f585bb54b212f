// The application's own settings and what Replug says about itself.
import type { About, AppSettings } from "../api/types.gen";

export class Preferences {
  settings: AppSettings | null = $state.raw(null);
  about: About | null = $state.raw(null);
}

/** Colours the document; "system" leaves it to the system's own preference. */
export function applyTheme(root: HTMLElement, settings: AppSettings | null): void {
  const theme = settings?.theme ?? "system";
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
}
