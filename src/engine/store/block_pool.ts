// Memory for blocks on their way: taken, filled, used, given back. There is a fixed number of them, so whoever
// wants one more waits: that is the back-pressure between the disk and the network.

import { BLOCK_BYTES } from "../bao/geometry.ts";
import { interleaved, pairsBytes } from "../bao/subtree.ts";

/** Room for a block's bytes, and for the pairs of values above its groups. */
export class BlockMemory {
  readonly content = new Uint8Array(BLOCK_BYTES);
  readonly pairs = new Uint8Array(pairsBytes(BLOCK_BYTES));
  #whole: readonly Uint8Array[] | undefined;

  /** The views of a subtree of `sizeBytes` at the head of this memory, in the order of the wire. */
  parts(sizeBytes: number): readonly Uint8Array[] {
    if (sizeBytes === BLOCK_BYTES) return this.#whole ??= interleaved(this.content, this.pairs);
    return interleaved(this.content.subarray(0, sizeBytes), this.pairs.subarray(0, pairsBytes(sizeBytes)));
  }
}

export class BlockPool {
  readonly #free: BlockMemory[] = [];
  readonly #waiting: ((memory: BlockMemory) => void)[] = [];
  #made = 0;

  /** @param limit how many blocks there are at most */
  constructor(readonly limit: number) {}

  /** The next free one, first come, first served. */
  take(): Promise<BlockMemory> {
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (this.#made < this.limit) {
      this.#made++;
      return Promise.resolve(new BlockMemory());
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Nobody may use it any more. */
  give(memory: BlockMemory): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(memory);
    else next(memory);
  }
}
