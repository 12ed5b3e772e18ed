// A connection without streams, whose network path a test changes.

import type { Connection, NetworkPath } from "../../../src/engine/ports.ts";

export class FakeConnection {
  readonly closed: Promise<void>;
  readonly #closed = Promise.withResolvers<void>();
  isClosed = false;

  constructor(public route: NetworkPath | null = null, readonly remoteId = new Uint8Array(32)) {
    this.closed = this.#closed.promise;
  }

  path(): NetworkPath | null {
    return this.route;
  }

  close(): void {
    this.isClosed = true;
    this.#closed.resolve();
  }

  /** This object as the port, without streams. */
  get port(): Connection {
    return this as unknown as Connection;
  }
}

/** A direct path to an address. */
export function directPath(address: string): NetworkPath {
  return { kind: "direct", address, rttMs: 1 };
}
