// Computes a blob's hash from the values of its blocks, by the definition of the tree: the use of `hashBlocks`, and the
// slow twin of `parents`.

import { HASH_BYTES } from "../../../src/engine/bao/geometry.ts";
import type { Hasher } from "../../../src/engine/ports.ts";

/** The value of the parent over two or more values, 32 bytes each: the left one spans a power of two of them. */
export function fold(hasher: Hasher, values: Uint8Array, isRoot: boolean): Uint8Array {
  const count = values.length / HASH_BYTES;
  if (count === 1) return values;
  let left = 1;
  while (left * 2 < count) left *= 2;
  return hasher.parent(
    fold(hasher, values.subarray(0, left * HASH_BYTES), false),
    fold(hasher, values.subarray(left * HASH_BYTES), false),
    isRoot,
  );
}
