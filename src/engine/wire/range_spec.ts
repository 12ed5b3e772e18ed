// Which chunks of one blob a request asks for. On the wire: a list of u64 widths, alternately deselected and
// selected, starting deselected. Here: the sorted borders that those widths add up to; with an odd number of
// borders the last range is open. Bigints, because a request may name any u64; `select` turns them into
// chunks of a blob whose size is known.

import { RangeSet } from "../bao/range_set.ts";
import type { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";

const U64_MAXIMUM = 2n ** 64n - 1n;

export type RangeSpec = readonly bigint[];

export const NOTHING: RangeSpec = [];
export const EVERYTHING: RangeSpec = [0n];
/** The last chunk: its proof is the proof of the blob's size. */
export const LAST_CHUNK: RangeSpec = [U64_MAXIMUM];

export function equalSpecs(a: RangeSpec, b: RangeSpec): boolean {
  return a.length === b.length && a.every((border, i) => border === b[i]);
}

/**
 * What a spec selects in a blob of `chunks` chunks: ranges are cut at the end, and one that starts past the
 * end selects the last chunk.
 */
export function select(spec: RangeSpec, chunks: number): RangeSet {
  const end = BigInt(chunks);
  const borders: number[] = [];
  /** A border that is there already means that two ranges touch. */
  const add = (border: number) => borders.at(-1) === border ? borders.pop() : borders.push(border);
  let i = 0;
  // What lies past the end is not looked at: a hostile spec has a million borders there.
  for (; i < spec.length && spec[i] < end; i++) add(Number(spec[i]));
  if (i % 2 === 1) add(chunks);
  else if (i < spec.length) {
    add(chunks - 1);
    add(chunks);
  }
  return RangeSet.ofBorders(borders);
}

/** Throws `message_malformed` for a width of 0 after the first, or a sum over 2^64-1. */
export function readRangeSpec(reader: PostcardReader): RangeSpec {
  const borders = new Array<bigint>(reader.elementCount(Number.MAX_SAFE_INTEGER, 1));
  let border = 0n;
  for (let i = 0; i < borders.length; i++) {
    const width = reader.u64();
    border += width;
    if ((width === 0n && i > 0) || border > U64_MAXIMUM) throw reader.malformed();
    borders[i] = border;
  }
  return borders;
}

export function writeRangeSpec(writer: PostcardWriter, spec: RangeSpec): void {
  writer.u64(spec.length);
  let previous = 0n;
  for (const border of spec) {
    writer.u64(border - previous);
    previous = border;
  }
}
