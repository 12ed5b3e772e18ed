// An error as what is shown of it: its code and parameters, for a catalogue to put into words.

import { isPliError, PliError } from "../engine/mod.ts";
import { AppError } from "./errors.ts";
import type { Failure } from "./views.ts";

/** What is shown of anything that was thrown. */
export function failureOf(error: unknown): Failure {
  if (isPliError(error) || error instanceof AppError) {
    return { code: error.code, parameters: { ...error.parameters } };
  }
  return failureOf(new PliError("internal", { what: String(error) }));
}
