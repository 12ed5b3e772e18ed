// The vectors as typed data, and their inputs.

import blake3 from "./blake3.json" with { type: "json" };
import irohBlobs from "./iroh_blobs.json" with { type: "json" };

export const officialBlake3 = blake3.cases;

interface BaoVector {
  size: number;
  hash: string;
  /** Pairs [first chunk, end chunk or null]. */
  ranges: [string, string | null][];
  encoded_len: number;
  encoded_blake3: string;
  encoded?: string;
  outboard_len: number;
  outboard_blake3: string;
}

export const bao = irohBlobs.bao as unknown as BaoVector[];
export const { collections, malformed_tickets: malformedTickets, requests, tickets } = irohBlobs;

/** The input of the vectors: byte i is i mod 251. */
export function patternBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const period = Uint8Array.from({ length: 251 }, (_, i) => i);
  for (let start = 0; start < length; start += 251) bytes.set(period.subarray(0, length - start), start);
  return bytes;
}

/** A vector's ranges as boundaries; two ranges that touch are one. */
export function boundariesOf(ranges: readonly (string | null)[][]): bigint[] {
  const boundaries = ranges.flat().filter((boundary) => boundary !== null).map(BigInt);
  return boundaries.filter((boundary, i) => boundary !== boundaries[i - 1] && boundary !== boundaries[i + 1]);
}

/**
 * Sizes at boundaries, in bytes: nothing, a byte, and either side of a chunk, a group and a block; and one that is none
 * of these.
 */
export const INTERESTING_SIZES = [
  ...[0, 1],
  ...[1023, 1024, 1025],
  ...[16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1],
  ...[1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1],
  5 * 1024 * 1024 + 3,
];
