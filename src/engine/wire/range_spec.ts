// The chunks of one blob that a request selects. On the wire: a list of u64 widths, alternately deselected and
// selected, starting deselected. Their sums are the ascending boundaries of the spec; with an odd number of
// boundaries the last range is open. A spec keeps its wire form and is summed up when a blob's size is known, because a
// hostile one has a million boundaries. Its canonical form is checked with the sequence that contains it.

import { RangeSet } from "../bao/range_set.ts";
import { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";
import { areSameNumbers } from "./canonical_ranges.ts";

const U64_MAXIMUM = 2n ** 64n - 1n;
const WHAT = "range spec";

export class RangeSpec {
  readonly #bytes: Uint8Array;
  /** The position of the first width in the bytes. */
  readonly #start: number;

  private constructor(readonly boundaryCount: number, bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#start = start;
  }

  /** From ascending boundaries below 2^64. */
  static of(...boundaries: readonly (number | bigint)[]): RangeSpec {
    const writer = new PostcardWriter();
    let previous = 0n;
    for (const boundary of boundaries.map(BigInt)) {
      writer.u64(boundary - previous);
      previous = boundary;
    }
    return new RangeSpec(boundaries.length, writer.finish(), 0);
  }

  /** The next spec of a checked sequence; the reader stays before its widths. */
  static next(reader: PostcardReader): RangeSpec {
    return new RangeSpec(reader.number(), reader.bytes, reader.offset);
  }

  write(writer: PostcardWriter): void {
    writer.u64(this.boundaryCount);
    const reader = this.#widths();
    for (let i = 0; i < this.boundaryCount; i++) writer.u64(reader.u64());
  }

  get isEmpty(): boolean {
    return this.boundaryCount === 0;
  }

  equals(other: RangeSpec): boolean {
    return this.boundaryCount === other.boundaryCount &&
      areSameNumbers(this.#bytes, this.#start, other.#bytes, other.#start, this.boundaryCount);
  }

  /**
   * What the spec selects in a blob of `chunks` chunks: ranges are clipped at the end, and one that starts past the
   * end selects the last chunk. The rest of the spec is not read then.
   */
  select(chunks: number): RangeSet {
    const boundaries: number[] = [];
    const widths = this.#widths();
    let boundary = 0;
    for (let i = 0; i < this.boundaryCount; i++) {
      boundary += widths.number();
      if (boundary < chunks) {
        boundaries.push(boundary);
        continue;
      }
      // A range that ends where the last chunk begins touches it.
      if (i % 2 === 0 && boundaries.at(-1) === chunks - 1) boundaries.pop();
      else if (i % 2 === 0) boundaries.push(chunks - 1);
      break;
    }
    if (boundaries.length % 2 === 1) boundaries.push(chunks);
    return RangeSet.ofBoundaries(boundaries);
  }

  #widths(): PostcardReader {
    return new PostcardReader(this.#bytes, WHAT, this.#start);
  }
}

export const NOTHING = RangeSpec.of();
export const EVERYTHING = RangeSpec.of(0);
/** The last chunk: its proof is the proof of the blob's size. */
export const LAST_CHUNK = RangeSpec.of(U64_MAXIMUM);
