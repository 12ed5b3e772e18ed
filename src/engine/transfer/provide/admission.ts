// Limits the connections of a share, so that peers that only open connections do not exclude receivers. Pure.
// Connections are counted by endpoint id, because a receiver's second connection (for receipts) is idle while its
// first one transfers data. The provider reports events with their time, and closes the connections that are returned.

/** Maximum number of connections of a share. */
export const MAXIMUM_CONNECTIONS = 128;
/**
 * Maximum number of connections of one endpoint id. A receiver has two, and some whose loss it has not detected yet.
 */
export const MAXIMUM_PER_ID = 8;
/** Interval at which a connection is checked for being unserved. */
export const UNSERVED_MS = 30_000;

interface Remote<C> {
  connections: C[];
  /** Time of its last served data; time of its connection before that. */
  lastMs: number;
  wasServed: boolean;
  /** Answers in progress. */
  answers: number;
}

export class Admission<C> {
  readonly #remotes = new Map<string, Remote<C>>();
  #count = 0;

  /**
   * Adds a connection. Returns those that must be closed for it: the oldest of the same id when that id has too many,
   * else all of the id that was served longest ago, with ids that never were served first. Connections of the claim's
   * holder and of the new connection's id are kept.
   */
  enter(connection: C, id: string, nowMs: number, holderId?: string): C[] {
    const remote = this.#remotes.get(id) ?? { connections: [], lastMs: nowMs, wasServed: false, answers: 0 };
    this.#remotes.set(id, remote);
    remote.connections.push(connection);
    this.#count++;
    if (remote.connections.length > MAXIMUM_PER_ID) {
      this.#count--;
      return remote.connections.splice(0, 1);
    }
    return this.#count > MAXIMUM_CONNECTIONS ? this.#removeIdlest([id, holderId]) : [];
  }

  /** Removes a closed connection. A connection that `enter` has returned may be removed again. */
  leave(connection: C, id: string): void {
    const remote = this.#remotes.get(id);
    const index = remote?.connections.indexOf(connection) ?? -1;
    if (remote === undefined || index < 0) return;
    remote.connections.splice(index, 1);
    this.#count--;
    if (remote.connections.length === 0) this.#remotes.delete(id);
  }

  /** Counts an answer to the id that begins. */
  began(id: string): void {
    const remote = this.#remotes.get(id);
    if (remote !== undefined) remote.answers++;
  }

  /** Counts an answer to the id that has ended, successful or not. */
  ended(id: string): void {
    const remote = this.#remotes.get(id);
    if (remote !== undefined) remote.answers--;
  }

  /** Notes that the id was sent data that only a receiver requests. */
  served(id: string, nowMs: number): void {
    const remote = this.#remotes.get(id);
    if (remote === undefined) return;
    remote.lastMs = nowMs;
    remote.wasServed = true;
  }

  /** Whether the id was never sent data and no answer to it is in progress. */
  isUnserved(id: string): boolean {
    const remote = this.#remotes.get(id);
    return remote !== undefined && !remote.wasServed && remote.answers === 0;
  }

  #removeIdlest(spared: readonly (string | undefined)[]): C[] {
    let idlest: [id: string, remote: Remote<C>] | undefined;
    for (const entry of this.#remotes) {
      if (spared.includes(entry[0])) continue;
      if (idlest === undefined || isIdler(entry[1], idlest[1])) idlest = entry;
    }
    if (idlest === undefined) return [];
    const [id, { connections }] = idlest;
    this.#remotes.delete(id);
    this.#count -= connections.length;
    return connections;
  }
}

function isIdler<C>(a: Remote<C>, b: Remote<C>): boolean {
  return a.wasServed === b.wasServed ? a.lastMs < b.lastMs : !a.wasServed;
}
