// When connectors are checked again, and when a verdict is too old to lean on. The checking itself is the engine's; this
// reads its intervals.
import type { ConnectorView } from "../api/types.gen";

/** Verdicts that missed so many checks are too old to be sure. */
const MISSED = 2;

/** When a connector was checked and how long a verdict of it lasts, both in milliseconds; null when nothing is due. */
function rhythm(
  { paused, health, check_every_s }: ConnectorView,
  usual_s: number,
): { at: number; every: number } | null {
  if (paused || health.checked_at === null) return null;
  return { at: new Date(health.checked_at).getTime(), every: (check_every_s ?? usual_s) * 1000 };
}

/** When the next connector is due, in milliseconds since 1970; null when none is. */
export function nextCheck(connectors: ConnectorView[], usual_s: number): number | null {
  const due = connectors
    .map((connector) => rhythm(connector, usual_s))
    .filter((found) => found !== null)
    .map(({ at, every }) => at + every);
  return due.length === 0 ? null : Math.min(...due);
}

/** Whether a connector worked when it was last asked, and should have been asked again long since. */
export function isOld(connector: ConnectorView, usual_s: number, now: number): boolean {
  const found = connector.health.state === "connected" ? rhythm(connector, usual_s) : null;
  return found !== null && now - found.at > MISSED * found.every;
}
