// Cuts what is to be fetched into segments, one request each: a range of one large file, or many small files.
// Pure. A segment is cut when somebody has time for it, and the less is left the smaller, so that all streams
// end at about the same time.

import { BLOCK_BYTES, BLOCK_CHUNKS } from "../bao/geometry.ts";
import { isWhole, type Piece, pieceBytes } from "../store/pieces.ts";
import { EVERYTHING, NOTHING, RangeSpec } from "../wire/range_spec.ts";
import { RangesSequence } from "../wire/ranges_sequence.ts";
import type { Listed } from "../listed.ts";
import type { RemoteFile } from "./remote_files.ts";

/** A segment is not cut smaller than this while there is more. */
const SMALLEST_BYTES = 4 * 1024 * 1024;
/** Runs of neighbouring files in one request, which keeps it far below its maximum length. */
const MAXIMUM_RUNS = 2_000;
/** Files in one request: what is fetched again when a stream breaks off stays small. */
const MAXIMUM_FILES = 4_096;

/** Pieces of rising index; a piece that is not a whole file is alone. */
export type Segment = readonly Piece[];

export class SegmentQueue {
  readonly #files: Listed<RemoteFile>;
  /** Pieces that have not been taken, the next one last. */
  readonly #waiting: Piece[];
  #leftBytes = 0;

  /** @param pieces what is to be fetched, in its order; the pieces of one file do not touch, none is empty */
  constructor(files: Listed<RemoteFile>, pieces: readonly Piece[]) {
    this.#files = files;
    this.#waiting = pieces.toReversed();
    this.#leftBytes = this.#sizeOf(pieces);
  }

  /** Bytes that nobody has taken yet. */
  get leftBytes(): number {
    return this.#leftBytes;
  }

  /**
   * The next segment for one of `streams` streams, of at most about `largestBytes`; undefined when nothing
   * waits.
   */
  take(streams: number, largestBytes: number): Segment | undefined {
    const share = Math.ceil(this.#leftBytes / (2 * streams));
    const segment = this.#cut(Math.min(Math.max(share, SMALLEST_BYTES), largestBytes));
    if (segment.length === 0) return undefined;
    this.#leftBytes -= this.#sizeOf(segment);
    return segment;
  }

  /** Pieces of a segment that could not be fetched now: they are the next ones. */
  giveBack(pieces: readonly Piece[]): void {
    this.#leftBytes += this.#sizeOf(pieces);
    this.#waiting.push(...pieces.toReversed());
  }

  #cut(limitBytes: number): Segment {
    const segment: Piece[] = [];
    let bytes = 0;
    let runs = 0;
    for (let piece = this.#waiting.at(-1); piece !== undefined; piece = this.#waiting.at(-1)) {
      const last = segment.at(-1);
      const size = pieceBytes(piece, this.#files);
      const fits = isWhole(piece, this.#files) && bytes + size <= limitBytes;
      if (last === undefined && !fits) return [this.#cutPiece(limitBytes)];
      // What was given back may stand before files of a lower index.
      const isNext = last === undefined || last.index < piece.index;
      if (!fits || !isNext || segment.length === MAXIMUM_FILES) break;
      if (!this.#follows(last, piece.index) && ++runs > MAXIMUM_RUNS) break;
      segment.push(piece);
      bytes += size;
      this.#waiting.pop();
    }
    return segment;
  }

  /** The next blocks of a piece that is not a whole file, or does not fit into one segment. */
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

/** What a request asks of a piece's file. */
export function specOf(piece: Piece, files: Listed<RemoteFile>): RangeSpec {
  if (isWhole(piece, files)) return EVERYTHING;
  return RangeSpec.of(piece.firstBlock * BLOCK_CHUNKS, piece.endBlock * BLOCK_CHUNKS);
}

/** What a request for a segment asks of the root's children. */
export function rangesOf(segment: Segment, files: Listed<RemoteFile>): RangesSequence {
  const pairs: [number, RangeSpec][] = [];
  for (const piece of segment) {
    const { offset } = files.at(piece.index)!;
    if (pairs.at(-1)?.[0] === offset) pairs.pop();
    pairs.push([offset, specOf(piece, files)], [offset + 1, NOTHING]);
  }
  return RangesSequence.of(...pairs);
}
