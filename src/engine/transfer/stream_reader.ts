// Exact reads from a stream that gives its bytes in pieces of its own choice.

import { PliError } from "../errors.ts";
import type { Clock, ReceiveStream } from "../ports.ts";
import { DeadlinePassed, withDeadline } from "./deadline.ts";

const BUFFER_BYTES = 256 * 1024;
/** A peer that sends no byte for this long is given up. */
export const STALL_MS = 30_000;

/** The stream ended before everything that was expected had come. */
export class UnexpectedEnd extends Error {}

export class StreamReader {
  readonly #stream: ReceiveStream;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #start = 0;
  #end = 0;
  #hasBegun = false;

  constructor(stream: ReceiveStream, readonly clock: Clock) {
    this.#stream = stream;
  }

  /** Whether any byte has come. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * The next `count` bytes (at most 256 KiB), as a view that is valid until the next call. Throws
   * UnexpectedEnd, `stream_reset`, `connection_lost` (also when nothing comes for 30 s).
   */
  async take(count: number): Promise<Uint8Array> {
    while (this.#end - this.#start < count) {
      if (this.#start + count > BUFFER_BYTES) {
        this.#buffer.copyWithin(0, this.#start, this.#end);
        this.#end -= this.#start;
        this.#start = 0;
      }
      const bytes = await this.#read(BUFFER_BYTES - this.#end);
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
      const bytes = await this.#read(BUFFER_BYTES);
      if (bytes === null) return concatenate(pieces, length);
      pieces.push(bytes);
      length += bytes.length;
    }
  }

  /** The stream must end here. Throws `message_malformed` when more comes. */
  async end(what: string): Promise<void> {
    if (this.#end > this.#start || await this.#read(1) !== null) {
      this.#stream.stop(0);
      throw new PliError("message_malformed", { what });
    }
  }

  async #read(maximumBytes: number): Promise<Uint8Array | null> {
    try {
      return await withDeadline(this.clock, STALL_MS, this.#stream.read(maximumBytes));
    } catch (cause) {
      throw cause instanceof DeadlinePassed ? new PliError("connection_lost", {}, { cause }) : cause;
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
