// Watches the memory for blocks: what is taken must be given back by who goes on living.

import { BlockPool } from "../../src/engine/store/block_pool.ts";
import { Account } from "../../src/engine/store/fair_pool.ts";

let takenBlocks = 0;
const accounts = new Set<Account>();

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
const { reserve } = Account.prototype;
Account.prototype.reserve = function (this: Account, sizeBytes: number) {
  accounts.add(this);
  return reserve.call(this, sizeBytes);
};

/** Forgets what was taken so far. */
export function forgetPools(): void {
  takenBlocks = 0;
  accounts.clear();
}

/** Blocks of receivers, and bytes of senders, that were not given back. */
export function leakedMemory(): { blocks: number; bytes: number } {
  return { blocks: takenBlocks, bytes: [...accounts].reduce((sum, { heldBytes }) => sum + heldBytes, 0) };
}
