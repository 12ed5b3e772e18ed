// Exact reads from a stream that gives its bytes in pieces of its own choice.

import { PliError } from "../errors.ts";
import type { ReceiveStream } from "../ports.ts";

const BUFFER_BYTES = 256 * 1024;

/** The stream ended before everything that was expected had come. */
export class UnexpectedEnd extends Error {}

export class StreamReader {
  readonly #stream: ReceiveStream;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #start = 0;
  #end = 0;
  #hasBegun = false;

  constructor(stream: ReceiveStream) {
    this.#stream = stream;
  }

  /** Whether any byte has come. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * The next `count` bytes (at most 256 KiB), as a view that is valid until the next call. Throws
   * UnexpectedEnd, `stream_reset`, `connection_lost`.
   */
  async take(count: number): Promise<Uint8Array> {
    while (this.#end - this.#start < count) {
      if (this.#start + count > BUFFER_BYTES) {
        this.#buffer.copyWithin(0, this.#start, this.#end);
        this.#end -= this.#start;
        this.#start = 0;
      }
      const bytes = await this.#stream.read(BUFFER_BYTES - this.#end);
      if (bytes === null) throw new UnexpectedEnd();
      this.#hasBegun = true;
      this.#buffer.set(bytes, this.#end);
      this.#end += bytes.length;
    }
    const taken = this.#buffer.subarray(this.#start, this.#start + count);
    this.#start += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    return taken;
  }

  /** Everything to the end. Throws `limit_exceeded` when that is more than `maximumBytes`. */
  async rest(maximumBytes: number, what: string): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [this.#buffer.slice(this.#start, this.#end)];
    let length = this.#end - this.#start;
    for (;;) {
      if (length > maximumBytes) throw new PliError("limit_exceeded", { what, maximum: maximumBytes });
      const bytes = await this.#stream.read(BUFFER_BYTES);
      if (bytes === null) return concatenate(pieces, length);
      pieces.push(bytes);
      length += bytes.length;
    }
  }

  /** The stream must end here. Throws `message_malformed` when more comes. */
  async end(what: string): Promise<void> {
    if (this.#end > this.#start || await this.#stream.read(1) !== null) {
      this.#stream.stop(0);
      throw new PliError("message_malformed", { what });
    }
  }
}

/** One array of several. */
export function concatenate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
