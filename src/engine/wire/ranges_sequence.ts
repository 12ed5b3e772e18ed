// Which chunks of a root blob and of its children a request asks for. Offset 0 is the root, n is child n-1. A
// spec holds from its offset until the next entry, so a last spec that is not empty repeats for ever. On the
// wire: a list of (delta of the offset, range spec), in canonical form only.

import { equalSpecs, NOTHING, type RangeSpec, readRangeSpec, writeRangeSpec } from "./range_spec.ts";
import type { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";

const U64_MAXIMUM = 2n ** 64n - 1n;

export interface SequenceEntry {
  offset: bigint;
  spec: RangeSpec;
}

/** One spec for the offsets [start, end). */
export interface SequenceRun {
  start: number;
  end: number;
  spec: RangeSpec;
}

export class RangesSequence {
  private constructor(readonly entries: readonly SequenceEntry[]) {}

  /** From (offset, spec) pairs with rising offsets; a spec that repeats the one before it is left out. */
  static of(...pairs: readonly (readonly [offset: number, spec: RangeSpec])[]): RangesSequence {
    const entries: SequenceEntry[] = [];
    for (const [offset, spec] of pairs) {
      if (!equalSpecs(spec, entries.at(-1)?.spec ?? NOTHING)) entries.push({ offset: BigInt(offset), spec });
    }
    return new RangesSequence(entries);
  }

  /** Throws `message_malformed` for anything that is not canonical. */
  static read(reader: PostcardReader): RangesSequence {
    const entries = new Array<SequenceEntry>(reader.elementCount(Number.MAX_SAFE_INTEGER, 2));
    let offset = 0n;
    let previous = NOTHING;
    for (let i = 0; i < entries.length; i++) {
      const delta = reader.u64();
      offset += delta;
      const spec = readRangeSpec(reader);
      if ((delta === 0n && i > 0) || offset > U64_MAXIMUM || equalSpecs(spec, previous)) {
        throw reader.malformed();
      }
      previous = spec;
      entries[i] = { offset, spec };
    }
    return new RangesSequence(entries);
  }

  write(writer: PostcardWriter): void {
    writer.u64(this.entries.length);
    let previous = 0n;
    for (const { offset, spec } of this.entries) {
      writer.u64(offset - previous);
      writeRangeSpec(writer, spec);
      previous = offset;
    }
  }

  /** The runs whose spec is not empty, among the offsets below `offsets`; gaps are jumped over. */
  *runs(offsets: number): Generator<SequenceRun> {
    const limit = BigInt(offsets);
    for (let i = 0; i < this.entries.length; i++) {
      const { offset, spec } = this.entries[i];
      if (offset >= limit) return;
      const next = this.entries[i + 1]?.offset ?? limit;
      if (spec.length > 0) yield { start: Number(offset), end: Number(next < limit ? next : limit), spec };
    }
  }

  /** Whether anything is asked of an offset other than the root's. */
  get asksChildren(): boolean {
    return this.entries.some(({ spec }, i) => spec.length > 0 && (this.entries[i + 1]?.offset ?? 2n) > 1n);
  }
}
