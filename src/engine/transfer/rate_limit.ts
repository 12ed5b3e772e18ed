// A rate limit as a token bucket of an eighth of a second. `take` returns the wait before a piece may be moved, first
// come, first served, so all streams that share a limit get equal parts of it. Pure: time is passed in.

import type { SpeedLimit } from "../options.ts";

/**
 * The lowest limit. A lower one would look like a stall: a receiver extends the stream window by 256 KiB at a time, and a stream that
 * moves nothing for 30 s is stalled.
 */
export const LEAST_BYTES_PER_SECOND = 20_000;
/** Size of the bucket, and duration of a piece. No burst is longer than twice this. */
const BURST_MS = 125;

/** A rate limit that may be shared by several transfers. */
export class RateLimit implements SpeedLimit {
  #bytesPerSecond: number | null = null;
  /** The time at which all pieces taken so far will have been moved. */
  #busyUntilMs = -Infinity;

  /** An unused limit; null means no limit. Throws RangeError for another value below `LEAST_BYTES_PER_SECOND` or Infinity. */
  constructor(bytesPerSecond: number | null) {
    this.bytesPerSecond = bytesPerSecond;
  }

  get bytesPerSecond(): number | null {
    return this.#bytesPerSecond;
  }

  /** May be set at any time. Throws as the constructor does and keeps the old limit then. */
  set bytesPerSecond(value: number | null) {
    if (value !== null && !(value >= LEAST_BYTES_PER_SECOND && value < Infinity)) {
      throw new RangeError(
        `a limit is at least ${LEAST_BYTES_PER_SECOND} bytes per second, or null for none, and not ${value}`,
      );
    }
    this.#bytesPerSecond = value;
  }

  get pieceBytes(): number {
    const { bytesPerSecond } = this;
    return bytesPerSecond === null ? Infinity : Math.floor(bytesPerSecond * BURST_MS / 1_000);
  }

  take(bytes: number, nowMs: number): number {
    if (this.bytesPerSecond === null) return 0;
    const startMs = Math.max(this.#busyUntilMs, nowMs - BURST_MS);
    this.#busyUntilMs = startMs + bytes * 1_000 / this.bytesPerSecond;
    return Math.max(0, startMs - nowMs);
  }
}

/** Yields views of arrays, in order, in pieces of at most `pieceBytes`. */
export function* slices(parts: readonly Uint8Array[], pieceBytes: number): Generator<Uint8Array[]> {
  let piece: Uint8Array[] = [];
  let roomBytes = pieceBytes;
  for (const part of parts) {
    for (let start = 0; start < part.length;) {
      const view = part.subarray(start, start + Math.min(roomBytes, part.length - start));
      piece.push(view);
      start += view.length;
      roomBytes -= view.length;
      if (roomBytes > 0) continue;
      yield piece;
      piece = [];
      roomBytes = pieceBytes;
    }
  }
  if (piece.length > 0) yield piece;
}

/** Total length of arrays. */
export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
