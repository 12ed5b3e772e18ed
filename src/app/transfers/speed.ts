// The speed of a transfer, smoothed: an exponential moving average, in which older samples count less. The only
// speed filter of pli. Pure: time is passed in.

/** A sample of this age has about a third of its weight. */
const SMOOTHING_MS = 4_000;
/** Shorter intervals are not measured. */
const MINIMUM_MS = 50;

/** The last sample of a count of bytes, and the average up to it. */
export interface Speed {
  readonly startMs: number;
  readonly lastMs: number;
  readonly lastBytes: number;
  /** Null until enough time has passed. */
  readonly bytesPerSecond: number | null;
}

/** The speed after one more sample; `speed` is null before the first. A count that falls restarts it. */
export function speedAfter(speed: Speed | null, bytes: number, nowMs: number): Speed {
  if (speed === null || bytes < speed.lastBytes) {
    return { startMs: nowMs, lastMs: nowMs, lastBytes: bytes, bytesPerSecond: null };
  }
  const passedMs = nowMs - speed.lastMs;
  if (passedMs < MINIMUM_MS) return speed;
  const current = (bytes - speed.lastBytes) / passedMs * 1000;
  // At first the plain average, because no sample is old yet.
  const weight = Math.max(1 - Math.exp(-passedMs / SMOOTHING_MS), passedMs / (nowMs - speed.startMs));
  const bytesPerSecond = (speed.bytesPerSecond ?? 0) * (1 - weight) + weight * current;
  return { ...speed, lastMs: nowMs, lastBytes: bytes, bytesPerSecond };
}
