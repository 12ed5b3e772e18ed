// A connection over the binding. It keeps references to its streams until they have ended.

import type { BindingConnection, BindingStream } from "./binding.ts";
import { IrohReceiveStream, IrohSendStream, type StreamOwner } from "./iroh_stream.ts";
import type { Backlog, BiStream, Connection, NetworkPath } from "../ports.ts";
import { streamError } from "./stream_errors.ts";

export class IrohConnection implements Connection {
  readonly remoteId: Uint8Array;
  readonly closed: Promise<void>;
  readonly #connection: BindingConnection;
  readonly #streams = new Set<object>();
  readonly #owner: StreamOwner = {
    hold: (stream) => this.#streams.add(stream),
    release: (stream) => this.#streams.delete(stream),
  };

  constructor(connection: BindingConnection) {
    this.#connection = connection;
    this.remoteId = connection.remoteId().toBytes();
    this.closed = connection.closed().catch(() => undefined).then(() => this.#streams.clear());
  }

  async openBi(): Promise<BiStream> {
    try {
      return this.#adopt(await this.#connection.openBi());
    } catch (error) {
      throw streamError(error);
    }
  }

  async acceptBi(): Promise<BiStream | null> {
    try {
      return this.#adopt(await this.#connection.acceptBi());
    } catch {
      // The binding rejects only when the connection is closed.
      return null;
    }
  }

  path(): NetworkPath | null {
    const path = this.#connection.paths().find(({ isSelected }) => isSelected);
    if (path === undefined) return null;
    return { kind: path.isRelay ? "relay" : "direct", address: path.remoteAddr, rttMs: path.rttMs };
  }

  backlog(): Backlog {
    return this.#connection.backlog();
  }

  close(applicationCode: number): void {
    this.#connection.close(BigInt(applicationCode), new Uint8Array(0));
  }

  #adopt(stream: BindingStream): BiStream {
    return {
      send: new IrohSendStream(stream.send, this.#owner),
      receive: new IrohReceiveStream(stream.recv, this.#owner),
    };
  }
}
