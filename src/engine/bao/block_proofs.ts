// The values of a blob's blocks, proved by pairs that were kept from earlier responses: a pair counts when its
// parent is what the pair above promises, up to the blob's hash. So pairs need not be trusted: a wrong one
// proves nothing, and takes nothing with it but what stands below it.

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
 * The blocks of a blob of `blocks` blocks whose values follow from its hash, ascending. `pairsOf` gives what is
 * claimed for a node, any number of pairs.
 */
export function* provedBlocks(
  hasher: Hasher,
  hash: Uint8Array,
  blocks: number,
  pairsOf: (firstBlock: number, endBlock: number) => Iterable<BlockPair>,
): Generator<ProvedBlock, undefined> {
  const waiting = [{ firstBlock: 0, endBlock: blocks, value: hash }];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { firstBlock, endBlock, value } = node;
    if (endBlock - firstBlock === 1) {
      yield { block: firstBlock, value };
      continue;
    }
    const isRoot = endBlock - firstBlock === blocks;
    for (const { left, right } of pairsOf(firstBlock, endBlock)) {
      if (!equalBytes(hasher.parent(left, right, isRoot), value)) continue;
      // Above a block every split falls on the border of one: blocks are divided as chunks are.
      const middle = firstBlock + leftChunks(endBlock - firstBlock);
      waiting.push(
        { firstBlock: middle, endBlock, value: right },
        { firstBlock, endBlock: middle, value: left },
      );
      break;
    }
  }
}
