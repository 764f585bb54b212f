// The backend of browser tests: the lab serves the same commands over HTTP on loopback. It is chosen by `--mode lab`
// and is not part of a production bundle.
import type { Backend } from "./backend";
import { commandsThrough } from "./commands";
import { Refusal, refusalOf } from "./refusal";
import type { ErrorBody, Event } from "./types.gen";

const BASE = (import.meta.env["VITE_LAB_BASE"] as string | undefined) ?? "";

async function call<Answer>(command: string, args: Record<string, unknown> = {}): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${BASE}/api/${command}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(args),
    });
    if (response.ok) return (await response.json()) as Answer;
    if (response.status !== 422) throw new TypeError(`unexpected status ${response.status}`);
    throw new Refusal((await response.json()) as ErrorBody);
  } catch (thrown) {
    throw refusalOf(thrown);
  }
}

export const backend: Backend = {
  ...commandsThrough(call),
  onEvent(handler) {
    const source = new EventSource(`${BASE}/events`);
    source.onmessage = (message: MessageEvent<string>) => handler(JSON.parse(message.data) as Event);
    return () => source.close();
  },
  tellUnsaved: () => Promise.resolve(),
  closeWindow: () => Promise.resolve(),
  onClose: () => () => undefined,
};
