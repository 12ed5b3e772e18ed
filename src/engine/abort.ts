// Cancelling by AbortSignal: every wait of the engine takes a signal or is raced with one.

import { deferred } from "./deferred.ts";
import { PliError } from "./errors.ts";

/** Throws `cancelled` when the signal has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PliError("cancelled", {}, { cause: signal.reason });
}

/** The result of a promise, or `cancelled` as soon as the signal is aborted. The promise itself is not cancelled. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  const { promise: aborted, reject } = deferred<never>();
  const abort = () => reject(new PliError("cancelled", {}, { cause: signal.reason }));
  // After an abort the result and the error of the promise are ignored.
  promise.catch(() => {});
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
