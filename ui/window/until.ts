// Waiting for something that cannot be listened to: it is asked again until it is so, and a deadline ends that. What is
// in the page is waited for in the page, where changes can be listened to.
import { setTimeout as pause } from "node:timers/promises";

const AGAIN_MS = 20;
const PATIENCE_MS = 15_000;

/** The first answer that is neither false nor undefined. Rejects, naming `what`, when there is none in time. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | false | undefined> | Answer | false | undefined,
  patienceMs = PATIENCE_MS,
): Promise<Answer> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await pause(AGAIN_MS);
  }
}
