// A limit on how long a peer may take for one step.

import type { Clock } from "../ports.ts";

/** A step that its peer did not finish in time. */
export class DeadlinePassed extends Error {}

/** The result of `step`, or DeadlinePassed after `limitMs`. The step itself is not cancelled. */
export async function withDeadline<T>(clock: Clock, limitMs: number, step: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = clock.sleep(limitMs, timer.signal).then(() => {
    throw new DeadlinePassed();
  });
  // When the step wins, the aborted sleep rejects with nobody listening.
  late.catch(() => {});
  // When the deadline wins, so may the step.
  step.catch(() => {});
  try {
    return await Promise.race([step, late]);
  } finally {
    timer.abort();
  }
}
