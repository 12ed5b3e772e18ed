import assert from "node:assert/strict";
import fc from "fast-check";
import { type BlockPair, provedBlocks } from "../../../src/engine/bao/block_proofs.ts";
import { leftChunks } from "../../../src/engine/bao/geometry.ts";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";

const hasher = wasmHasher();

/** A blob of `blocks` blocks, as values without content: its hash, and the true pair of each node. */
function treeOf(blocks: number): { hash: Uint8Array; values: Uint8Array[]; pairs: BlockPair[] } {
  const values = Array.from(
    { length: blocks },
    (_, i) => hasher.leaf(Uint8Array.of(i, i >> 8), i * 1024, false),
  );
  const pairs: BlockPair[] = [];
  const value = (firstBlock: number, endBlock: number): Uint8Array => {
    if (endBlock - firstBlock === 1) return values[firstBlock];
    const middle = firstBlock + leftChunks(endBlock - firstBlock);
    const [left, right] = [value(firstBlock, middle), value(middle, endBlock)];
    pairs.push({ firstBlock, endBlock, left, right });
    return hasher.parent(left, right, endBlock - firstBlock === blocks);
  };
  return { hash: value(0, blocks), values, pairs };
}

/** The slow reference, block by block from the root: a block is proved when every true pair above it is kept. */
function referenceProved(blocks: number, kept: readonly BlockPair[]): number[] {
  const isProved = (block: number, first: number, end: number): boolean => {
    if (end - first === 1) return true;
    if (!kept.some(({ firstBlock, endBlock }) => firstBlock === first && endBlock === end)) return false;
    const middle = first + leftChunks(end - first);
    return block < middle ? isProved(block, first, middle) : isProved(block, middle, end);
  };
  return Array.from({ length: blocks }, (_, block) => block).filter((block) => isProved(block, 0, blocks));
}

function proved(hash: Uint8Array, blocks: number, pairs: readonly BlockPair[]) {
  const pairsOf = (first: number, end: number) =>
    pairs.filter(({ firstBlock, endBlock }) => firstBlock === first && endBlock === end);
  return [...provedBlocks(hasher, hash, blocks, pairsOf)];
}

/** A pair that may have been forged. */
const LIES: ((pair: BlockPair) => BlockPair)[] = [
  (pair) => ({ ...pair, left: pair.right, right: pair.left }),
  (pair) => ({ ...pair, left: pair.left.with(0, pair.left[0] ^ 1) }),
  (pair) => ({ ...pair, right: new Uint8Array(32) }),
  (pair) => ({ ...pair, endBlock: pair.endBlock + 1 }),
  (pair) => ({ ...pair, firstBlock: pair.firstBlock + 1 }),
  (pair) => ({ ...pair, firstBlock: 0 }),
];

Deno.test("D.29 every block is proved by all pairs, ascending, with its value; the only block of a blob by none", () => {
  for (const blocks of [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100]) {
    const { hash, values, pairs } = treeOf(blocks);
    const found = proved(hash, blocks, pairs);
    assert.deepEqual(found.map(({ block }) => block), values.map((_, block) => block));
    if (blocks > 1) assert.deepEqual(found.map(({ value }) => value), values);
    else assert.deepEqual(found[0].value, hash);
  }
});

Deno.test("D.29 blocks are proved by the true pairs that are kept, among false ones in any order", () => {
  const lie = fc.record({ which: fc.nat(200), how: fc.nat(LIES.length - 1), isFirst: fc.boolean() });
  const property = fc.property(
    fc.integer({ min: 2, max: 40 }),
    fc.infiniteStream(fc.nat(3)),
    fc.array(lie, { maxLength: 20 }),
    (blocks, keeps, lies) => {
      const { hash, values, pairs } = treeOf(blocks);
      const kept = pairs.filter(() => keeps.next().value !== 0);
      const claimed = [...kept];
      for (const { which, how, isFirst } of lies) {
        const wrong = LIES[how](pairs[which % pairs.length]);
        if (isFirst) claimed.unshift(wrong);
        else claimed.push(wrong);
      }
      const found = proved(hash, blocks, claimed);
      // A false pair of one node may be the true pair of another.
      const isTrue = (claim: BlockPair) =>
        pairs.some((pair) =>
          pair.firstBlock === claim.firstBlock && pair.endBlock === claim.endBlock &&
          Buffer.compare(pair.left, claim.left) === 0 && Buffer.compare(pair.right, claim.right) === 0
        );
      assert.deepEqual(found.map(({ block }) => block), referenceProved(blocks, claimed.filter(isTrue)));
      for (const { block, value } of found) assert.deepEqual(value, values[block]);
    },
  );
  fc.assert(property, { numRuns: 200 });
});
