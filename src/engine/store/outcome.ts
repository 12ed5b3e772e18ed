// What an operation on many paths told of one of them, for those to whom its fault is the end.

import { isPliError } from "../errors.ts";
import type { FileStatus, PathOutcome } from "../ports.ts";

/** The status, or null. Throws the fault. */
export function outcomeOf(outcome: PathOutcome): FileStatus | null {
  if (isPliError(outcome)) throw outcome;
  return outcome;
}
