// The distinct folders of names: the number of folders that a receiver creates besides the files.

import type { Texts } from "../bytes/texts.ts";
import { spanHash, SpanSet } from "./span_set.ts";

const SLASH = 0x2f;

export class FolderSet {
  readonly #names: Texts;
  readonly #spans: SpanSet;
  /** The ends and hashes of the folders of the name that was added last. */
  readonly #ends: number[] = [];
  readonly #hashes: number[] = [];
  #start = 0;

  constructor(names: Texts) {
    this.#names = names;
    this.#spans = new SpanSet(names.bytes, 1024);
  }

  get size(): number {
    return this.#spans.size;
  }

  /** Number of folders above the name that was added last. */
  get depth(): number {
    return this.#ends.length;
  }

  /** Adds the folders of a name. Returns how many innermost ones are new. */
  add(index: number): number {
    const { bytes, starts, ends } = this.#names;
    const [start, end] = [this.#start = starts[index], ends[index]];
    this.#ends.length = this.#hashes.length = 0;
    let from = start;
    for (let at = start; at < end; at++) {
      if (bytes[at] !== SLASH) continue;
      this.#hashes.push(spanHash(bytes, from, at, this.#hashes.at(-1)));
      this.#ends.push(from = at);
    }
    // From the innermost: all folders above a known one are known.
    let depth = this.#ends.length;
    while (depth > 0 && this.#spans.add(start, this.#ends[depth - 1], this.#hashes[depth - 1])) depth--;
    return this.#ends.length - depth;
  }

  /** Whether a folder of the name that was added last is in a set of spans. */
  isAnyIn(spans: SpanSet): boolean {
    return this.#ends.some((end, at) => spans.has(this.#start, end, this.#hashes[at]));
  }
}
