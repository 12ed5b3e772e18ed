// The rule of who may stay connected to a share, without IO: strangers who only open connections must not keep
// receivers out. It counts by endpoint id, because a receiver's second connection (for receipts) does nothing
// while its first one works. The provider tells what happens, and closes what it is told to; time is passed in.

/** Connections of a share at a time. */
export const MAXIMUM_CONNECTIONS = 128;
/** Connections of one endpoint id: a receiver has two, and some that it has lost without knowing. */
export const MAXIMUM_PER_ID = 8;
/** How often it is asked who is a stranger. */
export const STRANGER_MS = 30_000;

interface Guest<C> {
  connections: C[];
  /** When it was last given something; when it came, if it never was. */
  lastMs: number;
  wasServed: boolean;
  /** Answers under way. */
  answers: number;
}

export class Admission<C> {
  readonly #guests = new Map<string, Guest<C>>();
  #count = 0;

  /**
   * Lets a connection in, and gives those that have to be closed for it: of the same id the oldest, when there are
   * too many; else all of the id that was given nothing for longest, those first that never were given anything.
   * Never those of the claim's holder, nor the newcomer's.
   */
  enter(connection: C, id: string, nowMs: number, holderId?: string): C[] {
    const guest = this.#guests.get(id) ?? { connections: [], lastMs: nowMs, wasServed: false, answers: 0 };
    this.#guests.set(id, guest);
    guest.connections.push(connection);
    this.#count++;
    if (guest.connections.length > MAXIMUM_PER_ID) {
      this.#count--;
      return guest.connections.splice(0, 1);
    }
    return this.#count > MAXIMUM_CONNECTIONS ? this.#dismissIdlest([id, holderId]) : [];
  }

  /** A connection is closed; one that had to go already may be named again. */
  leave(connection: C, id: string): void {
    const guest = this.#guests.get(id);
    const index = guest?.connections.indexOf(connection) ?? -1;
    if (guest === undefined || index < 0) return;
    guest.connections.splice(index, 1);
    this.#count--;
    if (guest.connections.length === 0) this.#guests.delete(id);
  }

  /** The id has asked for something. */
  began(id: string): void {
    const guest = this.#guests.get(id);
    if (guest !== undefined) guest.answers++;
  }

  /** An answer to the id is over, however it ended. */
  ended(id: string): void {
    const guest = this.#guests.get(id);
    if (guest !== undefined) guest.answers--;
  }

  /** The id was given something that only a receiver asks for. */
  served(id: string, nowMs: number): void {
    const guest = this.#guests.get(id);
    if (guest === undefined) return;
    guest.lastMs = nowMs;
    guest.wasServed = true;
  }

  /** Whether the id has no business here: it was never given anything, and no answer to it is under way. */
  isStranger(id: string): boolean {
    const guest = this.#guests.get(id);
    return guest !== undefined && !guest.wasServed && guest.answers === 0;
  }

  #dismissIdlest(spared: readonly (string | undefined)[]): C[] {
    let idlest: [id: string, guest: Guest<C>] | undefined;
    for (const entry of this.#guests) {
      if (spared.includes(entry[0])) continue;
      if (idlest === undefined || isIdler(entry[1], idlest[1])) idlest = entry;
    }
    if (idlest === undefined) return [];
    const [id, { connections }] = idlest;
    this.#guests.delete(id);
    this.#count -= connections.length;
    return connections;
  }
}

function isIdler<C>(a: Guest<C>, b: Guest<C>): boolean {
  return a.wasServed === b.wasServed ? a.lastMs < b.lastMs : !a.wasServed;
}
