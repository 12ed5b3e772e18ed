// How many streams a download uses: a pure machine that is told what has arrived and says how many there should
// be. One stream moves at most one window per round trip, so on a long path more of them are faster; on a fast
// short one they only cost. So it tries: twice as many, as long as that makes it faster, else as many as before.

/** More bring nothing, and a provider may allow 16 requests for one file. */
export const MAXIMUM_STREAMS = 8;
/** What is measured over is this many round trips, and not less than the time below. */
const ROUND_TRIPS = 8;
const SHORTEST_MEASUREMENT_MS = 250;
/** More streams are kept when they bring a tenth more. */
const WORTHWHILE = 1.1;
/** When a number has proved good, others are tried again after this time. */
const SETTLED_MS = 5_000;
/** A path with at least this round trip begins with several. */
const LONG_PATH_MS = 5;
const LONG_PATH_STREAMS = 4;

export class StreamCount {
  /** How many streams there should be now. */
  target: number;

  /** Bytes per millisecond in the last whole measurement, 0 before. */
  #rate = 0;
  readonly #measurementMs: number;
  readonly #maximum: number;
  #startMs: number;
  #bytes = 0;
  /** What is being compared with: the number before the last raise, and its rate. */
  #before: { target: number; rate: number } | undefined;
  #settledUntilMs = 0;

  /** @param maximum at most this many, whatever is measured */
  constructor(nowMs: number, rttMs: number, maximum: number = MAXIMUM_STREAMS) {
    this.#maximum = Math.min(maximum, MAXIMUM_STREAMS);
    this.target = Math.min(rttMs >= LONG_PATH_MS ? LONG_PATH_STREAMS : 1, this.#maximum);
    this.#measurementMs = Math.max(SHORTEST_MEASUREMENT_MS, ROUND_TRIPS * rttMs);
    this.#startMs = nowMs;
  }

  /** Bytes have arrived, on whichever stream. */
  arrived(bytes: number, nowMs: number): void {
    this.#bytes += bytes;
    const durationMs = nowMs - this.#startMs;
    if (durationMs < this.#measurementMs) return;
    this.#rate = this.#bytes / durationMs;
    this.#restart(nowMs);
    this.#decide(nowMs);
  }

  /** Bytes per millisecond, as far as it is known: 0 before anything has arrived. */
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
    const before = this.#before;
    if (before !== undefined && this.#rate < before.rate * WORTHWHILE) {
      this.target = before.target;
      return this.#settle(nowMs);
    }
    if (nowMs < this.#settledUntilMs || this.target === this.#maximum) return;
    this.#before = { target: this.target, rate: this.#rate };
    this.target = Math.min(this.target * 2, this.#maximum);
  }

  #settle(nowMs: number): void {
    this.#before = undefined;
    this.#settledUntilMs = nowMs + SETTLED_MS;
  }

  #restart(nowMs: number): void {
    this.#startMs = nowMs;
    this.#bytes = 0;
  }
}
