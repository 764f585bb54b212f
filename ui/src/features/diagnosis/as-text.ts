// A diagnosis as plain text for a ticket. Everything in it was made safe by the engine; nothing is added here.
import type { ConnectorView, DiagnosisStep } from "../../api/types.gen";
import { durationWords } from "../../lib/time";
import { stateWords } from "../../lib/verdict";
import { words } from "../../words";
import { exchangeText } from "./exchange";

function stepLines(step: DiagnosisStep): string[] {
  const code = step.code === null ? "" : ` (${step.code})`;
  return [
    `${String(step.number).padStart(2)}. ${words.sides[step.side]}, ${step.title}: ${words.outcomes[step.outcome]}, ${durationWords(step.duration_ms)}`,
    `    ${step.text}${code}`,
    ...step.exchanges.flatMap(exchangeText).map((line) => `      ${line}`),
  ];
}

export function diagnosisText(connector: ConnectorView, steps: DiagnosisStep[]): string {
  const { name, address, health } = connector;
  const cause = health.cause === null ? [] : [`${health.cause.text} ${health.cause.hint} (${health.cause.code})`];
  const checked = health.checked_at === null ? [] : [words.owner.checked(health.checked_at)];
  return [`${name} <${address}>`, stateWords(health), ...cause, ...checked, "", ...steps.flatMap(stepLines)].join("\n");
}
