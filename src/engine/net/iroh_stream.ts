// The two directions of a stream over the stock binding, which passes each byte as a JavaScript number.
//
// Each of its streams has one lock that a pending call holds, so a reset during a write, or a stop during a
// read, would wait for ever. There the only way out is to close the connection, which is what `abandon` does.

import { streamError } from "./binding_errors.ts";
import type { ReceiveStream, SendStream } from "../ports.ts";
import type * as Stock from "@number0/iroh";

/** Bytes per call: larger arrays of numbers cost memory and stall the event loop without being faster. */
const CALL_MAXIMUM_BYTES = 64 * 1024;

/**
 * The array for full pieces, used again for each: the binding copies it before its call returns, and arrays of
 * this size made anew would be collected late.
 */
const fullPiece = new Array<number>(CALL_MAXIMUM_BYTES).fill(0);

function asNumbers(piece: Uint8Array): number[] {
  if (piece.length < CALL_MAXIMUM_BYTES) return Array.from(piece);
  for (let i = 0; i < CALL_MAXIMUM_BYTES; i++) fullPiece[i] = piece[i];
  return fullPiece;
}

/** What a stream needs from the connection that owns it. */
export interface StreamOwner {
  /** Closes the whole connection. */
  abandon(code: number): void;
  /** Keeps an object from being collected: the binding would end its stream as if all had been said. */
  hold(stream: object): void;
  release(stream: object): void;
}

export class IrohSendStream implements SendStream {
  readonly #stream: Stock.SendStream;
  readonly #owner: StreamOwner;
  #isWriting = false;

  constructor(stream: Stock.SendStream, owner: StreamOwner) {
    this.#stream = stream;
    this.#owner = owner;
    owner.hold(this);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#isWriting = true;
    try {
      for (let start = 0; start < bytes.length; start += CALL_MAXIMUM_BYTES) {
        await this.#stream.writeAll(asNumbers(bytes.subarray(start, start + CALL_MAXIMUM_BYTES)));
      }
    } catch (error) {
      throw streamError(error);
    } finally {
      this.#isWriting = false;
    }
  }

  async finish(): Promise<void> {
    try {
      await this.#stream.finish();
    } catch (error) {
      throw streamError(error);
    } finally {
      this.#owner.release(this);
    }
  }

  reset(code: number): void {
    this.#owner.release(this);
    if (this.#isWriting) this.#owner.abandon(code);
    else ignoreClosed(this.#stream.reset(BigInt(code)));
  }

  async stopped(): Promise<number | null> {
    try {
      return await this.#stream.stopped();
    } catch (error) {
      throw streamError(error);
    }
  }
}

export class IrohReceiveStream implements ReceiveStream {
  readonly #stream: Stock.RecvStream;
  readonly #owner: StreamOwner;
  #isReading = false;

  constructor(stream: Stock.RecvStream, owner: StreamOwner) {
    this.#stream = stream;
    this.#owner = owner;
    owner.hold(this);
  }

  async read(maximumBytes: number): Promise<Uint8Array | null> {
    this.#isReading = true;
    try {
      const bytes = await this.#stream.read(Math.min(maximumBytes, CALL_MAXIMUM_BYTES));
      if (bytes.length > 0) return Uint8Array.from(bytes);
      this.#owner.release(this);
      return null;
    } catch (error) {
      this.#owner.release(this);
      throw streamError(error);
    } finally {
      this.#isReading = false;
    }
  }

  stop(code: number): void {
    this.#owner.release(this);
    if (this.#isReading) this.#owner.abandon(code);
    else ignoreClosed(this.#stream.stop(BigInt(code)));
  }
}

/** A stream that is gone already needs no reset and no stop. */
function ignoreClosed(ending: Promise<void>): void {
  ending.catch(() => {});
}
