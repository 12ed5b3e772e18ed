// Exact reads from a stream: a number of bytes as a view, or into the caller's arrays.

import { PliError } from "../errors.ts";
import type { Clock, ReceiveStream } from "../ports.ts";
import { DeadlinePassed, MINIMUM_THROUGHPUT, type MinimumThroughput, whileMoving } from "./deadline.ts";

/** A peer with less than the minimum throughput for this long is given up. */
export const STALL_MS = MINIMUM_THROUGHPUT.withinMs;

/** The stream ended before all expected bytes had arrived. */
export class UnexpectedEnd extends Error {}

export class StreamReader {
  readonly #stream: ReceiveStream;
  /** The memory of the views that `take` returns. */
  #scratch = new Uint8Array(1024);
  #waitingBytes = 0;

  /** @param minimum returns the throughput that the peer must have now */
  constructor(
    stream: ReceiveStream,
    readonly clock: Clock,
    readonly minimum: () => MinimumThroughput = () => MINIMUM_THROUGHPUT,
  ) {
    this.#stream = stream;
  }

  /** Bytes received so far, taken or not. */
  get receivedBytes(): number {
    return this.#stream.receivedBytes;
  }

  /** Whether any byte has arrived. */
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

  /** Whether the next `count` bytes are known to be buffered. Of many small messages most arrive together. */
  has(count: number): boolean {
    return this.#waitingBytes >= count;
  }

  /** `take` of buffered bytes. */
  takeNow(count: number): Uint8Array {
    if (this.#scratch.length < count) this.#scratch = new Uint8Array(count);
    const bytes = this.#scratch.subarray(0, count);
    this.fillNow([bytes], count);
    return bytes;
  }

  /** `fill` with buffered bytes. */
  fillNow(into: readonly Uint8Array[], count: number): void {
    this.#waitingBytes -= count;
    this.#stream.take(into);
  }

  /** Whether more than `bytes` bytes follow; waits until that is known. Throws as `take`. */
  async isLongerThan(bytes: number): Promise<boolean> {
    return await this.#ready(bytes + 1) > bytes;
  }

  /** All bytes to the end. Throws `limit_exceeded` if they are more than `maximumBytes`. */
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

  /** Checks that the stream ends here. Throws `message_malformed` if more follows. */
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
      return await whileMoving(clock, this.minimum, step, () => this.#stream.receivedBytes);
    } catch (cause) {
      throw cause instanceof DeadlinePassed ? new PliError("connection_lost", {}, { cause }) : cause;
    }
  }
}

/** Joins arrays of the total length `length`. */
export function concatenate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
