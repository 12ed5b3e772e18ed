// The outcome for one path of an operation on many, for callers that stop at its error.

import { isPliError } from "../errors.ts";
import type { FileStatus, PathOutcome } from "../ports.ts";

/** The status, or null. Throws the error. */
export function outcomeOf(outcome: PathOutcome): FileStatus | null {
  if (isPliError(outcome)) throw outcome;
  return outcome;
}
