// Writes to a stream whose peer has a minimum throughput. Small parts are gathered by reference to save calls, large
// ones are passed on as they are: nothing is copied here.

import type { Clock, SendStream } from "../ports.ts";
import { MINIMUM_THROUGHPUT, type MinimumThroughput, whileMoving } from "./deadline.ts";

/** Gathered bytes at which a write follows. */
const GATHERED_BYTES = 256 * 1024;

export class StreamWriter {
  readonly #stream: SendStream;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** @param minimum returns the throughput that the peer must have now */
  constructor(
    stream: SendStream,
    readonly clock: Clock,
    readonly minimum: () => MinimumThroughput = () => MINIMUM_THROUGHPUT,
  ) {
    this.#stream = stream;
  }

  /**
   * Takes parts, which must not change until `flush` has resolved. Throws DeadlinePassed when the peer is below
   * the minimum throughput, `stream_reset`, `connection_lost`.
   */
  async write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.gather(parts)) await this.flush();
  }

  /** Takes parts as `write` does. Returns whether `flush` is due. */
  gather(parts: readonly Uint8Array[]): boolean {
    for (const part of parts) {
      this.#parts.push(part);
      this.#bytes += part.length;
    }
    return this.#bytes >= GATHERED_BYTES;
  }

  /** Writes everything that was gathered. Throws as `write`. */
  async flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    const stream = this.#stream;
    await whileMoving(this.clock, this.minimum, stream.write(parts), () => stream.takenBytes);
  }
}
