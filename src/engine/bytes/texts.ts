// A list of texts as the UTF-8 that they came as: a text is made of it when it is asked for. A million strings
// would take five times as much.

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Texts implements Iterable<string> {
  /**
   * @param bytes hold them, in any order and with anything between them; each is well-formed
   * @param starts where each begins
   * @param ends where each ends
   */
  constructor(readonly bytes: Uint8Array, readonly starts: Uint32Array, readonly ends: Uint32Array) {}

  /** Throws RangeError for what is no Unicode. */
  static of(texts: readonly string[]): Texts {
    if (!texts.every((text) => text.isWellFormed())) throw new RangeError("a text is no Unicode");
    const encoder = new TextEncoder();
    const encoded = texts.map((text) => encoder.encode(text));
    const [starts, ends] = [new Uint32Array(texts.length), new Uint32Array(texts.length)];
    const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const [index, piece] of encoded.entries()) {
      bytes.set(piece, starts[index] = offset);
      ends[index] = offset += piece.length;
    }
    return new Texts(bytes, starts, ends);
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
