// A set of spans of one byte array, for names and their folders. The hash of a span extends that of its prefix,
// because hashing each folder of a name separately would take quadratic time.

/** Random for each run, so that colliding names cannot be prepared. */
const SEED = (Math.random() * 2 ** 32) | 0;

/** The hash of a span; with `hash` that of a longer span whose prefix has it. */
export function spanHash(bytes: Uint8Array, start: number, end: number, hash: number = SEED): number {
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ bytes[at], 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

export class SpanSet {
  readonly #bytes: Uint8Array;
  /** The number of a span plus 1, or 0. Colliding spans use the next free slot. */
  #slots: Uint32Array;
  #starts: Uint32Array;
  #ends: Uint32Array;
  #hashes: Int32Array;
  #size = 0;

  /** @param capacity initial number of spans */
  constructor(bytes: Uint8Array, capacity: number) {
    this.#bytes = bytes;
    this.#starts = new Uint32Array(capacity);
    this.#ends = new Uint32Array(capacity);
    this.#hashes = new Int32Array(capacity);
    this.#slots = new Uint32Array(slotsFor(capacity));
  }

  get size(): number {
    return this.#size;
  }

  has(start: number, end: number, hash: number): boolean {
    return this.#slots[this.#find(start, end, hash)] > 0;
  }

  /** False if equal bytes are present already. */
  add(start: number, end: number, hash: number): boolean {
    let slot = this.#find(start, end, hash);
    if (this.#slots[slot] > 0) return false;
    if (this.#size === this.#starts.length) {
      this.#grow();
      slot = this.#find(start, end, hash);
    }
    this.#starts[this.#size] = start;
    this.#ends[this.#size] = end;
    this.#hashes[this.#size] = hash;
    this.#slots[slot] = ++this.#size;
    return true;
  }

  /** The slot of the span, or the free slot for it. */
  #find(start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] > 0 && !this.#equals(this.#slots[slot] - 1, start, end, hash)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #equals(number: number, start: number, end: number, hash: number): boolean {
    if (this.#hashes[number] !== hash) return false;
    const otherStart = this.#starts[number];
    if (this.#ends[number] - otherStart !== end - start) return false;
    const bytes = this.#bytes;
    for (let at = start; at < end; at++) if (bytes[at] !== bytes[otherStart + at - start]) return false;
    return true;
  }

  #grow(): void {
    const capacity = Math.max(16, 2 * this.#starts.length);
    this.#starts = enlarged(this.#starts, new Uint32Array(capacity));
    this.#ends = enlarged(this.#ends, new Uint32Array(capacity));
    this.#hashes = enlarged(this.#hashes, new Int32Array(capacity));
    const slots = this.#slots = new Uint32Array(slotsFor(capacity));
    for (let number = 0; number < this.#size; number++) {
      let slot = this.#hashes[number] & (slots.length - 1);
      while (slots[slot] > 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = number + 1;
    }
  }
}

function slotsFor(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(2 * capacity + 2));
}

function enlarged<T extends Uint32Array | Int32Array>(small: T, large: T): T {
  large.set(small);
  return large;
}
