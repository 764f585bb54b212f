// What somebody is changing about a connector and has not saved. It outlives its page, so that looking something up
// elsewhere costs nothing, and ends with the window.
import type { EditConnector } from "../../api/types.gen";
import { changesOf, type SettingsForm } from "./changes";

export interface Draft {
  /** What stands in the fields. */
  form: SettingsForm;
  /** How it differs from what was read; null when it does not. */
  readonly changes: EditConnector | null;
  /** Begins anew with what was read. */
  reset: (read: SettingsForm) => void;
  /** Takes every change back. */
  discard: () => void;
}

export function draftOf(read: SettingsForm): Draft {
  let before: SettingsForm = $state.raw(read);
  let form: SettingsForm = $state(structuredClone(read));
  const reset = (next: SettingsForm): void => {
    before = next;
    form = structuredClone(next);
  };
  return {
    get form() {
      return form;
    },
    set form(next) {
      form = next;
    },
    get changes() {
      return changesOf(before, $state.snapshot(form));
    },
    reset,
    discard: () => reset(before),
  };
}
