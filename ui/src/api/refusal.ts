// What a backend call rejects with: an error that carries the engine's code, sentence and hint. It invents no words
// except for the one case in which the answer itself cannot be read.
import { words } from "../words";
import type { ErrorBody } from "./types.gen";

/** A call that did not succeed, with the engine's own words. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(body.code);
    this.body = body;
  }
}

function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== "object" || value === null) return false;
  const { code, text, hint } = value as Partial<Record<keyof ErrorBody, unknown>>;
  return typeof code === "string" && typeof text === "string" && typeof hint === "string";
}

/** Reads whatever was thrown. Anything that is no error body is a mistake of Replug itself. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  return new Refusal(isErrorBody(thrown) ? thrown : words.internalError);
}
