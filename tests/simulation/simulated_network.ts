// A network in virtual time: packets take the time of the line's latency and rate; connections can be cut after any
// byte, reported to both sides or detected by a timeout; processes can vanish from it.

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
} from "../../src/engine/ports.ts";
import type { Chance } from "../fuzz/mutation.ts";
import type { Process } from "./process.ts";
import { type Line, SimulatedPipe } from "./simulated_pipe.ts";
import type { SimulatedClock } from "./simulated_clock.ts";

/** Timeout after which a side closes a silent connection. */
const IDLE_MS = 30_000;

export class SimulatedNetwork implements Line {
  readonly #endpoints = new Map<string, SimulatedEndpoint>();
  readonly #connections = new Set<SimulatedConnection>();
  latencyMs = 1;
  bytesPerMs = 10_000;
  packetBytes = 65_536;
  /** No packet arrives before this time. */
  stalledUntilMs = 0;
  /** One packet of so many arrives with a flipped bit; 0 for none. */
  flipsOneIn = 0;
  flips = 0;
  sentBytes = 0;
  /** Actions at counts of sent bytes, at which the packet is cut. */
  #marks: { atBytes: number; act: () => void }[] = [];

  /** Called with each end of a new connection, and each direction of a new stream. */
  onConnection: (connection: object) => void = () => {};
  onStream: (pipe: object) => void = () => {};

  constructor(readonly clock: SimulatedClock, readonly chance: Chance) {}

  get endpoints(): number {
    return this.#endpoints.size;
  }

  bind(process: Process): BindEndpoint {
    return (options) => {
      const endpoint = new SimulatedEndpoint(this, process, options);
      this.#endpoints.set(endpoint.id.toHex(), endpoint);
      return Promise.resolve(endpoint);
    };
  }

  find(id: Uint8Array): SimulatedEndpoint | undefined {
    return this.#endpoints.get(id.toHex());
  }

  leave(endpoint: SimulatedEndpoint): void {
    if (this.find(endpoint.id) === endpoint) this.#endpoints.delete(endpoint.id.toHex());
  }

  add(connection: SimulatedConnection): void {
    this.onConnection(connection);
    this.#connections.add(connection);
    connection.closed.then(() => this.#connections.delete(connection));
  }

  /** Runs an action after so many more sent bytes. */
  afterBytes(bytes: number, act: () => void): void {
    this.#marks.push({ atBytes: this.sentBytes + bytes, act });
  }

  /** Returns the part of a packet that is sent before the next action. */
  sent(bytes: Uint8Array): Uint8Array {
    const mark = this.#marks.find(({ atBytes }) => atBytes <= this.sentBytes + bytes.length);
    const part = mark === undefined ? bytes : bytes.subarray(0, Math.max(0, mark.atBytes - this.sentBytes));
    this.sentBytes += bytes.length;
    if (mark !== undefined) {
      this.#marks = this.#marks.filter((each) => each !== mark);
      this.clock.timer(0, mark.act);
    }
    if (this.flipsOneIn > 0 && part.length > 0 && this.chance.below(this.flipsOneIn) === 0) {
      this.flips++;
      part[this.chance.below(part.length)] ^= 1 << this.chance.below(8);
    }
    return part;
  }

  /** Cuts every connection. Each side detects it at once or, if it is silent, later. */
  cut(isSilent: boolean): void {
    for (const connection of this.#connections) this.#lose(connection, isSilent);
  }

  /** For a while nothing arrives and no peer can be reached; after a timeout the connections are closed. */
  goDown(durationMs: number): void {
    this.stalledUntilMs = Math.max(this.stalledUntilMs, this.clock.nowMs() + durationMs);
    if (durationMs >= IDLE_MS) this.clock.timer(IDLE_MS, () => this.cut(false));
  }

  /** Removes a process: its peers are not notified, and detect it at once by chance, or later. */
  vanish(process: Process, isSilent: boolean): void {
    for (const endpoint of [...this.#endpoints.values()]) {
      if (endpoint.process === process) this.leave(endpoint);
    }
    for (const connection of this.#connections) {
      if (connection.process !== process) continue;
      this.#connections.delete(connection);
      this.#lose(connection.peer!, isSilent);
    }
  }

  /** Suspends a process. After a timeout its peers close its connections. */
  freeze(process: Process, durationMs: number): void {
    process.freeze();
    const lost = [...this.#connections].filter((connection) => connection.process === process);
    if (durationMs >= IDLE_MS) {
      this.clock.timer(IDLE_MS, () => lost.forEach(({ peer }) => this.#lose(peer!, false)));
    }
    this.clock.timer(durationMs, () => {
      if (durationMs >= IDLE_MS) { for (const connection of lost) connection.lose(); }
      process.thaw();
    });
  }

  #lose(connection: SimulatedConnection, isSilent: boolean): void {
    connection.breakOff();
    const lose = () => connection.lose();
    if (isSilent) this.clock.timer(this.chance.below(IDLE_MS), lose);
    else lose();
  }
}

class SimulatedEndpoint implements Endpoint {
  readonly id: Uint8Array;
  readonly #connections = new Set<SimulatedConnection>();
  readonly #tasks = new Set<Promise<void>>();

  constructor(
    readonly network: SimulatedNetwork,
    readonly process: Process,
    readonly options: EndpointOptions,
  ) {
    this.id = options.secretKey;
  }

  reachRelay(): Promise<boolean> {
    return Promise.resolve(false);
  }

  readonly sockets = ["0.0.0.0:4711"];

  address(): EndpointAddress {
    return { id: this.id, relayUrl: null, directAddresses: ["192.168.1.2:4711"] };
  }

  connect(to: EndpointAddress, alpn: string, signal?: AbortSignal): Promise<Connection> {
    const { network, process } = this;
    const { clock, chance } = network;
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const unreachable = () => reject(new PliError("peer_unreachable", { id: to.id.toHex() }));
    const cancel = () => reject(new PliError("cancelled", {}));
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const attempt = () => {
      if (signal?.aborted || !process.isAlive) return;
      const remote = network.find(to.id);
      const handler = remote?.options.accept.get(alpn);
      if (remote === undefined || handler === undefined || remote.process.isFrozen) {
        return clock.timer(chance.below(2) * IDLE_MS, unreachable);
      }
      resolve(this.#join(remote, handler));
    };
    const waitMs = Math.max(0, network.stalledUntilMs - clock.nowMs());
    if (waitMs > IDLE_MS) clock.timer(IDLE_MS, unreachable);
    else clock.timer(waitMs + 2 * network.latencyMs, attempt);
    return process.own(promise).finally(() => signal?.removeEventListener("abort", cancel));
  }

  #join(remote: SimulatedEndpoint, handler: (connection: Connection) => Promise<void>): Connection {
    const near = new SimulatedConnection(remote.id, this.network, this.process);
    const far = new SimulatedConnection(this.id, this.network, remote.process);
    near.peer = far;
    far.peer = near;
    this.#adopt(near);
    remote.#adopt(far);
    const task = handler(far);
    remote.#tasks.add(task);
    task.finally(() => remote.#tasks.delete(task));
    return near;
  }

  async close(): Promise<void> {
    if (!this.process.isAlive) return;
    this.network.leave(this);
    for (const connection of this.#connections) connection.close(0);
    await this.process.own(Promise.all(this.#tasks));
  }

  #adopt(connection: SimulatedConnection): void {
    this.#connections.add(connection);
    this.network.add(connection);
    connection.closed.then(() => this.#connections.delete(connection));
  }
}

class SimulatedConnection implements Connection {
  peer: SimulatedConnection | undefined;
  readonly closed: Promise<void>;
  readonly #close = Promise.withResolvers<void>();
  readonly #backlog: Backlog = { heldBytes: 0, releasedBytes: 0 };
  readonly #sending = new Set<SimulatedPipe>();
  readonly #receiving = new Set<SimulatedPipe>();
  readonly #incoming: BiStream[] = [];
  #waiting: ((stream: BiStream | null) => void) | undefined;
  #isClosed = false;
  /** Nothing that is sent arrives any more. */
  #isBroken = false;

  constructor(readonly remoteId: Uint8Array, readonly network: SimulatedNetwork, readonly process: Process) {
    this.closed = this.#close.promise;
  }

  openBi(): Promise<BiStream> {
    const { peer, process, network } = this;
    if (this.#isClosed || peer === undefined) return Promise.reject(new PliError("connection_lost", {}));
    const there = new SimulatedPipe(network, process, peer.process, this.#backlog);
    const back = new SimulatedPipe(network, peer.process, process, peer.#backlog);
    for (const pipe of [there, back]) network.onStream(pipe);
    if (this.#isBroken) { for (const pipe of [there, back]) pipe.breakOff(); }
    else network.clock.timer(network.latencyMs, () => peer.#arrive({ send: back, receive: there }));
    this.#sending.add(there);
    this.#receiving.add(back);
    peer.#sending.add(back);
    peer.#receiving.add(there);
    return process.own(Promise.resolve({ send: there, receive: back }));
  }

  acceptBi(): Promise<BiStream | null> {
    const stream = this.#incoming.shift();
    if (stream !== undefined) return this.process.own(Promise.resolve(stream));
    if (this.#isClosed) return Promise.resolve(null);
    return this.process.own(new Promise<BiStream | null>((resolve) => this.#waiting = resolve));
  }

  path(): NetworkPath {
    return { kind: "direct", address: "192.168.1.2:4711", rttMs: 2 * this.network.latencyMs };
  }

  backlog(): Backlog {
    const { heldBytes, releasedBytes } = this.#backlog;
    return this.#isClosed
      ? { heldBytes: 0, releasedBytes: heldBytes + releasedBytes }
      : { heldBytes, releasedBytes };
  }

  close(_applicationCode: number): void {
    if (!this.process.isAlive || this.#isClosed) return;
    const { peer, network: { clock, latencyMs, stalledUntilMs } } = this;
    const isBroken = this.#isBroken;
    this.breakOff();
    this.lose();
    const arrivalMs = Math.max(clock.nowMs() + latencyMs, stalledUntilMs);
    // The peer of a broken connection detects it by itself.
    clock.timer(isBroken ? IDLE_MS : arrivalMs - clock.nowMs(), () => peer?.lose());
  }

  /** From now on nothing arrives, in either direction. */
  breakOff(): void {
    this.#isBroken = true;
    if (this.peer !== undefined) this.peer.#isBroken = true;
    for (const pipe of [...this.#sending, ...this.#receiving]) pipe.breakOff();
  }

  /** This side detects the loss. */
  lose(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const pipe of this.#sending) pipe.loseWriter();
    for (const pipe of this.#receiving) pipe.loseReader();
    this.#waiting?.(null);
    this.#close.resolve();
  }

  #arrive(stream: BiStream): void {
    if (this.#isClosed || this.#isBroken || !this.process.isAlive) return;
    if (this.#waiting === undefined) this.#incoming.push(stream);
    else this.#waiting(stream);
    this.#waiting = undefined;
  }
}
