// The keys that work on every page, as gestures. Keys inside a list, a menu or a sheet belong to those.
import type { Place } from "../../state/navigation.svelte";

export type Shortcut = "search" | "add" | "connectors" | "repairs" | "settings" | "check" | "check_all" | "back";

type Keys = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

const WITH_CTRL: Record<string, Shortcut> = {
  f: "search",
  n: "add",
  "1": "connectors",
  "2": "repairs",
  "3": "settings",
};

/** What a key press asks for on a page; null when it is not for the window. */
export function shortcutOf(keys: Keys, page: Place["page"]): Shortcut | null {
  if (keys.key === "F5") return keys.shiftKey ? "check_all" : "check";
  if ((keys.ctrlKey || keys.metaKey) && !keys.altKey && !keys.shiftKey) {
    return WITH_CTRL[keys.key.toLowerCase()] ?? null;
  }
  const back = keys.key === "Escape" || (keys.key === "ArrowLeft" && keys.altKey);
  return back && page !== "connectors" ? "back" : null;
}
