// Writes to a stream whose peer must keep reading. Small parts are gathered by reference, so that they do not
// cost a call each, and large ones go out as they are: nothing is copied here.

import type { Clock, SendStream } from "../ports.ts";
import { type Pace, STEADY, whileMoving } from "./deadline.ts";

/** Bytes that are gathered before they are handed on. */
const GATHERED_BYTES = 256 * 1024;

export class StreamWriter {
  readonly #stream: SendStream;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** @param pace what the peer has to keep now */
  constructor(stream: SendStream, readonly clock: Clock, readonly pace: () => Pace = () => STEADY) {
    this.#stream = stream;
  }

  /**
   * Takes parts, which must not change until `flush` has resolved. Throws DeadlinePassed when the peer does not keep
   * the pace, `stream_reset`, `connection_lost`.
   */
  async write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.gather(parts)) await this.flush();
  }

  /** Takes parts as `write` does. Returns whether it is time for `flush`. */
  gather(parts: readonly Uint8Array[]): boolean {
    for (const part of parts) {
      this.#parts.push(part);
      this.#bytes += part.length;
    }
    return this.#bytes >= GATHERED_BYTES;
  }

  /** Hands everything that was gathered to the stream. Throws as `write`. */
  async flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    const stream = this.#stream;
    await whileMoving(this.clock, this.pace, stream.write(parts), () => stream.takenBytes);
  }
}
