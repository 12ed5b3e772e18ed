// A list of texts in UTF-8; each is decoded on demand. A million strings would take five times the memory.

import { complete, ITEM_UNITS, type Work } from "../work.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Texts implements Iterable<string> {
  /**
   * @param bytes contain the texts, in any order and with any bytes between them; each is well-formed
   * @param starts where each begins
   * @param ends where each ends
   */
  constructor(readonly bytes: Uint8Array, readonly starts: Uint32Array, readonly ends: Uint32Array) {}

  /** Throws RangeError for a lone surrogate. */
  static of(texts: readonly string[]): Texts {
    return complete(encodingTexts(texts));
  }

  get length(): number {
    return this.starts.length;
  }

  at(index: number): string {
    return utf8.decode(this.bytes.subarray(this.starts[index], this.ends[index]));
  }

  *[Symbol.iterator](): Generator<string> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }
}

/** `Texts.of` in steps. */
export function* encodingTexts(texts: readonly string[]): Work<Texts> {
  const encoder = new TextEncoder();
  const [starts, ends] = [new Uint32Array(texts.length), new Uint32Array(texts.length)];
  let bytes = new Uint8Array(1024);
  let offset = 0;
  for (const [index, text] of texts.entries()) {
    if (!text.isWellFormed()) throw new RangeError("a text is not well-formed Unicode");
    // UTF-8 has at most three bytes for each unit of UTF-16.
    if (offset + 3 * text.length > bytes.length) {
      const larger = new Uint8Array(2 * bytes.length + 3 * text.length);
      larger.set(bytes);
      bytes = larger;
    }
    starts[index] = offset;
    ends[index] = offset += encoder.encodeInto(text, bytes.subarray(offset)).written;
    yield text.length + ITEM_UNITS;
  }
  return new Texts(bytes, starts, ends);
}
