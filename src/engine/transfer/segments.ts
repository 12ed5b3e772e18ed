// Cuts what is to be fetched into segments, one request each: a range of one large file, or many small files.
// Pure. A segment is cut when somebody has time for it, and the less is left the smaller, so that all streams
// end at about the same time.

import { BLOCK_BYTES, BLOCK_CHUNKS, blockCount } from "../bao/geometry.ts";
import { EVERYTHING, NOTHING, type RangeSpec } from "../wire/range_spec.ts";
import { RangesSequence } from "../wire/ranges_sequence.ts";
import type { RemoteFile } from "./manifest.ts";

/** A segment is not cut smaller than this while there is more. */
const SMALLEST_BYTES = 4 * 1024 * 1024;
/** Runs of neighbouring files in one request, which keeps it far below its maximum length. */
const MAXIMUM_RUNS = 2_000;
/** Files in one request: what is fetched again when a stream breaks off stays small. */
const MAXIMUM_FILES = 4_096;

/** Blocks [firstBlock, endBlock) of the file with an index in the list. */
export interface Piece {
  index: number;
  firstBlock: number;
  endBlock: number;
}

/** Pieces of rising index; a piece that is not a whole file is alone. */
export type Segment = readonly Piece[];

export class SegmentQueue {
  readonly #files: readonly RemoteFile[];
  readonly #returned: Segment[] = [];
  /** What has not been cut yet: from this place in `#wanted`, and from this block of the file there. */
  readonly #wanted: readonly number[];
  #next = 0;
  #nextBlock = 0;
  #leftBytes: number;

  /** @param wanted the indexes of the files to fetch, ascending; none of them empty */
  constructor(files: readonly RemoteFile[], wanted: readonly number[]) {
    this.#files = files;
    this.#wanted = wanted;
    this.#leftBytes = wanted.reduce((sum, index) => sum + files[index].sizeBytes, 0);
  }

  /** Bytes that nobody has taken yet. */
  get leftBytes(): number {
    return this.#leftBytes;
  }

  /**
   * The next segment for one of `streams` streams, of at most about `largestBytes`; undefined when all has been
   * taken.
   */
  take(streams: number, largestBytes: number): Segment | undefined {
    const segment = this.#returned.pop() ?? this.#cut(streams, largestBytes);
    if (segment !== undefined) this.#leftBytes -= this.#sizeOf(segment);
    return segment;
  }

  /** Pieces that could not be fetched now. */
  giveBack(segment: Segment): void {
    if (segment.length === 0) return;
    this.#leftBytes += this.#sizeOf(segment);
    this.#returned.push(segment);
  }

  #cut(streams: number, largestBytes: number): Segment | undefined {
    const share = Math.ceil(this.#leftBytes / (2 * streams));
    const limit = Math.min(Math.max(share, SMALLEST_BYTES), largestBytes);
    const segment: Piece[] = [];
    let bytes = 0;
    let runs = 0;
    while (this.#next < this.#wanted.length && segment.length < MAXIMUM_FILES) {
      const index = this.#wanted[this.#next];
      const { sizeBytes } = this.#files[index];
      const isWhole = this.#nextBlock === 0 && bytes + sizeBytes <= limit;
      if (segment.length > 0 && !isWhole) break;
      if (segment.length === 0 && !isWhole) return [this.#cutFile(index, limit)];
      if (!this.#follows(segment.at(-1), index) && ++runs > MAXIMUM_RUNS) break;
      segment.push({ index, firstBlock: 0, endBlock: blockCount(sizeBytes) });
      bytes += sizeBytes;
      this.#next++;
    }
    return segment.length === 0 ? undefined : segment;
  }

  /** The next blocks of a file that does not fit into one segment, or of which some have been taken. */
  #cutFile(index: number, limitBytes: number): Piece {
    const blocks = blockCount(this.#files[index].sizeBytes);
    const firstBlock = this.#nextBlock;
    const endBlock = Math.min(firstBlock + Math.max(1, Math.floor(limitBytes / BLOCK_BYTES)), blocks);
    this.#nextBlock = endBlock === blocks ? 0 : endBlock;
    if (endBlock === blocks) this.#next++;
    return { index, firstBlock, endBlock };
  }

  #follows(piece: Piece | undefined, index: number): boolean {
    return piece !== undefined && this.#files[piece.index].offset + 1 === this.#files[index].offset;
  }

  #sizeOf(segment: Segment): number {
    return segment.reduce((sum, piece) => sum + pieceBytes(piece, this.#files), 0);
  }
}

/** How many bytes of its file a piece has. */
export function pieceBytes({ index, firstBlock, endBlock }: Piece, files: readonly RemoteFile[]): number {
  return Math.min(endBlock * BLOCK_BYTES, files[index].sizeBytes) - firstBlock * BLOCK_BYTES;
}

/** Whether a piece is all of its file. */
export function isWhole({ index, firstBlock, endBlock }: Piece, files: readonly RemoteFile[]): boolean {
  return firstBlock === 0 && endBlock === blockCount(files[index].sizeBytes);
}

/** What a request asks of a piece's file. */
export function specOf(piece: Piece, files: readonly RemoteFile[]): RangeSpec {
  if (isWhole(piece, files)) return EVERYTHING;
  return [piece.firstBlock, piece.endBlock].map((block) => BigInt(block * BLOCK_CHUNKS));
}

/** What a request for a segment asks of the root's children. */
export function rangesOf(segment: Segment, files: readonly RemoteFile[]): RangesSequence {
  const pairs: [number, RangeSpec][] = [];
  for (const piece of segment) {
    const { offset } = files[piece.index];
    if (pairs.at(-1)?.[0] === offset) pairs.pop();
    pairs.push([offset, specOf(piece, files)], [offset + 1, NOTHING]);
  }
  return RangesSequence.of(...pairs);
}
