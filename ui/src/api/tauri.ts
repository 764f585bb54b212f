// The backend of the desktop window. This is the only file that imports the desktop shell's API, so that every other
// file runs in a plain browser and in tests.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import type { Backend, Unsubscribe } from "./backend";
import { commandsThrough } from "./commands";
import { refusalOf } from "./refusal";
import type { Event } from "./types.gen";

const CHANNEL = "replug";
const CLOSE_CHANNEL = "replug-close";

async function call<Answer>(command: string, args: Record<string, unknown> = {}): Promise<Answer> {
  try {
    return await invoke<Answer>(command, args);
  } catch (thrown) {
    throw refusalOf(thrown);
  }
}

function hear(channel: string, handler: (payload: unknown) => void): Unsubscribe {
  const listening = listen<unknown>(channel, ({ payload }) => handler(payload));
  return () => void listening.then((stop) => stop());
}

export const backend: Backend = {
  ...commandsThrough(call),
  onEvent: (handler) => hear(CHANNEL, (payload) => handler(payload as Event)),
  tellUnsaved: (unsaved) => call("tell_unsaved", { unsaved }),
  closeWindow: () => call("close_window"),
  onClose: (handler) => hear(CLOSE_CHANNEL, () => handler()),
};
