// The Clock port on the system's clock.

import { deferred } from "./deferred.ts";
import { throwIfAborted } from "./abort.ts";
import { PliError } from "./errors.ts";
import type { Clock } from "./ports.ts";

/** The clock of this computer. */
export const systemClock: Clock = {
  nowMs(): number {
    return performance.now();
  },

  epochMs(): number {
    return Date.now();
  },

  timer(delayMs: number, wake: () => void): () => void {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const { promise, resolve, reject } = deferred<void>();
    const abort = () => reject(new PliError("cancelled", {}, { cause: signal?.reason }));
    const timer = setTimeout(resolve, delayMs);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  },
};
