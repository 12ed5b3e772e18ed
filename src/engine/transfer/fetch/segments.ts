// Cuts the missing pieces into segments, one request each: a range of one large file, or many small files. Pure. A
// segment is cut when a stream is free, and shrinks with the rest, so that all streams end at about the same time.

import { BLOCK_BYTES, BLOCK_CHUNKS } from "../../bao/geometry.ts";
import { isWhole, type Piece, pieceBytes } from "../../store/pieces.ts";
import { EVERYTHING, NOTHING, RangeSpec } from "../../wire/range_spec.ts";
import { RangesSequence } from "../../wire/ranges_sequence.ts";
import type { Listed } from "../../listed.ts";
import type { RemoteFile } from "./remote_files.ts";

/** Minimum size of a segment that is not the last. */
const SMALLEST_BYTES = 4 * 1024 * 1024;
/** Maximum number of runs of neighbouring files in a request, which keeps it far below its maximum length. */
const MAXIMUM_RUNS = 2_000;
/** Maximum number of files in a request, which bounds what is fetched again after a broken stream. */
export const MAXIMUM_FILES = 4_096;

/** Pieces of ascending index. A piece that is not a whole file is alone. */
export type Segment = readonly Piece[];

export class SegmentQueue {
  readonly #files: Listed<RemoteFile>;
  /** Pieces that were not taken, the next one last. */
  readonly #waiting: Piece[];
  #leftBytes = 0;

  /** @param pieces the missing pieces, in order; those of one file are not adjacent, none is empty */
  constructor(files: Listed<RemoteFile>, pieces: readonly Piece[]) {
    this.#files = files;
    this.#waiting = pieces.toReversed();
    this.#leftBytes = this.#sizeOf(pieces);
  }

  /** Bytes that were not taken. */
  get leftBytes(): number {
    return this.#leftBytes;
  }

  /**
   * The next segment for one of `streams` streams, of at most about `largestBytes` and at most `largestFiles` files;
   * undefined if the queue is empty.
   */
  take(streams: number, largestBytes: number, largestFiles = MAXIMUM_FILES): Segment | undefined {
    const share = Math.ceil(this.#leftBytes / (2 * streams));
    const limitBytes = Math.min(Math.max(share, SMALLEST_BYTES), largestBytes);
    const segment = this.#cut(limitBytes, Math.min(largestFiles, MAXIMUM_FILES));
    if (segment.length === 0) return undefined;
    this.#leftBytes -= this.#sizeOf(segment);
    return segment;
  }

  /** Puts undelivered pieces of a segment at the front of the queue. */
  returnPieces(pieces: readonly Piece[]): void {
    this.#leftBytes += this.#sizeOf(pieces);
    this.#waiting.push(...pieces.toReversed());
  }

  /** Removes all pieces of a file from the queue. */
  drop(index: number): void {
    const dropped = this.#waiting.filter((piece) => piece.index === index);
    this.#leftBytes -= this.#sizeOf(dropped);
    // In place, because there may be a million.
    let kept = 0;
    for (const piece of this.#waiting) if (piece.index !== index) this.#waiting[kept++] = piece;
    this.#waiting.length = kept;
  }

  #cut(limitBytes: number, limitFiles: number): Segment {
    const segment: Piece[] = [];
    let bytes = 0;
    let runs = 0;
    for (let piece = this.#waiting.at(-1); piece !== undefined; piece = this.#waiting.at(-1)) {
      const last = segment.at(-1);
      const size = pieceBytes(piece, this.#files);
      const fits = isWhole(piece, this.#files) && bytes + size <= limitBytes;
      if (last === undefined && !fits) return [this.#cutPiece(limitBytes)];
      // Returned pieces may precede files of a lower index.
      const isNext = last === undefined || last.index < piece.index;
      if (!fits || !isNext || segment.length === limitFiles) break;
      if (!this.#follows(last, piece.index) && ++runs > MAXIMUM_RUNS) break;
      segment.push(piece);
      bytes += size;
      this.#waiting.pop();
    }
    return segment;
  }

  /** The next blocks of a piece that is not a whole file, or that is too large for one segment. */
  #cutPiece(limitBytes: number): Piece {
    const { index, firstBlock, endBlock } = this.#waiting.pop()!;
    const middle = Math.min(firstBlock + Math.max(1, Math.floor(limitBytes / BLOCK_BYTES)), endBlock);
    if (middle < endBlock) this.#waiting.push({ index, firstBlock: middle, endBlock });
    return { index, firstBlock, endBlock: middle };
  }

  #follows(piece: Piece | undefined, index: number): boolean {
    return piece !== undefined && this.#files.at(piece.index)!.offset + 1 === this.#files.at(index)!.offset;
  }

  #sizeOf(pieces: readonly Piece[]): number {
    return pieces.reduce((sum, piece) => sum + pieceBytes(piece, this.#files), 0);
  }
}

/** The range spec of a piece. */
export function specOf(piece: Piece, files: Listed<RemoteFile>): RangeSpec {
  if (isWhole(piece, files)) return EVERYTHING;
  return RangeSpec.of(piece.firstBlock * BLOCK_CHUNKS, piece.endBlock * BLOCK_CHUNKS);
}

/** The ranges of the root's children that a segment requests. */
export function rangesOf(segment: Segment, files: Listed<RemoteFile>): RangesSequence {
  const pairs: [number, RangeSpec][] = [];
  for (const piece of segment) {
    const { offset } = files.at(piece.index)!;
    if (pairs.at(-1)?.[0] === offset) pairs.pop();
    pairs.push([offset, specOf(piece, files)], [offset + 1, NOTHING]);
  }
  return RangesSequence.of(...pairs);
}
