// Counts blocks of memory that running code has taken and not returned.

import { BLOCK_BYTES } from "../../src/engine/bao/geometry.ts";
import { BlockPool } from "../../src/engine/store/block_pool.ts";
import { BudgetClient } from "../../src/engine/transfer/provide/byte_budget.ts";

let takenBlocks = 0;
let reservedBytes = 0;

const { take, give } = BlockPool.prototype;
BlockPool.prototype.take = async function (this: BlockPool) {
  const memory = await take.call(this);
  takenBlocks++;
  return memory;
};
BlockPool.prototype.give = function (this: BlockPool, memory) {
  takenBlocks--;
  give.call(this, memory);
};
const { take: takeBlock, reserve, release } = BudgetClient.prototype;
BudgetClient.prototype.take = async function (this: BudgetClient) {
  const block = await takeBlock.call(this);
  reservedBytes += BLOCK_BYTES;
  return block;
};
BudgetClient.prototype.reserve = async function (this: BudgetClient, sizeBytes: number) {
  await reserve.call(this, sizeBytes);
  reservedBytes += sizeBytes;
};
// A release returns a block too.
BudgetClient.prototype.release = function (this: BudgetClient, sizeBytes: number) {
  reservedBytes -= sizeBytes;
  release.call(this, sizeBytes);
};

/** Resets the counts. */
export function forgetPools(): void {
  takenBlocks = 0;
  reservedBytes = 0;
}

/** Blocks of receivers, and bytes of senders, that were not returned. */
export function leakedMemory(): { blocks: number; bytes: number } {
  return { blocks: takenBlocks, bytes: reservedBytes };
}
