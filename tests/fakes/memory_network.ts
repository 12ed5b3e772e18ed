// Endpoints that connect in memory: streams with a window, resets, stops and closes as in QUIC.

import { ByteQueue } from "../../src/engine/bytes/byte_queue.ts";
import { PliError } from "../../src/engine/errors.ts";
import type {
  Backlog,
  BindEndpoint,
  BiStream,
  Connection,
  Endpoint,
  EndpointAddress,
  EndpointOptions,
  NetworkPath,
  ReceiveStream,
  SendStream,
} from "../../src/engine/ports.ts";

/** Bytes that arrive together. */
const PACKET_BYTES = 64 * 1024;

/** A separate network: endpoints bound with `bind` find each other by id. */
export class MemoryNetwork {
  readonly #endpoints = new Map<string, MemoryEndpoint>();
  /** Changes bytes in transit, for tests of receivers. */
  tamper: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;

  /** The reported round trip of connections. */
  rttMs = 1;

  /** Bytes that a stream accepts before its reader has read them. */
  windowBytes = 256 * 1024;
  /** A reader reports its reads in steps of at least this size: an eighth of the window in QUIC. */
  windowStepBytes = 0;

  /** Bytes that were written to streams and not read, which writers keep. */
  unreadBytes = 0;

  /** Addresses that are in use. */
  readonly taken = new Set<string>();

  readonly bind: BindEndpoint = (options) => {
    const address = options.bindAddresses?.find((address) => this.taken.has(address));
    if (address !== undefined) {
      return Promise.reject(new PliError("bind_failed", { address }));
    }
    const endpoint = new MemoryEndpoint(this, options);
    this.#endpoints.set(endpoint.id.toHex(), endpoint);
    return Promise.resolve(endpoint);
  };

  find(id: Uint8Array): MemoryEndpoint | undefined {
    return this.#endpoints.get(id.toHex());
  }

  /** Closes every connection, as if both sides had detected the loss of the network. */
  cut(): void {
    for (const endpoint of this.#endpoints.values()) endpoint.lose();
  }

  leave(endpoint: MemoryEndpoint): void {
    if (this.find(endpoint.id) === endpoint) this.#endpoints.delete(endpoint.id.toHex());
  }
}

export class MemoryEndpoint implements Endpoint {
  readonly id: Uint8Array;
  readonly #connections = new Set<MemoryConnection>();
  readonly #tasks = new Set<Promise<void>>();

  constructor(readonly network: MemoryNetwork, readonly options: EndpointOptions) {
    // In memory an id is its key: no signature is checked here.
    this.id = options.secretKey;
  }

  reachRelay(): Promise<boolean> {
    return Promise.resolve(typeof this.options.relay === "object");
  }

  get sockets(): readonly string[] {
    const { bindAddresses = [] } = this.options;
    return bindAddresses.length > 0 ? bindAddresses : ["0.0.0.0:4711"];
  }

  address(): EndpointAddress {
    const relayUrl = typeof this.options.relay === "object" ? this.options.relay.url : null;
    return {
      id: this.id,
      relayUrl,
      directAddresses: ["127.0.0.1:4711", "192.168.1.2:4711", "203.0.113.9:4711"],
    };
  }

  connect(to: EndpointAddress, alpn: string, signal?: AbortSignal): Promise<Connection> {
    if (signal?.aborted) return Promise.reject(new PliError("cancelled", {}));
    const remote = this.network.find(to.id);
    const handler = remote?.options.accept.get(alpn);
    if (remote === undefined || handler === undefined) {
      return Promise.reject(new PliError("peer_unreachable", { id: to.id.toHex() }));
    }
    const near = new MemoryConnection(remote.id, this.network);
    const far = new MemoryConnection(this.id, this.network);
    near.peer = far;
    far.peer = near;
    this.#adopt(near);
    remote.#adopt(far);
    const task = handler(far);
    remote.#tasks.add(task);
    task.finally(() => remote.#tasks.delete(task));
    return Promise.resolve(near);
  }

  lose(): void {
    for (const connection of this.#connections) connection.close(0);
  }

  async close(): Promise<void> {
    this.network.leave(this);
    for (const connection of this.#connections) connection.close(0);
    await Promise.all(this.#tasks);
  }

  #adopt(connection: MemoryConnection): void {
    this.#connections.add(connection);
    connection.closed.then(() => this.#connections.delete(connection));
  }
}

class MemoryConnection implements Connection {
  peer: MemoryConnection | undefined;
  readonly closed: Promise<void>;
  readonly #close = Promise.withResolvers<void>();
  readonly #pipes = new Set<Pipe>();
  readonly #backlog: Backlog = { heldBytes: 0, releasedBytes: 0 };
  readonly #incoming: BiStream[] = [];
  #waiting: ((stream: BiStream | null) => void) | undefined;
  #isClosed = false;

  constructor(readonly remoteId: Uint8Array, readonly network: MemoryNetwork) {
    this.closed = this.#close.promise;
  }

  openBi(): Promise<BiStream> {
    const { peer } = this;
    if (this.#isClosed || peer === undefined) return Promise.reject(new PliError("connection_lost", {}));
    const there = new Pipe(this.network, this.#backlog);
    const back = new Pipe(this.network, peer.#backlog);
    for (const pipe of [there, back]) {
      this.#pipes.add(pipe);
      peer.#pipes.add(pipe);
    }
    peer.#arrive({ send: back, receive: there });
    return Promise.resolve({ send: there, receive: back });
  }

  acceptBi(): Promise<BiStream | null> {
    const stream = this.#incoming.shift();
    if (stream !== undefined) return Promise.resolve(stream);
    if (this.#isClosed) return Promise.resolve(null);
    return new Promise((resolve) => this.#waiting = resolve);
  }

  path(): NetworkPath {
    return { kind: "direct", address: "127.0.0.1:4711", rttMs: this.network.rttMs };
  }

  backlog(): Backlog {
    return { ...this.#backlog };
  }

  close(_applicationCode: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const pipe of this.#pipes) pipe.lose();
    this.#waiting?.(null);
    this.#close.resolve();
    this.peer?.close(0);
  }

  #arrive(stream: BiStream): void {
    if (this.#waiting === undefined) this.#incoming.push(stream);
    else this.#waiting(stream);
    this.#waiting = undefined;
  }
}

type PipeEnd = { kind: "open" } | { kind: "finished" } | { kind: "reset"; code: number } | { kind: "lost" };

/** One direction of a stream, both ends of it. */
class Pipe implements SendStream, ReceiveStream {
  takenBytes = 0;
  receivedBytes = 0;
  readonly #queue = new ByteQueue();
  #wanted = 0;
  #heldBytes = 0;
  /** Bytes that were read and reported to the writer. */
  #reportedBytes = 0;
  #end: PipeEnd = { kind: "open" };
  #stopCode: number | undefined;
  #wake: (() => void)[] = [];

  /** @param backlog that of the writer's connection: bytes that were read count as acknowledged */
  constructor(readonly network: MemoryNetwork, readonly backlog: Backlog) {}

  async write(parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      for (let start = 0; start < part.length; start += PACKET_BYTES) {
        await this.#send(part.slice(start, start + PACKET_BYTES));
      }
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (;;) {
      if (this.#stopCode !== undefined) throw new PliError("stream_reset", { streamCode: this.#stopCode });
      if (this.#end.kind !== "open") throw new PliError("connection_lost", {});
      // A reader that waits for more than the window takes the buffered bytes, as real ones do.
      const unreadBytes = this.takenBytes - this.#reportedBytes;
      if (unreadBytes < Math.max(this.network.windowBytes, this.#wanted)) break;
      await this.#change();
    }
    this.#queue.push(this.network.tamper(bytes));
    this.takenBytes += bytes.length;
    this.#heldBytes += bytes.length;
    this.backlog.heldBytes += bytes.length;
    this.network.unreadBytes += bytes.length;
    this.receivedBytes += bytes.length;
    this.#changed();
  }

  finish(): Promise<void> {
    if (this.#end.kind === "open") this.#end = { kind: "finished" };
    this.#changed();
    return Promise.resolve();
  }

  reset(code: number): void {
    if (this.#end.kind === "open") this.#end = { kind: "reset", code };
    this.#release(this.#heldBytes);
    this.#changed();
  }

  async stopped(): Promise<number | null> {
    for (;;) {
      if (this.#stopCode !== undefined) return this.#stopCode;
      if (this.#end.kind === "lost") throw new PliError("connection_lost", {});
      if (this.#end.kind === "finished" && this.#queue.length === 0) return null;
      await this.#change();
    }
  }

  async ready(count: number): Promise<number> {
    this.#wanted = count;
    this.#changed();
    for (;;) {
      if (this.#end.kind === "reset") throw new PliError("stream_reset", { streamCode: this.#end.code });
      if (this.#queue.length >= count || this.#end.kind === "finished") return this.#queue.length;
      if (this.#end.kind === "lost") throw new PliError("connection_lost", {});
      await this.#change();
    }
  }

  take(into: readonly Uint8Array[]): void {
    this.#queue.take(into);
    this.#release(this.#heldBytes - this.#queue.length);
    this.#wanted = 0;
    const readBytes = this.takenBytes - this.#queue.length;
    if (readBytes - this.#reportedBytes >= this.network.windowStepBytes) this.#reportedBytes = readBytes;
    this.#changed();
  }

  stop(code: number): void {
    this.#stopCode ??= code;
    this.#release(this.#heldBytes);
    this.#changed();
  }

  lose(): void {
    this.#end = { kind: "lost" };
    this.#release(this.#heldBytes);
    this.#changed();
  }

  #release(bytes: number): void {
    const releasedBytes = Math.max(0, Math.min(bytes, this.#heldBytes));
    this.#heldBytes -= releasedBytes;
    this.backlog.heldBytes -= releasedBytes;
    this.network.unreadBytes -= releasedBytes;
    this.backlog.releasedBytes += releasedBytes;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #changed(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}
