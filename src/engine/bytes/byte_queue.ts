// A queue of received bytes: pieces go in, views are filled in order. Each byte is copied once.

export class ByteQueue {
  readonly #pieces: Uint8Array[] = [];
  /** Bytes already taken from the first piece. */
  #taken = 0;
  #length = 0;

  /** The number of bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** The piece is not copied and must not change. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** Fills the views, one after the other. Throws RangeError if there are fewer bytes, and takes nothing then. */
  take(into: readonly Uint8Array[]): void {
    const required = into.reduce((sum, view) => sum + view.length, 0);
    if (required > this.#length) throw new RangeError(`${required} bytes required of ${this.#length}`);
    this.#length -= required;
    for (const view of into) this.#fill(view);
  }

  #fill(view: Uint8Array): void {
    for (let filled = 0; filled < view.length;) {
      const [piece] = this.#pieces;
      const part = piece.subarray(this.#taken, this.#taken + view.length - filled);
      view.set(part, filled);
      filled += part.length;
      this.#taken += part.length;
      if (this.#taken < piece.length) continue;
      this.#pieces.shift();
      this.#taken = 0;
    }
  }
}
