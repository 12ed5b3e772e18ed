// The portable hash port: BLAKE3 subtree values from the SIMD kernel in kernel/, on the thread that asks. Owns
// the checks at its boundary and the way of bytes into and out of the kernel's fixed memory. A subtree that
// BLAKE3's tree (paper, section 2.1) cannot have at that place is refused: its value would verify nothing.

import {
  BLOCK_BYTES,
  BLOCK_CHUNKS,
  CHUNK_BYTES,
  GROUP_CHUNKS,
  HASH_BYTES,
  PAIR_BYTES,
} from "../bao/geometry.ts";
import { pairsBytes } from "../bao/subtree.ts";
import type { Hasher } from "../ports.ts";
import { KERNEL_WASM_BASE64 } from "./kernel_wasm.ts";

/** Files end before byte 2^53: there JavaScript's exact integers do. */
const MAXIMUM_CHUNK = 2 ** 43;

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly VALUES: WebAssembly.Global;
  readonly INPUT: WebAssembly.Global;
  readonly INPUT_BYTES: WebAssembly.Global;
  hashChunks(sizeBytes: number, firstChunk: number, valueIndex: number, isRoot: boolean): number;
  hashParents(count: number, levels: number, isRoot: boolean): number;
}

/** A hasher with a kernel of its own (128 KiB).*/
export function wasmHasher(): Hasher {
  const wasm = Uint8Array.fromBase64(KERNEL_WASM_BASE64);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  return new WasmHasher(instance.exports as unknown as Kernel);
}

class WasmHasher implements Hasher {
  readonly #kernel: Kernel;
  /** Where the kernel takes chunks and keeps values. Its memory never grows, so the views stay valid. */
  readonly #input: Uint8Array;
  readonly #values: Uint8Array;

  constructor(kernel: Kernel) {
    const { memory, INPUT, INPUT_BYTES, VALUES } = kernel;
    this.#kernel = kernel;
    this.#input = new Uint8Array(memory.buffer, INPUT.value, INPUT_BYTES.value);
    this.#values = new Uint8Array(memory.buffer, VALUES.value, BLOCK_CHUNKS * HASH_BYTES);
  }

  leaf(bytes: Uint8Array, firstChunk: number, isRoot: boolean): Uint8Array {
    checkSubtree(bytes, firstChunk, isRoot);
    this.#hash(bytes, firstChunk, BLOCK_CHUNKS, isRoot);
    return this.#values.slice(0, HASH_BYTES);
  }

  parent(left: Uint8Array, right: Uint8Array, isRoot: boolean): Uint8Array {
    checkValue(left);
    checkValue(right);
    checkFlag(isRoot);
    this.#values.set(left);
    this.#values.set(right, HASH_BYTES);
    this.#kernel.hashParents(2, 1, isRoot);
    return this.#values.slice(0, HASH_BYTES);
  }

  parents(level: Uint8Array, isRoot: boolean): Uint8Array {
    checkLevel(level);
    checkFlag(isRoot);
    if (isRoot && level.length !== PAIR_BYTES) throw new RangeError("the root is the parent of two values");
    const above = new Uint8Array(Math.ceil(level.length / PAIR_BYTES) * HASH_BYTES);
    // The kernel's memory holds an even number of values, so only the last portion can have an odd one.
    for (let start = 0; start < level.length; start += this.#values.length) {
      const portion = level.subarray(start, start + this.#values.length);
      this.#values.set(portion);
      const count = this.#kernel.hashParents(portion.length / HASH_BYTES, 1, isRoot);
      above.set(this.#values.subarray(0, count * HASH_BYTES), start / 2);
    }
    return above;
  }

  subtree(bytes: Uint8Array, firstChunk: number, isRoot: boolean, pairs: Uint8Array): Uint8Array {
    checkSubtree(bytes, firstChunk, isRoot);
    checkPairs(pairs, pairsBytes(bytes.length));
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
    checkBytes(bytes, Number.MAX_SAFE_INTEGER);
    checkFirstChunk(firstChunk, BLOCK_CHUNKS);
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
   * returns their number. Copies 64 KiB at a time, which are then still in the processor's cache.
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

/** The chunk numbers at which a subtree of this size can begin are the multiples of this one. */
function alignmentOf(sizeBytes: number): number {
  let chunks = 1;
  while (chunks * CHUNK_BYTES < sizeBytes) chunks *= 2;
  return chunks;
}

function checkBytes(bytes: Uint8Array, maximumBytes: number): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("bytes must be a Uint8Array");
  if (bytes.length > maximumBytes) throw new RangeError(`at most ${maximumBytes} bytes, not ${bytes.length}`);
}

function checkSubtree(bytes: Uint8Array, firstChunk: number, isRoot: boolean): void {
  checkBytes(bytes, BLOCK_BYTES);
  checkFlag(isRoot);
  checkFirstChunk(firstChunk, alignmentOf(bytes.length));
  if (isRoot && firstChunk !== 0) throw new RangeError("a root begins at chunk 0");
}

function checkPairs(pairs: Uint8Array, sizeBytes: number): void {
  if (!(pairs instanceof Uint8Array)) throw new TypeError("pairs must be a Uint8Array");
  if (pairs.length !== sizeBytes) {
    throw new RangeError(`this subtree has ${sizeBytes} bytes of pairs, not ${pairs.length}`);
  }
}

function checkLevel(level: Uint8Array): void {
  if (!(level instanceof Uint8Array)) throw new TypeError("a level must be a Uint8Array");
  if (level.length < PAIR_BYTES || level.length % HASH_BYTES !== 0) {
    throw new RangeError(`a level has two or more values of 32 bytes, not ${level.length} bytes`);
  }
}

function checkValue(value: Uint8Array): void {
  if (!(value instanceof Uint8Array)) throw new TypeError("a value must be a Uint8Array");
  if (value.length !== HASH_BYTES) throw new RangeError(`a value has 32 bytes, not ${value.length}`);
}

function checkFlag(isRoot: boolean): void {
  if (typeof isRoot !== "boolean") throw new TypeError("isRoot must be a boolean");
}

function checkFirstChunk(firstChunk: number, alignment: number): void {
  if (typeof firstChunk !== "number") throw new TypeError("firstChunk must be a number");
  if (!Number.isInteger(firstChunk) || firstChunk < 0 || firstChunk > MAXIMUM_CHUNK) {
    throw new RangeError(`firstChunk must be an integer from 0 to 2^43, not ${firstChunk}`);
  }
  if (firstChunk % alignment !== 0) {
    throw new RangeError(
      `no subtree of this size begins at chunk ${firstChunk}, but at multiples of ${alignment}`,
    );
  }
}
