// The two directions of a stream over the binding: errors as codes, and a reference that is kept until the stream has
// ended.

import type { BindingReceiveStream, BindingSendStream } from "./binding.ts";
import type { ReceiveStream, SendStream } from "../ports.ts";
import { streamError } from "./stream_errors.ts";

/** Keeps streams from being garbage-collected, on which the binding would finish or stop them. */
export interface StreamOwner {
  hold(stream: object): void;
  release(stream: object): void;
}

export class IrohSendStream implements SendStream {
  readonly #stream: BindingSendStream;
  readonly #owner: StreamOwner;

  constructor(stream: BindingSendStream, owner: StreamOwner) {
    this.#stream = stream;
    this.#owner = owner;
    owner.hold(this);
  }

  get takenBytes(): number {
    return this.#stream.takenBytes;
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    try {
      await this.#stream.writeAll(parts);
    } catch (error) {
      throw streamError(error);
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
    this.#stream.reset(BigInt(code));
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
  readonly #stream: BindingReceiveStream;
  readonly #owner: StreamOwner;

  constructor(stream: BindingReceiveStream, owner: StreamOwner) {
    this.#stream = stream;
    this.#owner = owner;
    owner.hold(this);
  }

  get receivedBytes(): number {
    return this.#stream.receivedBytes;
  }

  async ready(count: number): Promise<number> {
    try {
      const waiting = await this.#stream.ready(count);
      // Fewer than requested: nothing more will arrive.
      if (waiting < count) this.#owner.release(this);
      return waiting;
    } catch (error) {
      this.#owner.release(this);
      throw streamError(error);
    }
  }

  take(into: readonly Uint8Array[]): void {
    this.#stream.take(into);
  }

  stop(code: number): void {
    this.#owner.release(this);
    this.#stream.stop(BigInt(code));
  }
}
