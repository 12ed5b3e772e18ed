// Concatenated hashes, as in the root of a collection and in a GetMany. A hash is returned as a view on demand: a
// million views would take more memory than the hashes.

import { HASH_BYTES } from "../bao/geometry.ts";

export class HashSequence {
  readonly length: number;

  /** @param bytes a multiple of 32 */
  constructor(readonly bytes: Uint8Array) {
    this.length = bytes.length / HASH_BYTES;
    if (!Number.isInteger(this.length)) throw new RangeError(`${bytes.length} bytes are no hashes`);
  }

  /** A hash, as a view. */
  at(index: number): Uint8Array {
    return this.bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}
