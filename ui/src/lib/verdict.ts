// Words and colours for what the engine decided. Nothing here decides: each function looks a value up.
import type { ConnectorView, FindingView, HealthView, Level, ServiceOutcome, State } from "../api/types.gen";
import { words } from "../words";

export type Tone = "ok" | "attention" | "danger" | "neutral";

const TONES: Record<Level, Tone> = { green: "ok", amber: "attention", red: "danger", grey: "neutral" };

export function toneOf(level: Level): Tone {
  return TONES[level];
}

/** The words of a state alone. */
export function stateName(state: State): string {
  return words.states[state];
}

/** The words of a verdict: the state, with the number of tools or the kind of "no tools". */
export function stateWords(health: Pick<HealthView, "state" | "tools" | "cause">): string {
  if (health.state === "connected" && health.tools !== null) return words.connectedWith(health.tools);
  if (health.cause?.code === "RPL-MCP-TOOLS-INCOMPLETE") return words.toolsIncomplete;
  return stateName(health.state);
}

/** Actions that this window can carry out. The rest belong to pages that do not exist yet. */
const POSSIBLE = new Set([
  "sign_in",
  "retry",
  "forget_and_retry",
  "edit_settings",
  "fix_address",
  "allow",
  "ask_owner",
]);

export function possibleActions(finding: FindingView): FindingView["actions"] {
  return finding.actions.filter(({ id }) => POSSIBLE.has(id));
}

/** What the sign-in service said to a revocation and a deletion, as sentences; nothing when there was nothing to ask. */
export function outcomeNotice({ revoked, registration_deleted }: ServiceOutcome): string {
  return [words.revoked[revoked], words.registrationDeleted[registration_deleted]].filter(Boolean).join(" ");
}

/** Whether it came with a project folder and waits to be allowed. */
export function isNotApproved({ health }: ConnectorView): boolean {
  return health.findings.some(({ code }) => code === "RPL-APP-NOT-APPROVED");
}
