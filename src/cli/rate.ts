// How fast it goes, smoothed: an average in which older moments count less and less.

/** What was this long ago counts about a third. */
const SMOOTHING_MS = 4_000;
/** Shorter moments than this say nothing about speed. */
const MINIMUM_MS = 50;

export class Rate {
  #startMs = 0;
  #lastMs: number | undefined;
  #lastBytes = 0;
  #perSecond: number | null = null;

  /** Notes how many bytes there are in all at a time. */
  note(bytes: number, nowMs: number): void {
    // A count that goes back is a new one, such as another receiver's.
    if (this.#lastMs === undefined || bytes < this.#lastBytes) {
      [this.#startMs, this.#lastMs, this.#lastBytes, this.#perSecond] = [nowMs, nowMs, bytes, null];
      return;
    }
    const passedMs = nowMs - this.#lastMs;
    if (passedMs < MINIMUM_MS) return;
    const current = (bytes - this.#lastBytes) / passedMs * 1000;
    // In the beginning, the plain average: no moment is old yet.
    const weight = Math.max(1 - Math.exp(-passedMs / SMOOTHING_MS), passedMs / (nowMs - this.#startMs));
    this.#perSecond = (this.#perSecond ?? 0) * (1 - weight) + weight * current;
    [this.#lastMs, this.#lastBytes] = [nowMs, bytes];
  }

  /** Bytes per second; null while nothing can be said. */
  get bytesPerSecond(): number | null {
    return this.#perSecond;
  }
}
