// Writes to a stream whose peer must keep reading. Small parts are gathered by reference, so that they do not
// cost a call each, and large ones go out as they are: nothing is copied here.

import type { Clock, SendStream } from "../ports.ts";
import { whileMoving } from "./deadline.ts";
import { STALL_MS } from "./stream_reader.ts";

/** Bytes that are gathered before they are handed on. */
const GATHERED_BYTES = 256 * 1024;

export class StreamWriter {
  readonly #stream: SendStream;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(stream: SendStream, readonly clock: Clock) {
    this.#stream = stream;
  }

  /**
   * Takes parts, which must not change until `flush` has resolved. Throws DeadlinePassed when the stream takes no
   * byte for 30 s, `stream_reset`, `connection_lost`.
   */
  async write(parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      this.#parts.push(part);
      this.#bytes += part.length;
    }
    if (this.#bytes >= GATHERED_BYTES) await this.flush();
  }

  /** Hands everything that was gathered to the stream. Throws as `write`. */
  async flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    const stream = this.#stream;
    await whileMoving(this.clock, STALL_MS, stream.write(parts), () => stream.takenBytes);
  }
}
