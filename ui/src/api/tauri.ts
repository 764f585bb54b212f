// The backend of the desktop window. This is the only file that imports the desktop shell's API, so that every other
// file runs in a plain browser and in tests.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import type { Backend } from "./backend";
import { commandsThrough } from "./commands";
import { refusalOf } from "./refusal";
import type { Event } from "./types.gen";

const CHANNEL = "replug";

async function call<Answer>(command: string, args: Record<string, unknown> = {}): Promise<Answer> {
  try {
    return await invoke<Answer>(command, args);
  } catch (thrown) {
    throw refusalOf(thrown);
  }
}

export const backend: Backend = {
  ...commandsThrough(call),
  onEvent(handler) {
    const listening = listen<Event>(CHANNEL, ({ payload }) => handler(payload));
    return () => void listening.then((stop) => stop());
  },
};
