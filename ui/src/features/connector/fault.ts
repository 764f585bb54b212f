// The fault line: the five places on one cable, as the evidence shows them. A place that was not asked is never called
// sound, and the fault is where the engine's finding says it is.
import type { ConnectorDetail, DiagnosisStep, Owner, Side } from "../../api/types.gen";
import { durationWords } from "../../lib/time";
import { words } from "../../words";
import { spanOf } from "../diagnosis/fold";

export type Condition = "sound" | "fault" | "unasked";
export type Cable = "whole" | "open" | "dashed";

export interface Station {
  side: Side;
  condition: Condition;
  /** A few words under the name. */
  what: string;
  /** The stretch of cable before this place; null before the first. */
  cable: Cable | null;
}

const SIDES: Side[] = ["app", "computer", "network", "sign_in_service", "server"];
const SIDE_OF: Record<Owner, Side> = {
  app: "app",
  computer: "computer",
  settings: "computer",
  network: "network",
  sign_in_service: "sign_in_service",
  server: "server",
};

function conditionOf(side: Side, at: Side | null, steps: DiagnosisStep[]): Condition {
  if (side === at) return "fault";
  const seen = steps.filter((step) => step.side === side && step.outcome !== "skipped");
  return seen.length > 0 && seen.every(({ outcome }) => outcome !== "failed") ? "sound" : "unasked";
}

function whatOf(side: Side, condition: Condition, { connector, steps }: ConnectorDetail): string {
  const { cause, state } = connector.health;
  if (condition === "fault") {
    const own = cause?.owner === "settings" && state !== "needs_sign_in";
    return own ? words.fault.settings : (words.fault.byState[state] ?? words.fault.here);
  }
  if (condition === "sound") {
    if (side === "network")
      return words.fault.fineIn(durationWords(spanOf(steps.filter((step) => step.side === side)).durationMs));
    return side === "server" ? words.fault.answers : words.fault.fine;
  }
  if (side === "app") return words.fault.notInvolved;
  if (side === "sign_in_service" && connector.sign_in.state === "not_required") return words.fault.notNeeded;
  return words.fault.notAsked;
}

/** Where the fault lies. A sign-in that is missing lies with the sign-in, although it is the person who has to do it. */
function placeOf({ cause, level, state }: ConnectorDetail["connector"]["health"]): Side | null {
  if (cause === null || (level !== "amber" && level !== "red")) return null;
  if (state === "needs_sign_in" && cause.owner === "settings") return "sign_in_service";
  return SIDE_OF[cause.owner];
}

/** The five places in order. Without a finding that needs the person, none is at fault. */
export function faultLine(detail: ConnectorDetail): Station[] {
  const at = placeOf(detail.connector.health);
  const conditions = SIDES.map((side) => conditionOf(side, at, detail.steps));
  return SIDES.map((side, index) => {
    const condition = conditions[index] ?? "unasked";
    const before = conditions[index - 1];
    let cable: Cable | null = null;
    if (before !== undefined) {
      if (condition === "fault" || (before === "fault" && index === 1)) cable = "open";
      else cable = before === "unasked" || condition === "unasked" ? "dashed" : "whole";
    }
    return { side, condition, what: whatOf(side, condition, detail), cable };
  });
}
