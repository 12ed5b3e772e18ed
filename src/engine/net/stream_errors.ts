// Converts the errors of streams to PliErrors, by the codes of the bindings.

import { PliError } from "../errors.ts";

/** The error of a binding's connections and streams; native/src/fault.rs has the codes. */
export interface BindingFault extends Error {
  code: string;
  /** The peer's code of `stream_reset`. */
  streamCode?: number;
}

/** The PliError for an error of a stream: `stream_reset` with the peer's code, or `connection_lost`. */
export function streamError(error: unknown): PliError {
  const { code, streamCode } = error as BindingFault;
  return code === "stream_reset" && streamCode !== undefined
    ? new PliError("stream_reset", { streamCode }, { cause: error })
    : new PliError("connection_lost", {}, { cause: error });
}
