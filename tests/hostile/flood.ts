// Many unknown peers of one share: idle connections, streams with half a request, and readers of a byte a second. Each id
// has eight connections, so that the limit for one id does not apply.

import type { Connection, Endpoint, ReceiveStream } from "../../src/engine/ports.ts";
import { EVERYTHING } from "../../src/engine/wire/range_spec.ts";
import { addressOf, bindRaw, delay, get, MIB, openWith } from "./raw.ts";
import { BLOBS_ALPN } from "../../src/engine/wire/request.ts";
import { parseTicket } from "../../src/engine/wire/ticket.ts";

const PER_ID = 8;

export interface FloodSize {
  connections: number;
  streams: number;
}

/** The connections and streams of a flood that are still open. */
export interface FloodState {
  openConnections: number;
  openStreams: number;
  refusedConnections: number;
}

export class Flood implements AsyncDisposable {
  readonly #ticket: string;
  readonly #endpoints: Endpoint[] = [];
  readonly #connections = new Set<Connection>();
  readonly #streams = new Set<ReceiveStream>();
  readonly #slow = new Set<ReceiveStream>();
  #refused = 0;
  readonly #drip: ReturnType<typeof setInterval>;

  private constructor(ticket: string) {
    this.#ticket = ticket;
    this.#drip = setInterval(() => this.#readOneByteEach(), 1000);
  }

  /**
   * A third of the connections is idle; the streams are on the others. They have half a request each, except the
   * first one of every second connection, which is read a byte a second. Only one, because each receives a window
   * of data, and a flood that receives data is not distinguishable from an honest receiver.
   */
  static async start(ticket: string, size: FloodSize): Promise<Flood> {
    const flood = new Flood(ticket);
    const perConnection = Math.ceil(size.streams / (size.connections * 2 / 3));
    for (let made = 0; made < size.connections; made += PER_ID) {
      const endpoint = await bindRaw();
      flood.#endpoints.push(endpoint);
      const places = Array.from({ length: Math.min(PER_ID, size.connections - made) }, (_, i) => made + i);
      await Promise.all(places.map((place) => flood.#join(endpoint, place, perConnection)));
    }
    return flood;
  }

  /** Requests more bytes of each stream than are buffered, which shows whether it has been reset. */
  async state(): Promise<FloodState> {
    const pending = Symbol();
    const late = delay(500).then(() => pending);
    const open = await Promise.all(
      [...this.#streams].map(async (receive) => {
        const more = receive.ready(2 * MIB).catch(() => undefined);
        return await Promise.race([more, late]) === pending;
      }),
    );
    return {
      openConnections: this.#connections.size,
      openStreams: open.filter((isOpen) => isOpen).length,
      refusedConnections: this.#refused,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#drip);
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
  }

  async #join(endpoint: Endpoint, place: number, streams: number): Promise<void> {
    try {
      const connection = await endpoint.connect(addressOf(this.#ticket), BLOBS_ALPN);
      this.#connections.add(connection);
      connection.closed.then(() => this.#connections.delete(connection));
      if (place % 3 === 0) return;
      const request = get(parseTicket(this.#ticket).hash, [0, EVERYTHING]);
      for (let i = 0; i < streams; i++) {
        const isSlow = place % 3 === 1 && i === 0;
        // More streams than the provider grants are pending in this process.
        this.#follow(connection, isSlow ? request : request.subarray(0, request.length / 2), isSlow);
      }
    } catch {
      this.#refused++;
    }
  }

  async #follow(connection: Connection, bytes: Uint8Array, isSlow: boolean): Promise<void> {
    try {
      const { receive } = await openWith(connection, bytes, isSlow);
      this.#streams.add(receive);
      if (isSlow) this.#slow.add(receive);
    } catch {
      // The stream was reset or the connection closed, as expected.
    }
  }

  #readOneByteEach(): void {
    for (const receive of this.#slow) this.#readOneByte(receive);
  }

  async #readOneByte(receive: ReceiveStream): Promise<void> {
    // A stream that still waits for its last byte is not read twice at once.
    this.#slow.delete(receive);
    if (await receive.ready(1).catch(() => 0) > 0) {
      receive.take([new Uint8Array(1)]);
      this.#slow.add(receive);
    } else this.#streams.delete(receive);
  }
}
