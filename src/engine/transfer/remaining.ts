// What is still to come of a download. It outlives connections: what a broken stream did not bring is asked for
// again on the next one.

import type { Listed } from "../listed.ts";
import { type Piece, pieceBytes } from "../store/pieces.ts";
import type { RemoteFile } from "./remote_files.ts";
import { type Segment, SegmentQueue } from "./segments.ts";

export class Remaining {
  readonly #files: Listed<RemoteFile>;
  readonly #queue: SegmentQueue;
  /** Bytes of each file that are still to be written. */
  readonly #unwritten: Float64Array;
  #empty: number[];

  /** @param pieces what is to come, in its order; those of one file do not touch */
  constructor(files: Listed<RemoteFile>, pieces: readonly Piece[]) {
    this.#files = files;
    // Nobody asks for the empty blob: everybody has it.
    this.#empty = pieces.filter(({ index }) => files.at(index)!.sizeBytes === 0).map(({ index }) => index);
    const asked = pieces.filter(({ index }) => files.at(index)!.sizeBytes > 0);
    this.#queue = new SegmentQueue(files, asked);
    this.#unwritten = new Float64Array(files.length);
    for (const piece of asked) this.#unwritten[piece.index] += pieceBytes(piece, files);
  }

  /** Bytes that no stream is fetching. */
  get waitingBytes(): number {
    return this.#queue.leftBytes;
  }

  /** The next segment, as SegmentQueue.take has it. */
  take(streams: number, largestBytes: number): Segment | undefined {
    return this.#queue.take(streams, largestBytes);
  }

  /** The empty files, once. */
  takeEmpty(): number[] {
    const empty = this.#empty;
    this.#empty = [];
    return empty;
  }

  /** Bytes of a file that are there: what was written, and what did not have to come. */
  doneBytesOf(index: number): number {
    return this.#files.at(index)!.sizeBytes - this.#unwritten[index];
  }

  /** Bytes of a file have been written. True when they were the last ones. */
  written(index: number, bytes: number): boolean {
    this.#unwritten[index] -= bytes;
    return this.#unwritten[index] === 0;
  }

  /** Pieces that did not come. Of the first so many bytes have been written that will come again. */
  giveBack(pieces: readonly Piece[], repeatedBytes: number): void {
    if (pieces.length === 0) return;
    const [{ index }] = pieces;
    this.#unwritten[index] += repeatedBytes;
    this.#queue.giveBack(pieces);
  }
}
