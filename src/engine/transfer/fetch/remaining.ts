// The missing pieces of a download. They outlive connections: what a broken stream did not deliver is requested again
// on the next one.

import type { Listed } from "../../listed.ts";
import { type Piece, pieceBytes } from "../../store/pieces.ts";
import type { RemoteFile } from "./remote_files.ts";
import { type Segment, SegmentQueue } from "./segments.ts";

export class Remaining {
  readonly #files: Listed<RemoteFile>;
  readonly #queue: SegmentQueue;
  /** Bytes of each file that are not written yet. */
  readonly #unwritten: Float64Array;
  #unwrittenBytes = 0;
  #empty: number[];
  /** Files that the provider cannot send, by index. */
  readonly #lost = new Set<number>();

  /** @param pieces the missing pieces, in order; those of one file are not adjacent */
  constructor(files: Listed<RemoteFile>, pieces: readonly Piece[]) {
    this.#files = files;
    // The empty blob is never requested, because its content is known.
    this.#empty = pieces.filter(({ index }) => files.at(index)!.sizeBytes === 0).map(({ index }) => index);
    const asked = pieces.filter(({ index }) => files.at(index)!.sizeBytes > 0);
    this.#queue = new SegmentQueue(files, asked);
    this.#unwritten = new Float64Array(files.length);
    for (const piece of asked) this.#unwritten[piece.index] += pieceBytes(piece, files);
    this.#unwrittenBytes = this.#queue.leftBytes;
  }

  /** Bytes that no stream is fetching. */
  get waitingBytes(): number {
    return this.#queue.leftBytes;
  }

  /** The next segment, as SegmentQueue.take returns it. */
  take(streams: number, largestBytes: number, largestFiles?: number): Segment | undefined {
    return this.#queue.take(streams, largestBytes, largestFiles);
  }

  /** The files that the provider cannot send, by index. */
  get lost(): ReadonlySet<number> {
    return this.#lost;
  }

  /** Drops a file that the provider cannot send. */
  lose(index: number): void {
    this.#lost.add(index);
    this.#queue.drop(index);
  }

  /** The empty files, once. */
  takeEmpty(): number[] {
    const empty = this.#empty;
    this.#empty = [];
    return empty;
  }

  /** Bytes of a file that are present: written ones, and those that were not missing. */
  doneBytesOf(index: number): number {
    return this.#files.at(index)!.sizeBytes - this.#unwritten[index];
  }

  /** Bytes of all files that are not written yet. */
  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  /** Counts written bytes of a file. Returns whether they were the last ones. */
  written(index: number, bytes: number): boolean {
    this.#unwritten[index] -= bytes;
    this.#unwrittenBytes -= bytes;
    return this.#unwritten[index] === 0;
  }

  /**
   * Returns undelivered pieces to the queue. `repeatedBytes` of the first one were written and will be fetched again.
   */
  returnPieces(pieces: readonly Piece[], repeatedBytes: number): void {
    if (pieces.length === 0) return;
    const [{ index }] = pieces;
    this.#unwritten[index] += repeatedBytes;
    this.#unwrittenBytes += repeatedBytes;
    this.#queue.returnPieces(pieces.filter((piece) => !this.#lost.has(piece.index)));
  }
}
