// Estimates the written bytes that a connection of the stock binding keeps, which the binding does not report. It
// reports how many bytes of packets were sent and lost: written bytes that are in none of them are still queued. Bytes
// in flight are not counted; QUIC bounds them by what the path has carried. Of a stream that was acknowledged
// completely nothing is kept.

import type { Backlog } from "../ports.ts";

/** Maximum that the binding keeps for a connection, by its default. */
const SEND_WINDOW_BYTES = 10_000_000;

export class EstimatedBacklog {
  readonly #sentBytes: () => number;
  /** Sent bytes of packets at the last reading. */
  #seenBytes = 0;
  #writtenBytes = 0;
  #releasedBytes = 0;
  /** Bytes written to streams that are not known to be acknowledged completely. */
  #openBytes = 0;

  /** @param sentBytes returns the bytes of all packets sent so far, without lost ones */
  constructor(sentBytes: () => number) {
    this.#sentBytes = sentBytes;
  }

  /** Counts bytes that are handed to a stream. */
  wrote(bytes: number): void {
    // Packets that were sent before do not contain them.
    this.#update();
    this.#writtenBytes += bytes;
    this.#openBytes += bytes;
  }

  /** Ends a stream with so many written bytes, of which nothing is kept any more. */
  closed(bytes: number): void {
    this.#openBytes -= bytes;
  }

  now(): Backlog {
    this.#update();
    return { heldBytes: this.#writtenBytes - this.#releasedBytes, releasedBytes: this.#releasedBytes };
  }

  #update(): void {
    const sentBytes = Math.max(this.#seenBytes, this.#sentBytes());
    const goneBytes = sentBytes - this.#seenBytes;
    this.#seenBytes = sentBytes;
    const mostHeldBytes = Math.min(
      this.#writtenBytes - this.#releasedBytes - goneBytes,
      this.#openBytes,
      SEND_WINDOW_BYTES,
    );
    this.#releasedBytes = this.#writtenBytes - Math.max(0, mostHeldBytes);
  }
}
