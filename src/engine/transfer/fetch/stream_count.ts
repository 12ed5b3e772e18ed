// Chooses the number of streams of a download from measured throughput. Pure. One stream moves at most one window per
// round trip, so several are faster on a long path; on a fast short one they only cost. The number is doubled while
// that increases the throughput, else it returns to the one before.

/** More streams bring nothing, and a provider may permit only 16 requests for one file. */
export const MAXIMUM_STREAMS = 8;
/** A measurement takes this many round trips, and at least the time below. */
const ROUND_TRIPS = 8;
const SHORTEST_MEASUREMENT_MS = 250;
/** The throughput must grow by this factor for the larger number to stay. */
const MINIMUM_GAIN = 1.1;
/** Time after which another number is tried again. */
const SETTLED_MS = 5_000;
/** A path with at least this round trip begins with several streams. */
const LONG_PATH_MS = 5;
const LONG_PATH_STREAMS = 4;

export class StreamCount {
  /** The present number of streams. */
  target: number;

  /** Bytes per millisecond in the last complete measurement, 0 before. */
  #rate = 0;
  readonly #measurementMs: number;
  readonly #maximum: number;
  #startMs: number;
  #bytes = 0;
  /** The number before the last increase, and its rate. */
  #baseline: { target: number; rate: number } | undefined;
  #settledUntilMs = 0;

  /** @param maximum upper bound of the number */
  constructor(nowMs: number, rttMs: number, maximum: number = MAXIMUM_STREAMS) {
    this.#maximum = Math.min(maximum, MAXIMUM_STREAMS);
    this.target = Math.min(rttMs >= LONG_PATH_MS ? LONG_PATH_STREAMS : 1, this.#maximum);
    this.#measurementMs = Math.max(SHORTEST_MEASUREMENT_MS, ROUND_TRIPS * rttMs);
    this.#startMs = nowMs;
  }

  /** Counts bytes that arrived on any stream. */
  arrived(bytes: number, nowMs: number): void {
    this.#bytes += bytes;
    const durationMs = nowMs - this.#startMs;
    if (durationMs < this.#measurementMs) return;
    this.#rate = this.#bytes / durationMs;
    this.#restart(nowMs);
    this.#decide(nowMs);
  }

  /** Bytes per millisecond; 0 before anything has arrived. */
  rate(nowMs: number): number {
    return this.#rate > 0 ? this.#rate : this.#bytes / Math.max(1, nowMs - this.#startMs);
  }

  /** The provider has refused a stream because it serves too many. */
  busy(nowMs: number): void {
    this.target = Math.max(1, Math.floor(this.target / 2));
    this.#settle(nowMs);
    this.#restart(nowMs);
  }

  #decide(nowMs: number): void {
    const before = this.#baseline;
    if (before !== undefined && this.#rate < before.rate * MINIMUM_GAIN) {
      this.target = before.target;
      return this.#settle(nowMs);
    }
    if (nowMs < this.#settledUntilMs || this.target === this.#maximum) return;
    this.#baseline = { target: this.target, rate: this.#rate };
    this.target = Math.min(this.target * 2, this.#maximum);
  }

  #settle(nowMs: number): void {
    this.#baseline = undefined;
    this.#settledUntilMs = nowMs + SETTLED_MS;
  }

  #restart(nowMs: number): void {
    this.#startMs = nowMs;
    this.#bytes = 0;
  }
}
