// A limit on how fast data moves, kept by its user: a bucket that holds an eighth of a second's worth. Whoever wants
// to move a piece is told how long to wait for it, first come, first served, so that all streams that share a limit
// get the same of it. Without IO: time is passed in.

import type { SpeedLimit } from "../options.ts";

/**
 * A lower limit is none that anybody should set: a receiver lets its provider go on by 256 KiB at a time, and who does
 * not for 30 s counts as one that stands still.
 */
export const LEAST_BYTES_PER_SECOND = 20_000;
/** What may go at once after a pause, and how long a piece takes: together no burst is longer than twice this. */
const BURST_MS = 125;

export class RateLimit implements SpeedLimit {
  /** May be changed at any time; null is no limit. */
  bytesPerSecond: number | null;
  /** When the pieces that were promised so far will have moved. */
  #busyUntilMs = -Infinity;

  constructor(bytesPerSecond: number | null) {
    this.bytesPerSecond = bytesPerSecond;
  }

  get pieceBytes(): number {
    const { bytesPerSecond } = this;
    return bytesPerSecond === null ? Infinity : Math.max(1, Math.floor(bytesPerSecond * BURST_MS / 1_000));
  }

  take(bytes: number, nowMs: number): number {
    if (this.bytesPerSecond === null) return 0;
    const startMs = Math.max(this.#busyUntilMs, nowMs - BURST_MS);
    this.#busyUntilMs = startMs + bytes * 1_000 / this.bytesPerSecond;
    return Math.max(0, startMs - nowMs);
  }
}

/** Views of arrays, in their order, in pieces of at most so many bytes. */
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

/** How many bytes arrays have together. */
export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
