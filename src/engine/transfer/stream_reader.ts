// Exact reads from a stream: so many bytes as a view, or into arrays of the caller's.

import { PliError } from "../errors.ts";
import type { Clock, ReceiveStream } from "../ports.ts";
import { DeadlinePassed, type Pace, STEADY, whileMoving } from "./deadline.ts";

/** A peer that hardly moves for this long is given up. */
export const STALL_MS = STEADY.withinMs;

/** The stream ended before everything that was expected had come. */
export class UnexpectedEnd extends Error {}

export class StreamReader {
  readonly #stream: ReceiveStream;
  /** Where `take` puts what it gives. */
  #scratch = new Uint8Array(1024);
  #waitingBytes = 0;

  /** @param pace what the peer has to keep now */
  constructor(stream: ReceiveStream, readonly clock: Clock, readonly pace: () => Pace = () => STEADY) {
    this.#stream = stream;
  }

  /** How many bytes ever came, also those that nobody has taken yet. */
  get receivedBytes(): number {
    return this.#stream.receivedBytes;
  }

  /** Whether any byte has come. */
  get hasBegun(): boolean {
    return this.#stream.receivedBytes > 0;
  }

  /**
   * The next `count` bytes, as a view that is valid until the next call. Throws UnexpectedEnd, `stream_reset`,
   * `connection_lost` (also when less than 1 KiB comes in 30 s).
   */
  async take(count: number): Promise<Uint8Array> {
    await this.#await(count);
    return this.takeNow(count);
  }

  /** Fills arrays with the next bytes, `count` in all. Throws as `take`. */
  async fill(into: readonly Uint8Array[], count: number): Promise<void> {
    await this.#await(count);
    this.fillNow(into, count);
  }

  /** Whether the next `count` bytes are known to be here: of many small things most come together. */
  has(count: number): boolean {
    return this.#waitingBytes >= count;
  }

  /** `take` of bytes that are here. */
  takeNow(count: number): Uint8Array {
    if (this.#scratch.length < count) this.#scratch = new Uint8Array(count);
    const bytes = this.#scratch.subarray(0, count);
    this.fillNow([bytes], count);
    return bytes;
  }

  /** `fill` with bytes that are here. */
  fillNow(into: readonly Uint8Array[], count: number): void {
    this.#waitingBytes -= count;
    this.#stream.take(into);
  }

  /** Whether more than `bytes` come before the end; waits until that is known. Throws as `take`. */
  async isLongerThan(bytes: number): Promise<boolean> {
    return await this.#ready(bytes + 1) > bytes;
  }

  /** Everything to the end. Throws `limit_exceeded` when that is more than `maximumBytes`. */
  async rest(maximumBytes: number, what: string): Promise<Uint8Array> {
    const waiting = await this.#ready(maximumBytes + 1);
    if (waiting > maximumBytes) {
      this.#stream.stop(0);
      throw new PliError("limit_exceeded", { what, maximum: maximumBytes });
    }
    const bytes = new Uint8Array(waiting);
    this.#stream.take([bytes]);
    this.#waitingBytes = 0;
    return bytes;
  }

  /** The stream must end here. Throws `message_malformed` when more comes. */
  async end(what: string): Promise<void> {
    if (await this.#ready(1) === 0) return;
    this.#stream.stop(0);
    throw new PliError("message_malformed", { what });
  }

  async #await(count: number): Promise<void> {
    if (!this.has(count)) this.#waitingBytes = await this.#ready(count);
    if (!this.has(count)) throw new UnexpectedEnd();
  }

  async #ready(count: number): Promise<number> {
    const { clock } = this;
    try {
      const step = this.#stream.ready(count);
      return await whileMoving(clock, this.pace, step, () => this.#stream.receivedBytes);
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
