// The slow twins of range specs and ranges sequences: every integer a BigInt, every entry an object, every offset
// separate.

import { RangeSet } from "../../../src/engine/bao/range_set.ts";
import { PostcardReader, PostcardWriter } from "../../../src/engine/bytes/postcard.ts";
import type { RangeSpec } from "../../../src/engine/wire/range_spec.ts";
import type { RangesSequence } from "../../../src/engine/wire/ranges_sequence.ts";

const U64_MAXIMUM = 2n ** 64n - 1n;

export interface SlowEntry {
  offset: bigint;
  boundaries: bigint[];
}

/** Reads a sequence; throws `message_malformed` for anything that is not canonical. */
export function readSlowly(reader: PostcardReader): SlowEntry[] {
  const entries: SlowEntry[] = [];
  const count = reader.elementCount(Number.MAX_SAFE_INTEGER, 2);
  let offset = 0n;
  for (let i = 0; i < count; i++) {
    const delta = reader.u64();
    offset += delta;
    const boundaries = readBoundaries(reader);
    const isRepeated = String(boundaries) === String(entries.at(-1)?.boundaries ?? []);
    if ((delta === 0n && i > 0) || offset > U64_MAXIMUM || isRepeated) throw reader.malformed();
    entries.push({ offset, boundaries });
  }
  return entries;
}

function readBoundaries(reader: PostcardReader): bigint[] {
  const boundaries: bigint[] = [];
  const count = reader.elementCount(Number.MAX_SAFE_INTEGER, 1);
  for (let boundary = 0n; boundaries.length < count;) {
    const width = reader.u64();
    boundary += width;
    if ((width === 0n && boundaries.length > 0) || boundary > U64_MAXIMUM) throw reader.malformed();
    boundaries.push(boundary);
  }
  return boundaries;
}

/** The boundaries of a spec. */
export function boundariesIn(spec: RangeSpec): bigint[] {
  const writer = new PostcardWriter();
  spec.write(writer);
  return readBoundaries(new PostcardReader(writer.finish(), "test"));
}

/** The entries of a sequence. */
export function entriesIn(sequence: RangesSequence): SlowEntry[] {
  const writer = new PostcardWriter();
  sequence.write(writer);
  return readSlowly(new PostcardReader(writer.finish(), "test"));
}

/** The boundaries of the first `count` offsets. */
export function boundariesOfOffsets(sequence: RangesSequence, count: number): bigint[][] {
  const entries = entriesIn(sequence);
  return Array.from(
    { length: count },
    (_, offset) => entries.findLast((entry) => entry.offset <= BigInt(offset))?.boundaries ?? [],
  );
}

/** The selection of boundaries in a blob of `chunks` chunks, chunk by chunk: for small blobs. */
export function selectSlowly(boundaries: readonly bigint[], chunks: number): RangeSet {
  const ends = boundaries.length % 2 === 0 ? boundaries : [...boundaries, U64_MAXIMUM + 1n];
  const spans: { start: number; end: number }[] = [];
  for (let i = 0; i < ends.length; i += 2) {
    const isPastEnd = ends[i] >= BigInt(chunks);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const isListed = ends[i] <= BigInt(chunk) && BigInt(chunk) < ends[i + 1];
      if (isListed || (isPastEnd && chunk === chunks - 1)) spans.push({ start: chunk, end: chunk + 1 });
    }
  }
  return RangeSet.from(spans);
}
