// The two directions of a stream over the stock binding, which passes each byte as a JavaScript number. Each of its
// streams has one lock, which a pending call holds, so a reset during a write, or a stop during a read, would wait for
// ever. Then the connection must be closed, which is what `abandon` does.

import { ByteQueue } from "../bytes/byte_queue.ts";
import type { BindingReceiveStream, BindingSendStream } from "./binding.ts";
import { coded } from "./binding_errors.ts";
import type { EstimatedBacklog } from "./estimated_backlog.ts";
import type * as Stock from "@number0/iroh";

/** Bytes per call: larger arrays of numbers cost memory and stall the event loop without being faster. */
const CALL_MAXIMUM_BYTES = 64 * 1024;

/**
 * The array for full pieces, reused because the binding copies it before its call returns, and new arrays of this size
 * would be collected late.
 */
const fullPiece = new Array<number>(CALL_MAXIMUM_BYTES).fill(0);

export class StockSendStream implements BindingSendStream {
  takenBytes = 0;
  #writtenBytes = 0;
  #isOver = false;
  #isWriting = false;

  /** @param abandon closes the whole connection */
  constructor(
    readonly stream: Stock.SendStream,
    readonly abandon: (code: bigint) => void,
    readonly backlog: EstimatedBacklog,
  ) {}

  async writeAll(parts: readonly Uint8Array[]): Promise<void> {
    this.#isWriting = true;
    try {
      for (const piece of pieces(parts)) {
        this.#writtenBytes += piece.length;
        this.backlog.wrote(piece.length);
        await coded(this.stream.writeAll(piece));
        this.takenBytes += piece.length;
      }
    } finally {
      this.#isWriting = false;
    }
  }

  async finish(): Promise<void> {
    await coded(this.stream.finish());
  }

  reset(code: bigint): void {
    if (this.#isWriting) this.abandon(code);
    else ignoreClosed(this.stream.reset(code));
    this.#close();
  }

  async stopped(): Promise<number | null> {
    try {
      return await coded(this.stream.stopped());
    } finally {
      this.#close();
    }
  }

  #close(): void {
    if (!this.#isOver) this.backlog.closed(this.#writtenBytes);
    this.#isOver = true;
  }
}

/** All bytes of the parts as numbers, in pieces of CALL_MAXIMUM_BYTES; the last may be shorter. */
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
        const bytes = await coded(this.stream.read(CALL_MAXIMUM_BYTES));
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

/** A stream that does not exist any more needs no reset and no stop. */
function ignoreClosed(ending: Promise<void>): void {
  ending.catch(() => {});
}
