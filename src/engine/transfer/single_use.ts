// The rule of a share, without IO: who may take data from it, and when it has ended. The provider asks before
// every answer and reports what happened; time is passed in.
//
//   unclaimed --data asked--> claimed by one endpoint id --receipt--> ended (delivered)
//       ^                        |         |
//       +---- holder is gone ----+         +--every chunk sent, then quiet--> ended (sent)
//
// A kept share is claimed by nobody and does not end by itself.

import type { ClaimHolder, ShareEnd } from "../options.ts";

/** A holder whose last connection closed this long ago has lost its claim. */
const GONE_MS = 10_000;
/** So has one that took no byte for this long. */
const IDLE_MS = 30_000;
/** A pli comes back by itself, so its claim is kept longer in both cases. */
const PLI_AWAY_MS = 10 * 60_000;
/**
 * After everything was sent: 0, the code of a finished peer, can also be one whose disk filled at the end. A pli
 * says itself when it has everything, and gets the time to come back.
 */
const QUIET_MS = 60_000;

interface Holder {
  id: string;
  lastTakenMs: number;
}

export interface SingleUseOptions {
  /** Who held the share when an earlier run of it ended: it counts as one that has just left. */
  earlierHolder?: ClaimHolder;
  nowMs?: number;
  /** Told who holds the share, whenever that changes or turns out to be a pli. */
  onClaimed?: (holder: ClaimHolder) => void;
}

interface Peer {
  connections: number;
  lastClosedMs: number;
  isPli: boolean;
}

export class SingleUse {
  readonly #peers = new Map<string, Peer>();
  #holder: Holder | undefined;
  #end: ShareEnd | undefined;
  #allSentMs: number | undefined;

  readonly #onClaimed: (holder: ClaimHolder) => void;

  constructor(
    readonly isKept: boolean,
    { earlierHolder, nowMs = 0, onClaimed = () => {} }: SingleUseOptions = {},
  ) {
    this.#onClaimed = onClaimed;
    if (isKept || earlierHolder === undefined) return;
    const { id, isPli } = earlierHolder;
    this.#holder = { id, lastTakenMs: nowMs };
    this.#peers.set(id, { connections: 0, lastClosedMs: nowMs, isPli });
  }

  connected(id: string): void {
    this.#peer(id).connections++;
  }

  disconnected(id: string, nowMs: number): void {
    const peer = this.#peer(id);
    peer.connections--;
    peer.lastClosedMs = nowMs;
    if (this.#holder?.id !== id) this.#forget(id);
  }

  /** The id has shown that it is a pli. */
  isPli(id: string): void {
    const peer = this.#peer(id);
    const isNews = !peer.isPli && this.#holder?.id === id;
    peer.isPli = true;
    if (isNews) this.#onClaimed({ id, isPli: true });
  }

  /** Whether the id may see names and sizes now, which claims nothing: not while another id holds the share. */
  maySee(id: string, nowMs: number): boolean {
    if (this.ended(nowMs) !== undefined) return false;
    return this.isKept || this.#holder === undefined || this.#holder.id === id ||
      this.#hasLeft(this.#holder, nowMs);
  }

  /** Whether the id may take data now; if so, a share that nobody holds is claimed for it. */
  mayTake(id: string, nowMs: number): boolean {
    if (!this.maySee(id, nowMs)) return false;
    if (this.isKept) return true;
    const earlierId = this.#holder?.id;
    this.#holder = { id, lastTakenMs: nowMs };
    if (earlierId !== id) {
      this.#forget(earlierId);
      this.#onClaimed({ id, isPli: this.#peers.get(id)?.isPli ?? false });
    }
    if (this.#allSentMs !== undefined) this.#allSentMs = nowMs;
    return true;
  }

  /** Whose share it is now; undefined while it is nobody's. */
  holderId(nowMs: number): string | undefined {
    return this.#holder === undefined || this.#hasLeft(this.#holder, nowMs) ? undefined : this.#holder.id;
  }

  /** The id has taken some bytes of data. */
  took(id: string, nowMs: number): void {
    if (this.#holder?.id === id) this.#holder.lastTakenMs = nowMs;
    if (this.#allSentMs !== undefined) this.#allSentMs = nowMs;
  }

  /** Every chunk of every file has gone out on streams that ended well. */
  allSent(nowMs: number): void {
    this.#allSentMs ??= nowMs;
  }

  /** The id says that it has all it wanted. False when another id holds the share, or it has ended. */
  receipt(id: string, nowMs: number): boolean {
    if (!this.maySee(id, nowMs)) return false;
    if (!this.isKept) this.#end = "delivered";
    return true;
  }

  /** How the share has ended; undefined while it goes on. */
  ended(nowMs: number): ShareEnd | undefined {
    if (nowMs >= (this.quietUntilMs ?? Infinity)) this.#end ??= "sent";
    return this.#end;
  }

  /** When to ask `ended` again, if nothing happens before; undefined when only an event can end the share. */
  get quietUntilMs(): number | undefined {
    if (this.isKept || this.#allSentMs === undefined) return undefined;
    const isPli = this.#holder !== undefined && this.#peers.get(this.#holder.id)?.isPli;
    return this.#allSentMs + (isPli ? PLI_AWAY_MS : QUIET_MS);
  }

  #hasLeft(holder: Holder, nowMs: number): boolean {
    const peer = this.#peers.get(holder.id);
    if (peer === undefined) return true;
    if (peer.connections === 0) return nowMs - peer.lastClosedMs >= (peer.isPli ? PLI_AWAY_MS : GONE_MS);
    return nowMs - holder.lastTakenMs >= (peer.isPli ? PLI_AWAY_MS : IDLE_MS);
  }

  #forget(id: string | undefined): void {
    if (id !== undefined && this.#peers.get(id)?.connections === 0) this.#peers.delete(id);
  }

  #peer(id: string): Peer {
    let peer = this.#peers.get(id);
    if (peer === undefined) this.#peers.set(id, peer = { connections: 0, lastClosedMs: 0, isPli: false });
    return peer;
  }
}
