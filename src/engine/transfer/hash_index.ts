// Finds a hash among many, by a table of their numbers: a map of texts would take twenty times as much. The hashes
// are what pli made of its user's files, so they are as good as random.

import { equalBytes } from "../bytes/equal.ts";
import type { HashSequence } from "../wire/hash_sequence.ts";

/** Bytes of a hash that choose its place. */
const KEY_BYTES = 4;

export class HashIndex {
  readonly #hashes: HashSequence;
  /** By hash, with the next free place for those that share one: a hash's number and 1, or 0. */
  readonly #slots: Uint32Array;

  constructor(hashes: HashSequence) {
    this.#hashes = hashes;
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * hashes.length + 2)));
    for (let index = 0; index < hashes.length; index++) {
      this.#slots[this.#slotOf(hashes.at(index))] = index + 1;
    }
  }

  /** The number of a hash, the last one of those that are the same; -1 when there is none. */
  find(hash: Uint8Array): number {
    return this.#slots[this.#slotOf(hash)] - 1;
  }

  /** Where a hash is, or would be. */
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
