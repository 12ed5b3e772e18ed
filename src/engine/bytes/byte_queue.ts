// Bytes that have come and wait to be taken: pieces in, views filled in order out. Each byte is copied once.

export class ByteQueue {
  readonly #pieces: Uint8Array[] = [];
  /** How many bytes of the first piece have been taken. */
  #taken = 0;
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** The piece is kept as it is and must not change. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** Fills the views, one after the other. Throws RangeError when fewer bytes wait; nothing is taken then. */
  take(into: readonly Uint8Array[]): void {
    const wanted = into.reduce((sum, view) => sum + view.length, 0);
    if (wanted > this.#length) throw new RangeError(`${wanted} bytes wanted of ${this.#length}`);
    this.#length -= wanted;
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
