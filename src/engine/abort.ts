// Cancelling by an AbortSignal: every wait of the engine either takes one or is raced with one.

import { PliError } from "./errors.ts";

/** Throws `cancelled` when the signal has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PliError("cancelled", {}, { cause: signal.reason });
}

/** The result of a promise, or `cancelled` as soon as the signal is aborted. The promise itself goes on. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new PliError("cancelled", {}, { cause: signal.reason }));
  // When the signal wins, what the promise still brings is of no interest here.
  promise.catch(() => {});
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
