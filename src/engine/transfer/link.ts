// A way to a provider that outlives its connections: what was under way when one was lost is begun again on the
// next, for as long as the receiver is patient. Only faults of the network are met with patience.

import { throwIfAborted } from "../abort.ts";
import { isPliError, PliError } from "../errors.ts";
import type { NetworkOptions, Patience } from "../options.ts";
import type { Clock, Connection, Endpoint, EndpointAddress } from "../ports.ts";
import { BLOBS_ALPN } from "../wire/request.ts";
import { DeadlinePassed, withDeadline } from "./deadline.ts";
import { watchPath } from "./path_watch.ts";
import { Receipts } from "./receipts.ts";

/** The pauses between attempts grow up to this. */
const LONGEST_PAUSE_MS = 8_000;
const SHORTEST_PAUSE_MS = 250;
/** An attempt that takes longer may be one that began before the network came back. */
const ATTEMPT_MS = 10_000;
/** A connection that held for this long was a good one: the next pause is a short one again. */
const GOOD_MS = 5_000;

export interface LinkOptions extends Pick<NetworkOptions, "onEvent" | "signal"> {
  clock: Clock;
  endpoint: Endpoint;
  provider: EndpointAddress;
  patience: Patience;
}

/** A connection, and what belongs to it. */
interface Current {
  connection: Connection;
  receipts: Receipts;
  sinceMs: number;
  watch: Promise<void>;
}

export class Link {
  readonly #options: LinkOptions;
  #current: Current | null = null;
  #hadContact = false;
  #isClosed = false;
  /** Since when there has been no connection. */
  #lostMs: number;
  #pauseMs = SHORTEST_PAUSE_MS;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#lostMs = options.clock.nowMs();
  }

  /**
   * The result of a task over a connection, begun again on another one whenever it fails by the network's fault.
   * Throws what else it throws, the network's fault when the patience is at its end, `cancelled`.
   */
  async run<T>(task: (connection: Connection, receipts: Receipts) => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    for (;;) {
      // What the task waits for ends with its connection.
      const abort = () => this.#current?.connection.close(0);
      signal?.addEventListener("abort", abort, { once: true });
      try {
        throwIfAborted(signal);
        const { connection, receipts } = this.#current ??= await this.#connect();
        return await task(connection, receipts);
      } catch (error) {
        await this.#drop();
        throwIfAborted(signal);
        if (this.#isClosed || !isNetworkFault(error)) throw error;
        await this.#pause(error);
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    }
  }

  /** Closes what is open; a task that is under way fails, and is not begun again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drop();
  }

  async #connect(): Promise<Current> {
    const { clock, endpoint, provider, onEvent, signal } = this.#options;
    const late = new AbortController();
    const stop = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    try {
      const connecting = endpoint.connect(provider, BLOBS_ALPN, stop);
      const connection = await withDeadline(clock, this.#attemptMs(), connecting);
      this.#hadContact = true;
      const watch = watchPath(connection, clock, onEvent);
      const receipts = new Receipts(clock, endpoint, provider);
      return { connection, receipts, sinceMs: clock.nowMs(), watch };
    } catch (cause) {
      if (!(cause instanceof DeadlinePassed)) throw cause;
      late.abort();
      throw new PliError("peer_unreachable", { id: provider.id.toHex() }, { cause });
    }
  }

  async #drop(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    if (current === null) return;
    const { clock } = this.#options;
    this.#lostMs = clock.nowMs();
    if (this.#lostMs - current.sinceMs >= GOOD_MS) this.#pauseMs = SHORTEST_PAUSE_MS;
    current.receipts.close();
    current.connection.close(0);
    await current.watch;
  }

  /** How long an attempt may take: not longer than the patience, but that has one attempt at least. */
  #attemptMs(): number {
    const leftMs = this.#leftMs();
    return leftMs > 0 ? Math.min(ATTEMPT_MS, leftMs) : ATTEMPT_MS;
  }

  /** What is left of the patience. */
  #leftMs(): number {
    const { clock, patience } = this.#options;
    return this.#lostMs + (this.#hadContact ? patience.laterMs : patience.firstMs) - clock.nowMs();
  }

  /** Waits before the next attempt. Throws the fault when there is to be none. */
  async #pause(fault: PliError): Promise<void> {
    const { clock, onEvent, signal } = this.#options;
    const leftMs = this.#leftMs();
    if (leftMs <= 0) throw fault;
    onEvent({ type: "waiting", reason: this.#hadContact ? "reconnecting" : "sender" });
    await clock.sleep(Math.min(this.#pauseMs, leftMs), signal);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }
}

function isNetworkFault(error: unknown): error is PliError {
  return isPliError(error, "connection_lost") || isPliError(error, "peer_unreachable") ||
    isPliError(error, "stream_reset");
}
