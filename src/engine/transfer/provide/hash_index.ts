// Finds the number of a hash in an open-addressing table of numbers. A map of texts would use twenty times the memory.
// The hashes are of the user's own files, so no peer can choose colliding ones.

import { equalBytes } from "../../bytes/equal.ts";
import type { HashSequence } from "../../wire/hash_sequence.ts";

/** Bytes of a hash from which its slot is computed. */
const KEY_BYTES = 4;

export class HashIndex {
  readonly #hashes: HashSequence;
  /** The number of a hash plus 1, or 0. Colliding hashes use the next free slot. */
  readonly #slots: Uint32Array;

  constructor(hashes: HashSequence) {
    this.#hashes = hashes;
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * hashes.length + 2)));
    for (let index = 0; index < hashes.length; index++) {
      this.#slots[this.#slotOf(hashes.at(index))] = index + 1;
    }
  }

  /** The number of a hash, the last one of equal hashes; -1 if there is none. */
  find(hash: Uint8Array): number {
    return this.#slots[this.#slotOf(hash)] - 1;
  }

  /** The slot of a hash, or the free slot for it. */
  #slotOf(hash: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let key = 0;
    for (let at = 0; at < KEY_BYTES; at++) key = key << 8 | hash[at];
    let slot = key & mask;
    while (this.#slots[slot] > 0 && !equalBytes(this.#hashes.at(this.#slots[slot] - 1), hash)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
