// A limit on how long a peer may take for one step, or stand still in a longer one.

import type { Clock } from "../ports.ts";

/** A step that its peer did not finish in time. */
export class DeadlinePassed extends Error {}

/** The result of `step`, or DeadlinePassed after `limitMs`. The step itself is not cancelled. */
export async function withDeadline<T>(clock: Clock, limitMs: number, step: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = clock.timer(limitMs, () => reject(new DeadlinePassed()));
  // When the deadline wins, the step may still fail, with nobody listening.
  step.catch(() => {});
  try {
    return await Promise.race([step, late]);
  } finally {
    cancel();
  }
}

/** How often a step that takes long is looked at within its limit. */
const LOOKS = 6;

/**
 * The result of a step that may take as long as it moves: DeadlinePassed when `movedBytes` has said the same for
 * `limitMs`, and a sixth of that, because it is looked at that often.
 */
export async function whileMoving<T>(
  clock: Clock,
  limitMs: number,
  step: Promise<T>,
  movedBytes: () => number,
): Promise<T> {
  let seenBytes = movedBytes();
  let movedMs = clock.nowMs();
  for (;;) {
    try {
      return await withDeadline(clock, limitMs / LOOKS, step);
    } catch (error) {
      if (!(error instanceof DeadlinePassed)) throw error;
      const bytes = movedBytes();
      if (bytes === seenBytes && clock.nowMs() - movedMs >= limitMs) throw error;
      if (bytes !== seenBytes) movedMs = clock.nowMs();
      seenBytes = bytes;
    }
  }
}
