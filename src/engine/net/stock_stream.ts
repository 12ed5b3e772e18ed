// The two directions of a stream over the stock binding, which passes each byte as a JavaScript number.
//
// Each of its streams has one lock that a pending call holds, so a reset during a write, or a stop during a
// read, would wait for ever. There the only way out is to close the connection, which is what `abandon` does.

import { ByteQueue } from "../bytes/byte_queue.ts";
import type { BindingReceiveStream, BindingSendStream } from "./binding.ts";
import type * as Stock from "@number0/iroh";

/** Bytes per call: larger arrays of numbers cost memory and stall the event loop without being faster. */
const CALL_MAXIMUM_BYTES = 64 * 1024;

/**
 * The array for full pieces, used again for each: the binding copies it before its call returns, and arrays of
 * this size made anew would be collected late.
 */
const fullPiece = new Array<number>(CALL_MAXIMUM_BYTES).fill(0);

export class StockSendStream implements BindingSendStream {
  takenBytes = 0;
  #isWriting = false;

  /** @param abandon closes the whole connection */
  constructor(readonly stream: Stock.SendStream, readonly abandon: (code: bigint) => void) {}

  async writeAll(parts: readonly Uint8Array[]): Promise<void> {
    this.#isWriting = true;
    try {
      for (const piece of pieces(parts)) {
        await this.stream.writeAll(piece);
        this.takenBytes += piece.length;
      }
    } finally {
      this.#isWriting = false;
    }
  }

  async finish(): Promise<void> {
    await this.stream.finish();
  }

  reset(code: bigint): void {
    if (this.#isWriting) this.abandon(code);
    else ignoreClosed(this.stream.reset(code));
  }

  stopped(): Promise<number | null> {
    return this.stream.stopped();
  }
}

/** All of the parts' bytes as numbers, in pieces of the largest size that is good; the last may be shorter. */
function* pieces(parts: readonly Uint8Array[]): Generator<number[]> {
  let filled = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      fullPiece[filled++] = part[i];
      if (filled < CALL_MAXIMUM_BYTES) continue;
      yield fullPiece;
      filled = 0;
    }
  }
  if (filled > 0) yield fullPiece.slice(0, filled);
}

export class StockReceiveStream implements BindingReceiveStream {
  receivedBytes = 0;
  readonly #waiting = new ByteQueue();
  #hasEnded = false;
  #isReading = false;

  /** @param abandon closes the whole connection */
  constructor(readonly stream: Stock.RecvStream, readonly abandon: (code: bigint) => void) {}

  async ready(count: number): Promise<number> {
    this.#isReading = true;
    try {
      while (this.#waiting.length < count && !this.#hasEnded) {
        const bytes = await this.stream.read(CALL_MAXIMUM_BYTES);
        this.#waiting.push(Uint8Array.from(bytes));
        this.receivedBytes += bytes.length;
        this.#hasEnded = bytes.length === 0;
      }
      return this.#waiting.length;
    } finally {
      this.#isReading = false;
    }
  }

  take(into: readonly Uint8Array[]): void {
    this.#waiting.take(into);
  }

  stop(code: bigint): void {
    if (this.#isReading) this.abandon(code);
    else ignoreClosed(this.stream.stop(code));
  }
}

/** A stream that is gone already needs no reset and no stop. */
function ignoreClosed(ending: Promise<void>): void {
  ending.catch(() => {});
}
