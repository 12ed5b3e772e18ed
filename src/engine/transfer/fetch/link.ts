// A path to a provider that outlives its connections: a task whose connection is lost runs again on the next one,
// until the provider was unreachable for too long. Only network errors are retried.

import { hexOf } from "../../hex.ts";
import { throwIfAborted } from "../../abort.ts";
import { isPliError, PliError } from "../../errors.ts";
import { errorFields } from "../../log/error_fields.ts";
import type { NetworkOptions, WaitLimits } from "../../options.ts";
import type { Clock, Connection, Endpoint, EndpointAddress } from "../../ports.ts";
import { BLOBS_ALPN } from "../../wire/request.ts";
import { DeadlinePassed, withDeadline } from "../deadline.ts";
import { watchPath } from "../path_watch.ts";
import { Receipts } from "./receipts.ts";
import { addressesOfAttempt } from "./ticket_addresses.ts";

/** Upper bound of the growing pauses between attempts. */
const LONGEST_PAUSE_MS = 8_000;
const SHORTEST_PAUSE_MS = 250;
/** An attempt that takes longer may have begun before the network came back. */
const ATTEMPT_MS = 10_000;
/** A connection that lasted this long resets the pause to its shortest. */
const STABLE_MS = 5_000;

export interface LinkOptions extends Pick<NetworkOptions, "onEvent" | "signal"> {
  clock: Clock;
  endpoint: Endpoint;
  /** Its addresses in the order in which they are tried. */
  provider: EndpointAddress;
  waitLimits: WaitLimits;
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
  #hasData = false;
  #isClosed = false;
  /** Since when there has been no connection. */
  #lostMs: number;
  #pauseMs = SHORTEST_PAUSE_MS;
  #attempts = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#lostMs = options.clock.nowMs();
  }

  /**
   * The result of a task over a connection. A task that fails by a network error runs again on another connection.
   * Throws the task's other errors, the network error when the time is over, and `cancelled`.
   */
  async run<T>(task: (connection: Connection, receipts: Receipts) => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    for (;;) {
      // Every wait of the task ends with its connection.
      const abort = () => this.#current?.connection.close(0);
      signal?.addEventListener("abort", abort, { once: true });
      try {
        throwIfAborted(signal);
        const { connection, receipts } = this.#current ??= await this.#connect();
        return await task(connection, receipts);
      } catch (error) {
        this.#current?.connection.log?.log("debug", "transfer", "task failed", errorFields(error));
        await this.#drop();
        throwIfAborted(signal);
        if (this.#isClosed || !isNetworkFault(error)) throw error;
        await this.#pause(error);
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    }
  }

  /**
   * Notes that data of the download is on disk. Before that the share may be claimed by another receiver, so the time
   * limit is that of the first contact.
   */
  dataArrived(): void {
    this.#hasData = true;
  }

  /** The round trip of the connection in use; 0 if there is none or it is unknown. */
  get rttMs(): number {
    return this.#current?.connection.path()?.rttMs ?? 0;
  }

  /** Closes the connection. A running task fails and is not retried. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drop();
  }

  async #connect(): Promise<Current> {
    const { clock, endpoint, onEvent, signal } = this.#options;
    const { id, relayUrl, directAddresses: all } = this.#options.provider;
    const provider = { id, relayUrl, directAddresses: addressesOfAttempt(all, this.#attempts++) };
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
      throw new PliError("peer_unreachable", { id: hexOf(provider.id) }, { cause });
    }
  }

  async #drop(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    if (current === null) return;
    const { clock } = this.#options;
    this.#lostMs = clock.nowMs();
    if (this.#lostMs - current.sinceMs >= STABLE_MS) this.#pauseMs = SHORTEST_PAUSE_MS;
    current.receipts.close();
    current.connection.close(0);
    await current.watch;
  }

  /** Timeout of an attempt: the time that is left, or without any the whole limit. A limit of 0 is no limit of it. */
  #attemptMs(): number {
    const leftMs = this.#leftMs();
    return Math.min(ATTEMPT_MS, leftMs > 0 ? leftMs : this.#limitMs || ATTEMPT_MS);
  }

  /** Time that is left before a lost provider is an error. */
  #leftMs(): number {
    return this.#lostMs + this.#limitMs - this.#options.clock.nowMs();
  }

  get #limitMs(): number {
    const { firstMs, laterMs } = this.#options.waitLimits;
    return this.#hasData ? laterMs : this.#hadContact ? Math.min(firstMs, laterMs) : firstMs;
  }

  /** Waits before the next attempt. Throws `fault` if there is no time left for one. */
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
