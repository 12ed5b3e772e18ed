// The layout of a ticket's bytes. It determines where a ticket ends, so a ticket needs no separator after it, and a
// truncated ticket is distinguished from an invalid one:
//
//   00                        version
//   id (32)                   the provider's endpoint
//   00 | 01 text              its relay's URL
//   count, addresses          00 ip (4) port | 01 ip (16) port
//   00 | 01                   format
//   hash (32)
//
// Lengths, counts and ports are LEB128 varints.

const ID_BYTES = 32;
const HASH_BYTES = 32;
const IP_BYTES = [4, 16];
/** The longest varint in a ticket. */
const VARINT_MAXIMUM_BYTES = 3;
/** More than any computer has; the time is linear in the addresses. */
const ADDRESSES_MAXIMUM = 256;
const RELAY_MAXIMUM_BYTES = 16 * 1024;
const HTTP = new TextEncoder().encode("http");
const ASCII_LOWER_CASE = 0x20;

/** The byte at an index; undefined past the end. */
export type ByteAt = (index: number) => number | undefined;

/**
 * The size of the ticket that begins at index 0: larger than the bytes present if it is truncated, null if the bytes are
 * not a ticket's. Only the deciding bytes are read, so the time is linear in the number of addresses.
 */
export function ticketSizeBytes(byteAt: ByteAt): number | null {
  const reader = new LayoutReader(byteAt);
  return reader.ticket() ? reader.at : null;
}

/** Reads the layout. Past the last byte every value is possible. Methods return false if the bytes cannot be a ticket's. */
class LayoutReader {
  at = 0;
  readonly #byteAt: ByteAt;

  constructor(byteAt: ByteAt) {
    this.#byteAt = byteAt;
  }

  ticket(): boolean {
    if (!this.#isNext(0)) return false;
    this.at += ID_BYTES;
    if (!this.#optionalRelay() || !this.#addresses()) return false;
    if (!this.#isNext(0, 1)) return false;
    this.at += HASH_BYTES;
    return true;
  }

  #optionalRelay(): boolean {
    const option = this.#next() ?? 0;
    if (option === 0) return true;
    if (option !== 1) return false;
    const length = this.#varint(HTTP.length);
    if (length < HTTP.length || length > RELAY_MAXIMUM_BYTES) return false;
    for (const letter of HTTP) {
      if (!this.#isNext(letter, letter & ~ASCII_LOWER_CASE)) return false;
    }
    this.at += length - HTTP.length;
    return true;
  }

  #addresses(): boolean {
    const count = this.#varint(0);
    if (count > ADDRESSES_MAXIMUM) return false;
    for (let left = count; left > 0; left--) {
      const kind = this.#next();
      if (kind === undefined) return true;
      if (kind >= IP_BYTES.length) return false;
      this.at += IP_BYTES[kind];
      if (this.#varint(0) > 0xffff) return false;
    }
    return true;
  }

  #next(): number | undefined {
    return this.#byteAt(this.at++);
  }

  #isNext(...values: number[]): boolean {
    const byte = this.#next();
    return byte === undefined || values.includes(byte);
  }

  /** Infinity if it is longer than every number in a ticket, `least` if it is truncated. */
  #varint(least: number): number {
    let value = 0;
    for (let index = 0; index < VARINT_MAXIMUM_BYTES; index++) {
      const byte = this.#next();
      if (byte === undefined) return least;
      value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) return value;
    }
    return Infinity;
  }
}
