// A limit on how long a peer may take for one step, or how little it may move in a longer one.

import type { Clock } from "../ports.ts";

/** How much a peer has to move in which time. */
export interface Pace {
  readonly bytes: number;
  readonly withinMs: number;
}

/** What everybody has to move: one byte now and then would keep a stream open for ever. */
export const STEADY: Pace = { bytes: 1024, withinMs: 30_000 };
/** What somebody has to move who holds what others have been waiting for: a slow line with many streams does. */
export const PRESSED: Pace = { bytes: 4 * 1024, withinMs: 2_000 };

/** How long somebody waits before those who hold what he waits for have to keep that pace. */
export const PRESSED_AFTER_MS = 500;

/** A step that its peer did not finish in time, and the pace that it did not keep, if it was about one. */
export class DeadlinePassed extends Error {
  constructor(readonly pace?: Pace) {
    super();
  }
}

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

/** How often a step that takes long is looked at. */
const LOOK_MS = 500;

/**
 * The result of a step that may take as long as `movedBytes` keeps a pace, which is asked for at each look.
 * DeadlinePassed when it does not.
 */
export async function whileMoving<T>(
  clock: Clock,
  pace: () => Pace,
  step: Promise<T>,
  movedBytes: () => number,
): Promise<T> {
  let markBytes = movedBytes();
  let markMs = clock.nowMs();
  const { promise: late, reject } = Promise.withResolvers<never>();
  // One promise for all looks: each race with a step leaves something at it until it is over.
  const look = () => {
    const wanted = pace();
    if (movedBytes() - markBytes >= wanted.bytes) {
      markBytes = movedBytes();
      markMs = clock.nowMs();
    } else if (clock.nowMs() - markMs >= wanted.withinMs) return reject(new DeadlinePassed(wanted));
    cancel = clock.timer(LOOK_MS, look);
  };
  let cancel = clock.timer(LOOK_MS, look);
  step.catch(() => {});
  try {
    return await Promise.race([step, late]);
  } finally {
    cancel();
  }
}
