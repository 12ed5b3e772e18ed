// The parents and leaves of a response in wire order: one pre-order traversal that encoder and decoder share. It uses
// sizes and ranges only, no bytes and no hashes.
//
// A subtree of at most `leafChunks` that is wholly selected is one leaf: its groups with the parents above them,
// in the layout of subtree.ts, so the bytes on the wire are the same for every `leafChunks`. A partly selected one is
// split further, down to single chunks. A subtree without a selected chunk is omitted.

import { BLOCK_CHUNKS, GROUP_CHUNKS, leftChunks } from "./geometry.ts";
import type { RangeSet } from "./range_set.ts";

/** Two 32-byte values: of the chunks [start, middle) and [middle, end). */
export interface Parent {
  kind: "parent";
  start: number;
  middle: number;
  end: number;
  isRoot: boolean;
  leftSelected: boolean;
  rightSelected: boolean;
}

/** The chunks [start, end): their bytes and, above one chunk group, the hash pairs inside. */
export interface Leaf {
  kind: "leaf";
  start: number;
  end: number;
  isRoot: boolean;
}

/**
 * The nodes of the response for `selected` chunks of a blob of `chunks` chunks.
 *
 * @param leafChunks the largest leaf: from a chunk group, without parents inside, to a block
 */
export function* responsePlan(
  chunks: number,
  selected: RangeSet,
  leafChunks: number = GROUP_CHUNKS,
): Generator<Parent | Leaf, undefined> {
  if (!(leafChunks >= GROUP_CHUNKS && leafChunks <= BLOCK_CHUNKS)) {
    throw new RangeError(`leaves have from ${GROUP_CHUNKS} to ${BLOCK_CHUNKS} chunks, not ${leafChunks}`);
  }
  const waiting = [{ start: 0, end: chunks }];
  if (!selected.intersects(0, chunks)) return;
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { start, end } = node;
    const isRoot = start === 0 && end === chunks;
    const size = end - start;
    if (size === 1 || (size <= leafChunks && selected.covers(start, end))) {
      yield { kind: "leaf", start, end, isRoot };
      continue;
    }
    const middle = start + leftChunks(size);
    const leftSelected = selected.intersects(start, middle);
    const rightSelected = selected.intersects(middle, end);
    yield { kind: "parent", start, middle, end, isRoot, leftSelected, rightSelected };
    if (rightSelected) waiting.push({ start: middle, end });
    if (leftSelected) waiting.push({ start, end: middle });
  }
}
