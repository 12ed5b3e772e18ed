// The chunks of a root blob and of its children that a request selects. Offset 0 is the root, n is child n-1. A
// spec holds from its offset until the next entry, so a non-empty last spec has no end. On the
// wire: a list of (delta of the offset, range spec), in canonical form only. It keeps its wire
// form, which is checked once when it is read; entries are decoded on demand.

import { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";
import { checkRanges } from "./canonical_ranges.ts";
import { NOTHING, RangeSpec } from "./range_spec.ts";

const WHAT = "ranges sequence";

export interface SequenceEntry {
  /** From PostcardReader.number: inexact beyond every share's children. */
  offset: number;
  spec: RangeSpec;
}

/** One spec for the offsets [start, end). */
export interface SequenceRun {
  start: number;
  end: number;
  spec: RangeSpec;
}

export class RangesSequence {
  readonly #bytes: Uint8Array;
  /** The position of each entry in the bytes. */
  readonly #starts: Uint32Array;

  private constructor(bytes: Uint8Array, starts: Uint32Array) {
    this.#bytes = bytes;
    this.#starts = starts;
  }

  /** From (offset, spec) pairs with ascending offsets; a spec that repeats the previous one is omitted. */
  static of(...pairs: readonly (readonly [offset: number, spec: RangeSpec])[]): RangesSequence {
    const writer = new PostcardWriter();
    const starts: number[] = [];
    let [previousOffset, previous] = [0, NOTHING];
    for (const [offset, spec] of pairs) {
      if (spec.equals(previous)) continue;
      starts.push(writer.length);
      spec.write(writer.u64(offset - previousOffset));
      [previousOffset, previous] = [offset, spec];
    }
    return new RangesSequence(writer.finish(), Uint32Array.from(starts));
  }

  /** Throws `message_malformed` for anything that is not canonical. */
  static read(reader: PostcardReader): RangesSequence {
    const starts = new Uint32Array(reader.elementCount(Number.MAX_SAFE_INTEGER, 2));
    const { bytes, offset } = reader;
    const end = checkRanges(bytes, offset, starts);
    if (end === null) throw reader.malformed();
    reader.raw(end - offset);
    return new RangesSequence(bytes, starts);
  }

  write(writer: PostcardWriter): void {
    writer.u64(this.entryCount);
    for (const start of this.#starts) {
      const reader = new PostcardReader(this.#bytes, WHAT, start);
      writer.u64(reader.u64());
      RangeSpec.next(reader).write(writer);
    }
  }

  get entryCount(): number {
    return this.#starts.length;
  }

  *entries(): Generator<SequenceEntry, undefined> {
    let offset = 0;
    for (const start of this.#starts) {
      const reader = new PostcardReader(this.#bytes, WHAT, start);
      offset += reader.number();
      yield { offset, spec: RangeSpec.next(reader) };
    }
  }

  /** The runs whose spec is not empty, among the offsets below `offsets`; gaps are skipped. */
  *runs(offsets: number): Generator<SequenceRun> {
    const entries = this.entries();
    let entry = entries.next().value;
    while (entry !== undefined && entry.offset < offsets) {
      const next = entries.next().value;
      const { offset: start, spec } = entry;
      if (!spec.isEmpty) yield { start, end: Math.min(next?.offset ?? offsets, offsets), spec };
      entry = next;
    }
  }

  /** Whether it selects chunks of an offset other than the root's. */
  get asksChildren(): boolean {
    for (const { end } of this.runs(Infinity)) if (end > 1) return true;
    return false;
  }
}
