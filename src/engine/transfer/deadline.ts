// Deadlines for a peer: a time limit for one step, and a minimum throughput for a longer one.

import { deferred } from "../deferred.ts";
import type { Clock } from "../ports.ts";

/** The minimum number of bytes that a peer must transfer, and the time for them. */
export interface MinimumThroughput {
  readonly bytes: number;
  readonly withinMs: number;
  /** Whether it applies to a peer that holds bytes of a budget that others are queued for. */
  readonly isContended: boolean;
}

/** Applies to every stream. Without it one byte now and then would keep a stream open for ever. */
export const MINIMUM_THROUGHPUT: MinimumThroughput = { bytes: 1024, withinMs: 30_000, isContended: false };
/** Each of many streams on a slow link reaches this throughput. */
export const CONTENDED_THROUGHPUT: MinimumThroughput = {
  bytes: 4 * 1024,
  withinMs: 2_000,
  isContended: true,
};

/**
 * Minimum rate of acknowledgements of a peer for which unacknowledged bytes are kept. Acknowledgements are counted in
 * pieces of 64 KiB, which take several seconds on a slow link.
 */
export const MINIMUM_ACKNOWLEDGED: MinimumThroughput = { bytes: 1, withinMs: 120_000, isContended: false };
export const CONTENDED_ACKNOWLEDGED: MinimumThroughput = { bytes: 1, withinMs: 4_000, isContended: true };

/** Time for which a reservation is queued before the contended minimum applies to the peers that hold bytes. */
export const CONTENDED_AFTER_MS = 500;

/** A step was not finished in time. `minimum` is the throughput that was not reached, if there was one. */
export class DeadlinePassed extends Error {
  constructor(readonly minimum?: MinimumThroughput) {
    super();
  }
}

/** The result of `step`, or DeadlinePassed after `limitMs`. The step itself is not cancelled. */
export async function withDeadline<T>(clock: Clock, limitMs: number, step: Promise<T>): Promise<T> {
  const { promise: late, reject } = deferred<never>();
  const cancel = clock.timer(limitMs, () => reject(new DeadlinePassed()));
  // After the deadline the step may still fail, which must not be an unhandled rejection.
  step.catch(() => {});
  try {
    return await Promise.race([step, late]);
  } finally {
    cancel();
  }
}

/** Interval at which the throughput of a step is checked. */
const CHECK_MS = 500;

/**
 * The result of a step that may last as long as `movedBytes` grows by the minimum throughput, which is read at each
 * check. Throws DeadlinePassed otherwise.
 */
export async function whileMoving<T>(
  clock: Clock,
  minimum: () => MinimumThroughput,
  step: Promise<T>,
  movedBytes: () => number,
): Promise<T> {
  let markBytes = movedBytes();
  let markMs = clock.nowMs();
  const { promise: late, reject } = deferred<never>();
  // One promise for all checks: each race with a step adds a reaction that stays until the step is over.
  const check = () => {
    const required = minimum();
    if (movedBytes() - markBytes >= required.bytes) {
      markBytes = movedBytes();
      markMs = clock.nowMs();
    } else if (clock.nowMs() - markMs >= required.withinMs) return reject(new DeadlinePassed(required));
    cancel = clock.timer(CHECK_MS, check);
  };
  let cancel = clock.timer(CHECK_MS, check);
  step.catch(() => {});
  try {
    return await Promise.race([step, late]);
  } finally {
    cancel();
  }
}
