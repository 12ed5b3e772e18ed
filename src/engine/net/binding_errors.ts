// The stock binding reports errors only as text (Rust's debug form). This is the only place that parses it; it assigns
// the codes of the native addon's errors.

import type { BindingFault } from "./stream_errors.ts";

/** Adds codes to the errors of a call of the stock binding. */
export async function coded<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw faultOf(error);
  }
}

function faultOf(error: unknown): BindingFault {
  const code = /\b(?:Reset|Stopped)\((\d+)\)/.exec(textOf(error))?.[1];
  const fault = new Error("the stock binding reports a fault", { cause: error });
  return code === undefined
    ? Object.assign(fault, { code: "connection_lost" })
    : Object.assign(fault, { code: "stream_reset", streamCode: Number(code) });
}

function textOf(error: unknown): string {
  // After the first line there is a backtrace.
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0];
}
