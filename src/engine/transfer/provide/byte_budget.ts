// A byte budget for independent clients: one limit for all, and a share of it for each. The client that holds least is
// served next; among equal ones the one that released something last, so that clients that do not use what they get
// cannot starve one that does. Bytes that QUIC keeps for a client until they are acknowledged count as held by it.
// Returned blocks count until they are used again or dropped.

import { BLOCK_BYTES } from "../../bao/geometry.ts";
import { PliError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import { BlockMemory } from "../../store/block_pool.ts";

/** A queued reservation. */
interface Waiter {
  sizeBytes: number;
  /** Whether it is for a block of the pool, or for memory of the client. */
  isForBlock: boolean;
  sinceMs: number;
  admit: (block: BlockMemory | null) => void;
  giveUp: (error: PliError) => void;
}

/** Interval of the admission attempts: QUIC releases memory without a notification. */
const RETRY_MS = 20;

export class ByteBudget {
  /** Returned blocks, for the next client that takes one. */
  readonly #free: BlockMemory[] = [];
  readonly #clients = new Set<BudgetClient>();
  /** Clients with queued reservations. */
  readonly #queued = new Set<BudgetClient>();
  #reservedBytes = 0;
  #cancelRetry: (() => void) | undefined;

  /** @param limitBytes maximum of what all clients hold together: several blocks at least */
  constructor(readonly limitBytes: number, readonly clock: Pick<Clock, "nowMs" | "timer">) {}

  /** Bytes that all clients hold. */
  get heldBytes(): number {
    let heldBytes = this.#reservedBytes;
    for (const client of this.#clients) heldBytes += client.backlogBytes();
    return heldBytes;
  }

  /** Bytes that all clients hold, with the returned blocks. */
  get allocatedBytes(): number {
    return this.heldBytes + this.#free.length * BLOCK_BYTES;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  /** Called by clients: adds one. */
  open(client: BudgetClient): void {
    this.#clients.add(client);
  }

  /** Time for which a reservation of another client has been queued; 0 if there is none. */
  queuedBesidesMs(except: BudgetClient): number {
    const nowMs = this.nowMs();
    let firstMs = nowMs;
    for (const client of this.#queued) {
      if (client !== except) firstMs = Math.min(firstMs, client.queue[0].sinceMs);
    }
    return nowMs - firstMs;
  }

  /** Called by clients: queues a reservation. */
  enter(client: BudgetClient, sizeBytes: number, isForBlock: boolean): Promise<BlockMemory | null> {
    return new Promise((admit, giveUp) => {
      client.queue.push({ sizeBytes, isForBlock, sinceMs: this.nowMs(), admit, giveUp });
      this.#queued.add(client);
      this.#admit();
    });
  }

  /** Called by clients: releases bytes. */
  leave(client: BudgetClient, sizeBytes: number): void {
    client.reservedBytes -= sizeBytes;
    client.releasedMs = this.nowMs();
    this.#reservedBytes -= sizeBytes;
    this.#admit();
  }

  /** Called by clients: removes a closed one. */
  forget(client: BudgetClient): void {
    this.#clients.delete(client);
    this.#queued.delete(client);
    this.#admit();
  }

  /** Called by clients: keeps an unused block, whose bytes are released next. */
  keep(block: BlockMemory): void {
    this.#free.push(block);
  }

  #admit(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [{ sizeBytes, isForBlock, admit }] = next.queue;
      // The first reservation waits until there is enough: small ones do not overtake it.
      if (this.heldBytes + sizeBytes > this.limitBytes) {
        this.#cancelRetry = this.clock.timer(RETRY_MS, () => this.#admit());
        break;
      }
      next.queue.shift();
      if (next.queue.length === 0) this.#queued.delete(next);
      next.reservedBytes += sizeBytes;
      this.#reservedBytes += sizeBytes;
      admit(isForBlock ? this.#free.pop() ?? new BlockMemory() : null);
    }
    this.#dropBlocks();
  }

  /** Drops returned blocks that exceed the limit. */
  #dropBlocks(): void {
    while (this.#free.length > 0 && this.allocatedBytes > this.limitBytes) this.#free.pop()!.free();
  }

  #next(): BudgetClient | undefined {
    let next: BudgetClient | undefined;
    for (const client of this.#queued) {
      if (next === undefined || isBefore(client, next)) next = client;
    }
    return next;
  }
}

/** One client's part of a ByteBudget. */
export class BudgetClient {
  /** The next three members belong to the budget. */
  reservedBytes = 0;
  releasedMs = -Infinity;
  readonly queue: Waiter[] = [];

  #isClosed = false;

  /** @param backlogBytes returns the bytes that QUIC keeps for the client */
  constructor(readonly budget: ByteBudget, readonly backlogBytes: () => number = () => 0) {
    budget.open(this);
  }

  get heldBytes(): number {
    return this.reservedBytes + this.backlogBytes();
  }

  /** Reserves a block. Throws as `reserve`. */
  async take(): Promise<BlockMemory> {
    return (await this.#enter(BLOCK_BYTES, true))!;
  }

  /** Returns a block, which must not be used after that. */
  give(block: BlockMemory): void {
    this.budget.keep(block);
    this.release(BLOCK_BYTES);
  }

  /** Rejects queued reservations with `connection_lost`. Held bytes must still be released. */
  close(): void {
    this.#isClosed = true;
    const queue = this.queue.splice(0);
    this.budget.forget(this);
    for (const { giveUp } of queue) giveUp(new PliError("connection_lost", {}));
  }

  /**
   * Resolves when bytes are reserved for memory of the client, at most the size of a block. Throws `connection_lost`
   * when the client is closed.
   */
  async reserve(sizeBytes: number): Promise<void> {
    await this.#enter(sizeBytes, false);
  }

  /** Releases reserved bytes. */
  release(sizeBytes: number): void {
    this.budget.leave(this, sizeBytes);
  }

  #enter(sizeBytes: number, isForBlock: boolean): Promise<BlockMemory | null> {
    if (this.#isClosed) return Promise.reject(new PliError("connection_lost", {}));
    return this.budget.enter(this, sizeBytes, isForBlock);
  }
}

function isBefore(a: BudgetClient, b: BudgetClient): boolean {
  return a.heldBytes === b.heldBytes ? a.releasedMs > b.releasedMs : a.heldBytes < b.heldBytes;
}
