// The hash port on the native addon: the crate blake3, with the processor's widest vector instructions, and
// with blocks on all cores.

import { BLOCK_BYTES, HASH_BYTES, PAIR_BYTES } from "../bao/geometry.ts";
import { nativeAddon } from "../native/addon.ts";
import type { Hasher } from "../ports.ts";
import { checkBlocks, checkLeaf, checkPair, checkParents, checkSubtree } from "./hash_arguments.ts";

/** The hashing half of the addon. It does not check arguments; results are written into the caller's arrays. */
interface NativeHashing {
  hashLeaf(bytes: Uint8Array, firstChunk: number, isRoot: boolean, out: Uint8Array): void;
  hashParents(level: Uint8Array, isRoot: boolean, out: Uint8Array): void;
  hashSubtree(
    bytes: Uint8Array,
    firstChunk: number,
    isRoot: boolean,
    pairs: Uint8Array,
    out: Uint8Array,
  ): void;
  hashBlocks(bytes: Uint8Array, firstChunk: number, out: Uint8Array): void;
}

/** Throws `binding_missing`. */
export function nativeHasher(): Hasher {
  return new NativeHasher(nativeAddon() as NativeHashing);
}

class NativeHasher implements Hasher {
  readonly #addon: NativeHashing;

  constructor(addon: NativeHashing) {
    this.#addon = addon;
  }

  leaf(bytes: Uint8Array, firstChunk: number, isRoot: boolean): Uint8Array {
    checkLeaf(bytes, firstChunk, isRoot);
    const value = new Uint8Array(HASH_BYTES);
    this.#addon.hashLeaf(bytes, firstChunk, isRoot, value);
    return value;
  }

  parent(left: Uint8Array, right: Uint8Array, isRoot: boolean): Uint8Array {
    checkPair(left, right, isRoot);
    const pair = new Uint8Array(PAIR_BYTES);
    pair.set(left);
    pair.set(right, HASH_BYTES);
    const value = new Uint8Array(HASH_BYTES);
    this.#addon.hashParents(pair, isRoot, value);
    return value;
  }

  parents(level: Uint8Array, isRoot: boolean): Uint8Array {
    checkParents(level, isRoot);
    const above = new Uint8Array(Math.ceil(level.length / PAIR_BYTES) * HASH_BYTES);
    this.#addon.hashParents(level, isRoot, above);
    return above;
  }

  subtree(bytes: Uint8Array, firstChunk: number, isRoot: boolean, pairs: Uint8Array): Uint8Array {
    checkSubtree(bytes, firstChunk, isRoot, pairs);
    const value = new Uint8Array(HASH_BYTES);
    this.#addon.hashSubtree(bytes, firstChunk, isRoot, pairs, value);
    return value;
  }

  hashBlocks(bytes: Uint8Array, firstChunk: number): Uint8Array {
    checkBlocks(bytes, firstChunk);
    const values = new Uint8Array(Math.ceil(bytes.length / BLOCK_BYTES) * HASH_BYTES);
    this.#addon.hashBlocks(bytes, firstChunk, values);
    return values;
  }
}
