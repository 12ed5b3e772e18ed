// A fixed number of blocks of memory, which are taken, filled, used and returned. A caller waits while none is free,
// which is the backpressure between disk and network.

import { BLOCK_BYTES } from "../bao/geometry.ts";
import { interleaved, pairsBytes } from "../bao/subtree.ts";

/** Room for a block's bytes, and for the hash pairs above its chunk groups. */
export class BlockMemory {
  readonly content = new Uint8Array(BLOCK_BYTES);
  readonly pairs = new Uint8Array(pairsBytes(BLOCK_BYTES));
  #whole: readonly Uint8Array[] | undefined;

  /** The views of a subtree of `sizeBytes` at the start of this memory, in wire order. */
  parts(sizeBytes: number): readonly Uint8Array[] {
    if (sizeBytes === BLOCK_BYTES) return this.#whole ??= interleaved(this.content, this.pairs);
    return interleaved(this.content.subarray(0, sizeBytes), this.pairs.subarray(0, pairsBytes(sizeBytes)));
  }

  /** Frees the memory at once, without waiting for the garbage collector. The block must not be used after that. */
  free(): void {
    const buffer: ArrayBuffer & { transfer?(sizeBytes: number): ArrayBuffer } = this.content.buffer;
    // Node.js 20 lacks this method.
    buffer.transfer?.(0);
  }
}

export class BlockPool {
  readonly #free: BlockMemory[] = [];
  readonly #waiting: ((memory: BlockMemory) => void)[] = [];
  #made = 0;

  /** @param limit maximum number of blocks */
  constructor(readonly limit: number) {}

  /** The next free block, first come, first served. */
  take(): Promise<BlockMemory> {
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (this.#made < this.limit) {
      this.#made++;
      return Promise.resolve(new BlockMemory());
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Returns a block, which must not be used after that. */
  give(memory: BlockMemory): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(memory);
    else next(memory);
  }
}
