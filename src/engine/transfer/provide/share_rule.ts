// The rule of a share, without IO: which receiver may take data from it, and when it has ended. The provider
// checks it before every answer and reports what happened; time is passed in.
//
//   unclaimed --data asked--> claimed by one endpoint id --receipt--> ended (delivered, partial, spoiled)
//       ^                        |         |
//       +---- holder is gone ----+         +--every chunk sent, then quiet--> ended (sent)
//                                          +--a file lost, no receipt to come--> ended (spoiled)
//
//   unclaimed or claimed --every file lost, no receipt to come--> ended (spoiled)
//
// A kept share is never claimed and does not end by itself.

import type { ClaimHolder, ShareEnd } from "../../options.ts";

/** A holder whose last connection was closed this long ago loses its claim. */
const GONE_MS = 10_000;
/** A holder that took no byte for this long loses its claim. */
const IDLE_MS = 30_000;
/** A pli reconnects by itself, so its claim is kept longer in both cases. */
const PLI_AWAY_MS = 10 * 60_000;
/**
 * The same for a pli that supports only the first version of the receipt. It may have stopped at the first lost file;
 * if not, it reconnects within this time unless its computer was restarted.
 */
const FIRST_VERSION_AWAY_MS = 60_000;
/**
 * Wait after everything was sent. The code 0 of a finished receiver can also come from one whose disk became full at the
 * end. A pli reports when it has everything, and gets time to reconnect.
 */
const QUIET_MS = 60_000;

interface Holder {
  id: string;
  lastTakenMs: number;
}

export interface ShareRuleOptions {
  /** The holder at the end of an earlier run. It counts as one that has just disconnected. */
  earlierHolder?: ClaimHolder;
  nowMs?: number;
  /** Called with the holder whenever that changes or is found to be a pli. */
  onClaimed?: (holder: ClaimHolder) => void;
}

/** A single-use share is for one receiver, a kept one for any number. */
export type ShareKind = "single" | "kept";

/** The ends that a receipt can cause. */
export type ReceiptEnd = Extract<ShareEnd, "delivered" | "partial" | "spoiled">;

/** A receiver that is connected, or holds the share. */
interface Receiver {
  connections: number;
  lastClosedMs: number;
  isPli: boolean;
  /** Whether it is a pli that may stop at the first lost file, as other programs do. */
  mayStopAtLoss: boolean;
}

export class ShareRule {
  readonly #receivers = new Map<string, Receiver>();
  #holder: Holder | undefined;
  #end: ShareEnd | undefined;
  #allSentMs: number | undefined;
  /** When a request of each receiver first showed that a file is lost: of connected receivers and of the holder. */
  readonly #metLossMs = new Map<string, number>();
  /** Whether a program other than pli met a lost file and left without a claim. The next one would do the same. */
  #wasGivenUp = false;
  /** When every file was found lost. */
  #allLostMs: number | undefined;
  readonly #onClaimed: (holder: ClaimHolder) => void;

  constructor(
    readonly kind: ShareKind,
    { earlierHolder, nowMs = 0, onClaimed = () => {} }: ShareRuleOptions = {},
  ) {
    this.#onClaimed = onClaimed;
    if (kind === "kept" || earlierHolder === undefined) return;
    const { id, isPli } = earlierHolder;
    this.#holder = { id, lastTakenMs: nowMs };
    this.#receivers.set(id, { connections: 0, lastClosedMs: nowMs, isPli, mayStopAtLoss: false });
  }

  connected(id: string): void {
    this.#receiver(id).connections++;
  }

  disconnected(id: string, nowMs: number): void {
    const receiver = this.#receiver(id);
    receiver.connections--;
    receiver.lastClosedMs = nowMs;
    if (this.#holder?.id === id) return;
    if (receiver.connections === 0) {
      // A pli has only requested the manifest.
      if (this.#metLossMs.has(id) && !receiver.isPli) this.#wasGivenUp = true;
      this.#forget(id);
    }
    if (this.#wasGivenUp && this.#holder === undefined && !this.#isPliConnected) this.#end ??= "spoiled";
  }

  /** The id is a pli. One with the first version of the receipt may stop at the first lost file. */
  identifiedAsPli(
    id: string,
    { mayStopAtLoss }: Pick<Receiver, "mayStopAtLoss"> = { mayStopAtLoss: false },
  ): void {
    const receiver = this.#receiver(id);
    const isFirst = !receiver.isPli && this.#holder?.id === id;
    receiver.isPli = true;
    receiver.mayStopAtLoss = mayStopAtLoss;
    if (isFirst) this.#onClaimed({ id, isPli: true });
  }

  /** Whether the id may read names and sizes now, which claims nothing. False while another id holds the share. */
  maySee(id: string, nowMs: number): boolean {
    if (this.ended(nowMs) !== undefined) return false;
    return this.kind === "kept" || this.#holder === undefined || this.#holder.id === id ||
      this.#hasLeft(this.#holder, nowMs);
  }

  /** Whether the id may read data now. If so, an unclaimed share is claimed for it. */
  mayTake(id: string, nowMs: number): boolean {
    if (!this.maySee(id, nowMs)) return false;
    if (this.kind === "kept") return true;
    const earlierId = this.#holder?.id;
    this.#holder = { id, lastTakenMs: nowMs };
    if (earlierId !== id) {
      this.#forget(earlierId);
      this.#onClaimed({ id, isPli: this.#receivers.get(id)?.isPli ?? false });
    }
    if (this.#allSentMs !== undefined) this.#allSentMs = nowMs;
    return true;
  }

  /** The holder; undefined while the share is unclaimed. */
  holderId(nowMs: number): string | undefined {
    return this.#holder === undefined || this.#hasLeft(this.#holder, nowMs) ? undefined : this.#holder.id;
  }

  /** The id has taken bytes of data. */
  dataTaken(id: string, nowMs: number): void {
    if (this.#holder?.id === id) this.#holder.lastTakenMs = nowMs;
    if (this.#allSentMs !== undefined) this.#allSentMs = nowMs;
  }

  /** Every chunk of every file was sent on streams that ended well. */
  allSent(nowMs: number): void {
    this.#allSentMs ??= nowMs;
  }

  /** A file that the id requested cannot be sent any more. */
  lostFileRequested(id: string, nowMs: number): void {
    if (this.kind === "single" && !this.#metLossMs.has(id)) this.#metLossMs.set(id, nowMs);
  }

  /** No file of the share can be sent any more. */
  lostAll(nowMs: number): void {
    if (this.kind === "single") this.#allLostMs ??= nowMs;
  }

  /** The holder has reported how the transfer ended. */
  endedByReceipt(end: ReceiptEnd = "delivered"): void {
    if (this.kind === "single") this.#end = end;
  }

  /** How the share has ended; undefined before. */
  ended(nowMs: number): ShareEnd | undefined {
    if (nowMs >= (this.quietUntilMs ?? Infinity)) this.#end ??= "sent";
    if (nowMs >= (this.spoiledUntilMs ?? Infinity)) this.#end ??= "spoiled";
    return this.#end;
  }

  /** When to call `ended` again without another event; undefined if only an event can end the share. */
  get quietUntilMs(): number | undefined {
    if (this.kind === "kept" || this.#allSentMs === undefined) return undefined;
    const isPli = this.#holder !== undefined && this.#receivers.get(this.#holder.id)?.isPli;
    return this.#allSentMs + (isPli ? PLI_AWAY_MS : QUIET_MS);
  }

  /**
   * When a share with a lost file ends without a receipt; undefined if only an event can end it. A program other than
   * pli stops at the first lost file. A pli fetches the other files and reports that.
   */
  get spoiledUntilMs(): number | undefined {
    if (this.kind === "kept") return undefined;
    if (this.#allLostMs !== undefined) return this.#allLostUntilMs(this.#allLostMs);
    if (this.#holder === undefined) return this.#unclaimedUntilMs;
    const { id, lastTakenMs } = this.#holder;
    const metLossMs = this.#metLossMs.get(id);
    const receiver = this.#receivers.get(id);
    if (metLossMs === undefined || receiver === undefined) return undefined;
    const { isPli, mayStopAtLoss, connections, lastClosedMs } = receiver;
    const movedMs = Math.max(lastTakenMs, metLossMs);
    if (!isPli) return connections === 0 ? lastClosedMs : movedMs + GONE_MS;
    if (connections > 0) return movedMs + PLI_AWAY_MS;
    return lastClosedMs + (mayStopAtLoss ? FIRST_VERSION_AWAY_MS : PLI_AWAY_MS);
  }

  /** When a program that met a lost file, has no claim and stays connected counts as having stopped. */
  get #unclaimedUntilMs(): number | undefined {
    // A connected pli may still fetch the other files.
    if (this.#metLossMs.size === 0 || this.#isPliConnected) return undefined;
    return Math.min(...this.#metLossMs.values()) + GONE_MS;
  }

  get #isPliConnected(): boolean {
    for (const { isPli, connections } of this.#receivers.values()) if (isPli && connections > 0) return true;
    return false;
  }

  /** A share whose files are all lost stays open only for requests and receipts of connected receivers. */
  #allLostUntilMs(allLostMs: number): number {
    const holder = this.#holder && this.#receivers.get(this.#holder.id);
    if (holder === undefined) {
      const isConnected = [...this.#receivers.values()].some(({ connections }) => connections > 0);
      return isConnected ? allLostMs + GONE_MS : allLostMs;
    }
    if (holder.connections > 0) {
      return Math.max(this.#holder!.lastTakenMs, allLostMs) + (holder.isPli ? PLI_AWAY_MS : GONE_MS);
    }
    return Math.max(holder.lastClosedMs, allLostMs) + (holder.isPli ? GONE_MS : 0);
  }

  #hasLeft(holder: Holder, nowMs: number): boolean {
    const receiver = this.#receivers.get(holder.id);
    if (receiver === undefined) return true;
    if (receiver.connections === 0) {
      return nowMs - receiver.lastClosedMs >= (receiver.isPli ? PLI_AWAY_MS : GONE_MS);
    }
    return nowMs - holder.lastTakenMs >= (receiver.isPli ? PLI_AWAY_MS : IDLE_MS);
  }

  /** Removes a receiver that is not connected. */
  #forget(id: string | undefined): void {
    if (id === undefined || this.#receivers.get(id)?.connections !== 0) return;
    this.#receivers.delete(id);
    this.#metLossMs.delete(id);
  }

  #receiver(id: string): Receiver {
    let receiver = this.#receivers.get(id);
    if (receiver === undefined) {
      this.#receivers.set(
        id,
        receiver = { connections: 0, lastClosedMs: 0, isPli: false, mayStopAtLoss: false },
      );
    }
    return receiver;
  }
}
