// The stock binding reports faults as text only (the Rust error's debug form). This is the one place that
// reads it, so that everything above works with codes.

import { PliError } from "../errors.ts";

/** A stream's fault as a PliError: `stream_reset` with the peer's code, or `connection_lost`. */
export function streamError(error: unknown): PliError {
  const code = /\b(?:Reset|Stopped)\((\d+)\)/.exec(errorText(error))?.[1];
  return code === undefined
    ? new PliError("connection_lost", {}, { cause: error })
    : new PliError("stream_reset", { streamCode: Number(code) }, { cause: error });
}

function errorText(error: unknown): string {
  // What follows the first line is a backtrace.
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0];
}
