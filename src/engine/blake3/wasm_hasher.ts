// The portable hash port: BLAKE3 subtree values from the SIMD kernel in kernel/, on the calling thread. It owns the
// copying of bytes into and out of the kernel's fixed memory.

import {
  BLOCK_BYTES,
  BLOCK_CHUNKS,
  CHUNK_BYTES,
  GROUP_CHUNKS,
  HASH_BYTES,
  PAIR_BYTES,
} from "../bao/geometry.ts";
import type { Hasher } from "../ports.ts";
import { checkBlocks, checkLeaf, checkPair, checkParents, checkSubtree } from "./hash_arguments.ts";
import { KERNEL_WASM_BASE64 } from "./kernel_wasm.ts";

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly VALUES: WebAssembly.Global;
  readonly INPUT: WebAssembly.Global;
  readonly INPUT_BYTES: WebAssembly.Global;
  hashChunks(sizeBytes: number, firstChunk: number, valueIndex: number, isRoot: boolean): number;
  hashParents(count: number, levels: number, isRoot: boolean): number;
}

/** A hasher with its own kernel instance (128 KiB). */
export function wasmHasher(): Hasher {
  const wasm = Uint8Array.from(atob(KERNEL_WASM_BASE64), (char) => char.charCodeAt(0));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  return new WasmHasher(instance.exports as unknown as Kernel);
}

class WasmHasher implements Hasher {
  readonly #kernel: Kernel;
  /** The kernel's input and its values. Its memory never grows, so the views stay valid. */
  readonly #input: Uint8Array;
  readonly #values: Uint8Array;

  constructor(kernel: Kernel) {
    const { memory, INPUT, INPUT_BYTES, VALUES } = kernel;
    this.#kernel = kernel;
    this.#input = new Uint8Array(memory.buffer, INPUT.value, INPUT_BYTES.value);
    this.#values = new Uint8Array(memory.buffer, VALUES.value, BLOCK_CHUNKS * HASH_BYTES);
  }

  leaf(bytes: Uint8Array, firstChunk: number, isRoot: boolean): Uint8Array {
    checkLeaf(bytes, firstChunk, isRoot);
    this.#hash(bytes, firstChunk, BLOCK_CHUNKS, isRoot);
    return this.#values.slice(0, HASH_BYTES);
  }

  parent(left: Uint8Array, right: Uint8Array, isRoot: boolean): Uint8Array {
    checkPair(left, right, isRoot);
    this.#values.set(left);
    this.#values.set(right, HASH_BYTES);
    this.#kernel.hashParents(2, 1, isRoot);
    return this.#values.slice(0, HASH_BYTES);
  }

  parents(level: Uint8Array, isRoot: boolean): Uint8Array {
    checkParents(level, isRoot);
    const above = new Uint8Array(Math.ceil(level.length / PAIR_BYTES) * HASH_BYTES);
    // The kernel's memory has room for an even number of values, so only the last portion can be odd.
    for (let start = 0; start < level.length; start += this.#values.length) {
      const portion = level.subarray(start, start + this.#values.length);
      this.#values.set(portion);
      const count = this.#kernel.hashParents(portion.length / HASH_BYTES, 1, isRoot);
      above.set(this.#values.subarray(0, count * HASH_BYTES), start / 2);
    }
    return above;
  }

  subtree(bytes: Uint8Array, firstChunk: number, isRoot: boolean, pairs: Uint8Array): Uint8Array {
    checkSubtree(bytes, firstChunk, isRoot, pairs);
    const levels: Uint8Array[] = [];
    // The first step stops at the groups, and hashes the root only where it is the value of a single group.
    for (let count = this.#hash(bytes, firstChunk, GROUP_CHUNKS, isRoot); count > 1;) {
      levels.push(this.#values.slice(0, count * HASH_BYTES));
      count = this.#kernel.hashParents(count, 1, isRoot);
    }
    layOut(levels, levels.length - 1, 0, pairs, 0);
    return this.#values.slice(0, HASH_BYTES);
  }

  hashBlocks(bytes: Uint8Array, firstChunk: number): Uint8Array {
    checkBlocks(bytes, firstChunk);
    const values = new Uint8Array(Math.ceil(bytes.length / BLOCK_BYTES) * HASH_BYTES);
    for (let i = 0; i * BLOCK_BYTES < bytes.length; i++) {
      const block = bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
      this.#hash(block, firstChunk + i * BLOCK_CHUNKS, BLOCK_CHUNKS, false);
      values.set(this.#values.subarray(0, HASH_BYTES), i * HASH_BYTES);
    }
    return values;
  }

  /**
   * Puts the values of the consecutive subtrees of `subtreeChunks`, a power of two, at the head of `#values`, and
   * returns their number. Copies 64 KiB at a time, which stay in the processor's cache.
   */
  #hash(bytes: Uint8Array, firstChunk: number, subtreeChunks: number, isRoot: boolean): number {
    const isOneChunk = bytes.length <= CHUNK_BYTES;
    let chunks = 0;
    do {
      const start = chunks * CHUNK_BYTES;
      const part = bytes.subarray(start, start + this.#input.length);
      this.#input.set(part);
      chunks += this.#kernel.hashChunks(part.length, firstChunk + chunks, chunks, isRoot && isOneChunk);
    } while (chunks * CHUNK_BYTES < bytes.length);
    return this.#kernel.hashParents(chunks, Math.log2(subtreeChunks), isRoot);
  }
}

/**
 * Writes the pairs below a node from `offset` on in pre-order, and returns where they end. The node is number
 * `index` of the level above `levels[height]`, where its children are neighbours, or a single one carried up.
 */
function layOut(
  levels: readonly Uint8Array[],
  height: number,
  index: number,
  pairs: Uint8Array,
  offset: number,
): number {
  if (height < 0) return offset;
  const pair = levels[height].subarray(index * PAIR_BYTES, (index + 1) * PAIR_BYTES);
  if (pair.length < PAIR_BYTES) return layOut(levels, height - 1, 2 * index, pairs, offset);
  pairs.set(pair, offset);
  const middle = layOut(levels, height - 1, 2 * index, pairs, offset + PAIR_BYTES);
  return layOut(levels, height - 1, 2 * index + 1, pairs, middle);
}
