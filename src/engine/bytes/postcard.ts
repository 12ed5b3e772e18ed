// Postcard, the serialisation of everything that crosses the wire except file data
// (https://postcard.jamesmunns.com/wire-format): integers over 8 bits, lengths and enum discriminants are
// LEB128 varints, hashes and ids are raw, an option is 0, or 1 and its value, text is a length and UTF-8.
// The reader refuses a value over its caller's bounds before it reads a byte of it.

import { PliError } from "../errors.ts";

const U64_MAXIMUM = 2n ** 64n - 1n;
const VARINT_MAXIMUM_BYTES = 10;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const textEncoder = new TextEncoder();

/** Reads one message sequentially. `what` names it in the `message_malformed` that every method may throw. */
export class PostcardReader {
  #offset: number;

  /** @param offset the position of the message in the bytes */
  constructor(readonly bytes: Uint8Array, readonly what: string, offset = 0) {
    this.#offset = offset;
  }

  /** The position of the next byte. */
  get offset(): number {
    return this.#offset;
  }

  get remainingBytes(): number {
    return this.bytes.length - this.#offset;
  }

  malformed(cause?: unknown): PliError<"message_malformed"> {
    return new PliError("message_malformed", { what: this.what }, { cause });
  }

  /** The next `count` bytes, as a view. */
  raw(count: number): Uint8Array {
    if (count > this.remainingBytes) throw this.malformed();
    return this.bytes.subarray(this.#offset, this.#offset += count);
  }

  u8(): number {
    if (this.remainingBytes === 0) throw this.malformed();
    return this.bytes[this.#offset++];
  }

  u64(): bigint {
    let value = 0n;
    for (let i = 0; i < VARINT_MAXIMUM_BYTES; i++) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte >= 0x80) continue;
      if (value > U64_MAXIMUM) throw this.malformed();
      return value;
    }
    throw this.malformed();
  }

  /**
   * A u64 as the nearest number: exact below 2^53, and not below 2^53 for any other. No blob or share has so many
   * chunks, files or bytes, so such a number is past every end, whatever its exact value.
   */
  number(): number {
    let byte = this.u8();
    let value = byte & 0x7f;
    for (let i = 1; byte >= 0x80; i++) {
      byte = this.u8();
      if (i === VARINT_MAXIMUM_BYTES - 1 && byte > 1) throw this.malformed();
      value += (byte & 0x7f) * 2 ** (7 * i);
    }
    return value;
  }

  /** A length or an index: `limit_exceeded` when it is over `maximum`, which is a safe integer. */
  count(maximum: number): number {
    const value = this.number();
    if (value > maximum) throw new PliError("limit_exceeded", { what: this.what, maximum });
    return value;
  }

  /** A count of elements that follow, each of at least `minimumBytes`: never more than the message contains. */
  elementCount(maximum: number, minimumBytes: number): number {
    const count = this.count(maximum);
    if (count * minimumBytes > this.remainingBytes) throw this.malformed();
    return count;
  }

  option<T>(read: () => T): T | null {
    const tag = this.u8();
    if (tag > 1) throw this.malformed();
    return tag === 0 ? null : read();
  }

  text(maximumBytes: number): string {
    return utf8.decode(this.textBytes(maximumBytes));
  }

  /** The UTF-8 bytes of a text, as a view. */
  textBytes(maximumBytes: number): Uint8Array {
    const bytes = this.raw(this.count(maximumBytes));
    try {
      utf8.decode(bytes);
    } catch (cause) {
      throw this.malformed(cause);
    }
    return bytes;
  }

  /** Throws unless the whole message has been read. */
  end(): void {
    if (this.remainingBytes > 0) throw this.malformed();
  }
}

/** Writes one message; grows as needed. */
export class PostcardWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** How many bytes have been written. */
  get length(): number {
    return this.#length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** An unsigned integer below 2^64; RangeError otherwise. */
  u64(value: bigint | number): this {
    let rest = BigInt(value);
    if (rest < 0n || rest > U64_MAXIMUM) throw new RangeError(`not a u64: ${value}`);
    while (rest >= 0x80n) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return this.u8(Number(rest));
  }

  option<T>(value: T | null, write: (value: T) => void): this {
    this.u8(value === null ? 0 : 1);
    if (value !== null) write(value);
    return this;
  }

  text(value: string): this {
    const bytes = textEncoder.encode(value);
    return this.u64(bytes.length).raw(bytes);
  }

  /** The written bytes, as a copy. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
