// The values of a subtree above equal units: for a blob those above its blocks. Pairing neighbours level by level, and
// carrying an odd last one up, yields BLAKE3's tree, so a level is an array and a node is found by its span. Twice the
// memory of the units' values, 64 MB for a terabyte in blocks.

import { HASH_BYTES, PAIR_BYTES } from "./geometry.ts";
import type { Hasher } from "../ports.ts";

export class ValueTree {
  /** Level k has the values of spans of 2^k units. */
  readonly #levels: Uint8Array[];

  /**
   * @param units values of the units, 32 bytes each, at least one
   * @param unitChunks chunks of a unit
   * @param firstChunk number of the first chunk of the first unit
   * @param isRoot whether the tree spans its whole blob, so that its top parent carries the ROOT flag. A
   *   single unit has no parent: its value must have been computed with the flag.
   */
  constructor(
    hasher: Hasher,
    units: Uint8Array,
    readonly unitChunks: number,
    readonly firstChunk: number,
    isRoot: boolean,
  ) {
    this.#levels = [units];
    for (let level = units; level.length > HASH_BYTES;) {
      level = hasher.parents(level, isRoot && level.length === PAIR_BYTES);
      this.#levels.push(level);
    }
  }

  /** The value of the top: the blob's hash if it is the root, otherwise its chaining value. */
  get top(): Uint8Array {
    return this.#levels[this.#levels.length - 1];
  }

  /** The value of unit `index`. */
  unit(index: number): Uint8Array {
    return valueAt(this.#levels[0], index);
  }

  /** The value of the node over the chunks [start, end), which must be a node of this tree, as a view. */
  value(start: number, end: number): Uint8Array {
    const units = Math.ceil((end - start) / this.unitChunks);
    let level = 0;
    while (2 ** level < units) level++;
    return valueAt(this.#levels[level], (start - this.firstChunk) / (this.unitChunks * 2 ** level));
  }
}

function valueAt(level: Uint8Array, index: number): Uint8Array {
  return level.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}
