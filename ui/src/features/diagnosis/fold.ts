// The steps of a check as lines: what passed, or was left out, on one side of the fault line is folded into one.
import type { DiagnosisStep, Outcome, Side } from "../../api/types.gen";

export interface Line {
  /** The steps behind this line; more than one when they are folded. */
  steps: DiagnosisStep[];
  side: Side;
  /** Whether the line above is on the same side. */
  sameSide: boolean;
  outcome: Outcome;
  /** Whether this is the first line that needs to be looked at. */
  open: boolean;
}

const foldable = (outcome: Outcome): boolean => outcome === "ok" || outcome === "skipped";

export function fold(steps: DiagnosisStep[]): Line[] {
  const lines: Line[] = [];
  for (const step of steps) {
    const last = lines.at(-1);
    if (last !== undefined && last.side === step.side && last.outcome === step.outcome && foldable(step.outcome)) {
      last.steps.push(step);
    } else {
      const { side, outcome } = step;
      lines.push({ steps: [step], side, sameSide: last?.side === side, outcome, open: false });
    }
  }
  const first = lines.find(({ outcome }) => outcome === "failed") ?? lines.find(({ outcome }) => outcome === "warning");
  if (first !== undefined) first.open = true;
  return lines;
}

export interface Span {
  startedMs: number;
  durationMs: number;
}

/** From the start of the first step to the end of the last one. */
export function spanOf(steps: DiagnosisStep[]): Span {
  const climbed = steps.filter(({ outcome }) => outcome !== "skipped");
  if (climbed.length === 0) return { startedMs: 0, durationMs: 0 };
  const startedMs = Math.min(...climbed.map(({ started_ms }) => started_ms));
  const endedMs = Math.max(...climbed.map(({ started_ms, duration_ms }) => started_ms + duration_ms));
  return { startedMs, durationMs: endedMs - startedMs };
}

/** The number of a line: `3`, or `2–4` for a folded one. */
export function numbersOf({ steps }: Line): string {
  const [first, last] = [steps[0]?.number ?? 0, steps.at(-1)?.number ?? 0];
  return first === last ? String(first) : `${first}–${last}`;
}
