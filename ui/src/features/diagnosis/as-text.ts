// A diagnosis as plain text for a ticket. Everything in it was made safe by the engine; nothing is added here.
import type { ConnectorView, DiagnosisStep, Exchange, HeaderLine } from "../../api/types.gen";
import { durationWords } from "../../lib/time";
import { stateWords } from "../../lib/verdict";
import { words } from "../../words";
import { bodyWords } from "./body";

const headerLine = ({ name, value }: HeaderLine): string => `      ${name}: ${value ?? words.diagnosis.hidden}`;

function exchangeLines(exchange: Exchange): string[] {
  const answer = exchange.status === null ? words.diagnosis.noAnswer : String(exchange.status);
  return [
    `    ${exchange.method} ${exchange.url}`,
    ...exchange.request_headers.map(headerLine),
    `    ${exchange.error === null ? answer : `${answer}: ${exchange.error}`}, ${durationWords(exchange.duration_ms)}`,
    ...exchange.response_headers.map(headerLine),
    `      ${bodyWords(exchange.body_shape)}, ${words.diagnosis.bytes(exchange.response_bytes)}`,
  ];
}

function stepLines(step: DiagnosisStep): string[] {
  const code = step.code === null ? "" : ` (${step.code})`;
  return [
    `${String(step.number).padStart(2)}. ${words.sides[step.side]}, ${step.title}: ${words.outcomes[step.outcome]}, ${durationWords(step.duration_ms)}`,
    `    ${step.text}${code}`,
    ...step.exchanges.flatMap(exchangeLines),
  ];
}

export function diagnosisText(connector: ConnectorView, steps: DiagnosisStep[]): string {
  const { name, address, health } = connector;
  const cause = health.cause === null ? [] : [`${health.cause.text} ${health.cause.hint} (${health.cause.code})`];
  const checked = health.checked_at === null ? [] : [words.owner.checked(health.checked_at)];
  return [`${name} <${address}>`, stateWords(health), ...cause, ...checked, "", ...steps.flatMap(stepLines)].join("\n");
}
