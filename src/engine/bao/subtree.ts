// The layout of a wholly selected subtree on the wire: its chunk groups, and before them the hash pairs of the
// parents above them, in pre-order. For six chunk groups, each hash pair named after the groups that it spans:
//
//   pairs  0-5  0-3  0-1      2-3      4-5
//   groups               0 1      2 3      4 5
//
// The content and the hash pairs are in two arrays; the functions return views of both in wire order, for sending or for
// reading into. Valid for every subtree of a blob, and for a whole small blob.

import {
  CHUNK_BYTES,
  type ChunkSpan,
  GROUP_BYTES,
  GROUP_CHUNKS,
  groupCount,
  HASH_BYTES,
  leftChunks,
  PAIR_BYTES,
} from "./geometry.ts";

/** The number of bytes of hash pairs above the chunk groups of a subtree of `contentBytes`. */
export function pairsBytes(contentBytes: number): number {
  return (groupCount(contentBytes) - 1) * PAIR_BYTES;
}

/**
 * Views of a subtree's content and pairs in wire order, as few as possible: adjacent bytes are one
 * view. Throws RangeError if the number of hash pairs does not fit the content.
 */
export function interleaved(content: Uint8Array, pairs: Uint8Array): Uint8Array[] {
  if (pairs.length !== pairsBytes(content.length)) {
    throw new RangeError(`${pairs.length} bytes of pairs for ${content.length} bytes`);
  }
  const groups = groupCount(content.length);
  const parts: Uint8Array[] = [];
  let pairsEnd = 0;
  for (let group = 0, next = 0; group < groups; group = next) {
    const parents = parentsAt(group, groups);
    if (parents > 0) parts.push(pairs.subarray(pairsEnd, pairsEnd += parents * PAIR_BYTES));
    do next++; while (next < groups && parentsAt(next, groups) === 0);
    parts.push(content.subarray(group * GROUP_BYTES, next * GROUP_BYTES));
  }
  return parts;
}

/** The number of parents that begin at a chunk group, and so precede it on the wire: one for each height where it has a
 * right side. */
function parentsAt(group: number, groups: number): number {
  let parents = 0;
  for (let half = 1; group % (2 * half) === 0 && group + half < groups; half *= 2) parents++;
  return parents;
}

/** The position of a node's hash pairs among those of its subtree, and its value; null for the top and inside a group. */
export interface NodePlace {
  pairsOffset: number;
  value: Uint8Array | null;
}

/** Descends from the top of the subtree over the chunks `top` to the node over the chunks `node`. */
export function findNode(top: ChunkSpan, pairs: Uint8Array, node: ChunkSpan): NodePlace {
  let { start, end } = top;
  let pairsOffset = 0;
  let value: Uint8Array | null = null;
  while (start !== node.start || end !== node.end) {
    // Below a chunk group there are no hash pairs.
    if (end - start <= GROUP_CHUNKS) return { pairsOffset, value: null };
    const left = leftChunks(end - start);
    const middle = start + left;
    if (node.start < middle) {
      value = pairs.subarray(pairsOffset, pairsOffset + HASH_BYTES);
      pairsOffset += PAIR_BYTES;
      end = middle;
    } else {
      value = pairs.subarray(pairsOffset + HASH_BYTES, pairsOffset + PAIR_BYTES);
      pairsOffset += PAIR_BYTES + pairsBytes(left * CHUNK_BYTES);
      start = middle;
    }
  }
  return { pairsOffset, value };
}
