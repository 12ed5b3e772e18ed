// Memory for many who share it and do not know each other: a limit in bytes for all, an account for each. Who holds
// least is served next, and of those who hold the same the one that gave something back last: so nobody who uses what
// he gets is kept out by any number of others who sit on theirs.

import { BLOCK_BYTES } from "../bao/geometry.ts";
import { PliError } from "../errors.ts";
import { BlockMemory } from "./block_pool.ts";

interface Waiter {
  sizeBytes: number;
  sinceMs: number;
  admit: () => void;
  giveUp: (error: PliError) => void;
}

export class FairPool {
  readonly #free: BlockMemory[] = [];
  /** The accounts in which somebody waits. */
  readonly #waiting = new Set<Account>();
  #heldBytes = 0;

  /** @param limitBytes what all together hold at most: some blocks at least */
  constructor(readonly limitBytes: number, readonly nowMs: () => number) {}

  /** How long somebody else than this account's owner has been waiting; 0 when nobody is. */
  waitingBesidesMs(own: Account): number {
    const nowMs = this.nowMs();
    let firstMs = nowMs;
    for (const account of this.#waiting) {
      if (account !== own) firstMs = Math.min(firstMs, account.waiting[0].sinceMs);
    }
    return nowMs - firstMs;
  }

  /** For accounts. */
  enter(account: Account, sizeBytes: number): Promise<void> {
    return new Promise((admit, giveUp) => {
      account.waiting.push({ sizeBytes, sinceMs: this.nowMs(), admit, giveUp });
      this.#waiting.add(account);
      this.#serve();
    });
  }

  /** For accounts. */
  leave(account: Account, sizeBytes: number): void {
    account.heldBytes -= sizeBytes;
    account.returnedMs = this.nowMs();
    this.#heldBytes -= sizeBytes;
    this.#serve();
  }

  /** For accounts: nobody waits in it any more. */
  forget(account: Account): void {
    this.#waiting.delete(account);
    this.#serve();
  }

  /** For accounts: a block that was reserved. */
  block(): BlockMemory {
    return this.#free.pop() ?? new BlockMemory();
  }

  /** For accounts: a block that nobody uses any more. */
  keep(block: BlockMemory): void {
    this.#free.push(block);
  }

  #serve(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [{ sizeBytes, admit }] = next.waiting;
      // Whoever is next waits until there is enough: small wishes do not overtake.
      if (this.#heldBytes + sizeBytes > this.limitBytes) return;
      next.waiting.shift();
      if (next.waiting.length === 0) this.#waiting.delete(next);
      next.heldBytes += sizeBytes;
      this.#heldBytes += sizeBytes;
      admit();
    }
  }

  #next(): Account | undefined {
    let next: Account | undefined;
    for (const account of this.#waiting) {
      if (next === undefined || isBefore(account, next)) next = account;
    }
    return next;
  }
}

/** What one owner holds of a FairPool. */
export class Account {
  /** These three are the pool's. */
  heldBytes = 0;
  returnedMs = -Infinity;
  readonly waiting: Waiter[] = [];

  #isClosed = false;

  constructor(readonly pool: FairPool) {}

  /** The next block that is free for this owner. */
  async take(): Promise<BlockMemory> {
    await this.reserve(BLOCK_BYTES);
    return this.pool.block();
  }

  /** Nobody may use the block any more. */
  give(block: BlockMemory): void {
    this.pool.keep(block);
    this.release(BLOCK_BYTES);
  }

  /** The owner is gone: whatever waits for it fails with `connection_lost`. What it holds is still to be given back. */
  close(): void {
    this.#isClosed = true;
    const waiting = this.waiting.splice(0);
    this.pool.forget(this);
    for (const { giveUp } of waiting) giveUp(new PliError("connection_lost", {}));
  }

  /** Waits for room for bytes in memory of the owner's own: at most what a block has. Throws `connection_lost`. */
  reserve(sizeBytes: number): Promise<void> {
    if (this.#isClosed) return Promise.reject(new PliError("connection_lost", {}));
    return this.pool.enter(this, sizeBytes);
  }

  /** Gives back what was reserved. */
  release(sizeBytes: number): void {
    this.pool.leave(this, sizeBytes);
  }
}

function isBefore(a: Account, b: Account): boolean {
  return a.heldBytes === b.heldBytes ? a.returnedMs > b.returnedMs : a.heldBytes < b.heldBytes;
}
