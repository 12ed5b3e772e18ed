// Which chunks of one blob a request asks for. On the wire: a list of u64 widths, alternately deselected and
// selected, starting deselected. The rising borders that they add up to are the spec; with an odd number of
// borders the last range is open. A spec stays the bytes that came, and is added up when a blob's size is known:
// a hostile one has a million borders. That it is canonical is checked with the sequence that it stands in.

import { RangeSet } from "../bao/range_set.ts";
import { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";
import { areSameNumbers } from "./canonical_ranges.ts";

const U64_MAXIMUM = 2n ** 64n - 1n;
const WHAT = "range spec";

export class RangeSpec {
  readonly #bytes: Uint8Array;
  /** Where the first width stands in the bytes. */
  readonly #start: number;

  private constructor(readonly borderCount: number, bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#start = start;
  }

  /** From rising borders below 2^64. */
  static of(...borders: readonly (number | bigint)[]): RangeSpec {
    const writer = new PostcardWriter();
    let previous = 0n;
    for (const border of borders.map(BigInt)) {
      writer.u64(border - previous);
      previous = border;
    }
    return new RangeSpec(borders.length, writer.finish(), 0);
  }

  /** The next one of a sequence whose entries have been checked: the reader is left before its widths. */
  static next(reader: PostcardReader): RangeSpec {
    return new RangeSpec(reader.number(), reader.bytes, reader.offset);
  }

  write(writer: PostcardWriter): void {
    writer.u64(this.borderCount);
    const reader = this.#widths();
    for (let i = 0; i < this.borderCount; i++) writer.u64(reader.u64());
  }

  get isEmpty(): boolean {
    return this.borderCount === 0;
  }

  equals(other: RangeSpec): boolean {
    return this.borderCount === other.borderCount &&
      areSameNumbers(this.#bytes, this.#start, other.#bytes, other.#start, this.borderCount);
  }

  /**
   * What the spec selects in a blob of `chunks` chunks: ranges are cut at the end, and one that starts past the
   * end selects the last chunk. What lies past the end is not looked at.
   */
  select(chunks: number): RangeSet {
    const borders: number[] = [];
    const widths = this.#widths();
    let border = 0;
    for (let i = 0; i < this.borderCount; i++) {
      border += widths.number();
      if (border < chunks) {
        borders.push(border);
        continue;
      }
      // A range that ends where the last chunk begins touches it.
      if (i % 2 === 0 && borders.at(-1) === chunks - 1) borders.pop();
      else if (i % 2 === 0) borders.push(chunks - 1);
      break;
    }
    if (borders.length % 2 === 1) borders.push(chunks);
    return RangeSet.ofBorders(borders);
  }

  #widths(): PostcardReader {
    return new PostcardReader(this.#bytes, WHAT, this.#start);
  }
}

export const NOTHING = RangeSpec.of();
export const EVERYTHING = RangeSpec.of(0);
/** The last chunk: its proof is the proof of the blob's size. */
export const LAST_CHUNK = RangeSpec.of(U64_MAXIMUM);
