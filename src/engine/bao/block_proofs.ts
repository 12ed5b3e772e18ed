// The values of a blob's blocks, proved by hash pairs of earlier responses: a hash pair is valid if its parent
// equals the value in the hash pair above, up to the blob's hash. So hash pairs need no trust: a wrong one proves
// nothing, and affects only the nodes below it.

import { equalBytes } from "../bytes/equal.ts";
import type { Hasher } from "../ports.ts";
import { leftChunks } from "./geometry.ts";

/** The values of the two halves of the node over the blocks [firstBlock, endBlock). */
export interface BlockPair {
  firstBlock: number;
  endBlock: number;
  left: Uint8Array;
  right: Uint8Array;
}

/** A block, and its chaining value (of a blob's only block, its hash). */
export interface ProvedBlock {
  block: number;
  value: Uint8Array;
}

/**
 * The blocks of a blob of `blocks` blocks whose values follow from its hash, ascending. `pairsOf` returns the
 * unverified hash pairs of a node, any number of them.
 */
export function* provedBlocks(
  hasher: Hasher,
  hash: Uint8Array,
  blocks: number,
  pairsOf: (firstBlock: number, endBlock: number) => Iterable<BlockPair>,
): Generator<ProvedBlock, undefined> {
  const pending = [{ firstBlock: 0, endBlock: blocks, value: hash }];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { firstBlock, endBlock, value } = node;
    if (endBlock - firstBlock === 1) {
      yield { block: firstBlock, value };
      continue;
    }
    const isRoot = endBlock - firstBlock === blocks;
    for (const { left, right } of pairsOf(firstBlock, endBlock)) {
      if (!equalBytes(hasher.parent(left, right, isRoot), value)) continue;
      // Above a block every split falls on a block boundary: blocks are divided as chunks are.
      const middle = firstBlock + leftChunks(endBlock - firstBlock);
      pending.push(
        { firstBlock: middle, endBlock, value: right },
        { firstBlock, endBlock: middle, value: left },
      );
      break;
    }
  }
}
