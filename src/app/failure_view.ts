// An error as it is shown: its code and parameters, which a catalogue turns into a sentence.

import { isPliError, PliError } from "../engine/mod.ts";
import { AppError, fileLimitFault } from "./errors.ts";
import type { Failure } from "./views.ts";

/** The failure for any thrown value. */
export function failureOf(thrown: unknown): Failure {
  const error = fileLimitFault(thrown);
  if (isPliError(error) || error instanceof AppError) {
    return { code: error.code, parameters: { ...error.parameters } };
  }
  return failureOf(new PliError("internal", { what: String(error) }));
}
