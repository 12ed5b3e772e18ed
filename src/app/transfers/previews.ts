// Previews: offers of tickets, requested from their senders. Each has a network endpoint of its own and holds the
// record of its ticket. So their number is bounded, and they end when the page is closed or a download of the ticket
// begins. A cancelled one counts until its resources are released.

import { formatTicket, type Offer, PliError, type Ticket } from "../../engine/mod.ts";
import { newSecretKey } from "../secret_key.ts";
import type { PreviewContext } from "./download_context.ts";

/** Maximum number of concurrent previews. A page has one, and there may be several pages. */
export const MAXIMUM_PREVIEWS = 4;

interface Preview {
  /** The ticket as text. */
  key: string;
  stop: AbortController;
  /** Resolves when the preview's resources are released. */
  ended: Promise<unknown>;
}

export class Previews {
  readonly #context: PreviewContext;
  /** In the order in which they began, with cancelled ones. */
  readonly #underWay = new Set<Preview>();
  /** Tickets whose records belong to downloads; one entry for each download. */
  readonly #reserved = new Set<{ key: string }>();

  constructor(context: PreviewContext) {
    this.#context = context;
  }

  get count(): number {
    return this.#underWay.size;
  }

  /**
   * Requests the offer of a ticket, until `signal` is aborted. One preview too many ends the oldest. Throws
   * `cancelled`, `home_*`, what the engine's `inspect` throws.
   */
  async ask(ticket: Ticket, signal?: AbortSignal): Promise<Offer> {
    const running = [...this.#underWay].filter(({ stop }) => !stop.signal.aborted);
    if (running.length >= MAXIMUM_PREVIEWS) running[0].stop.abort();
    const stop = new AbortController();
    const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const key = formatTicket(ticket);
    const asking = this.#inspect(ticket, key, stopped);
    const preview = { key, stop, ended: asking.catch(() => {}) };
    this.#underWay.add(preview);
    try {
      return await asking;
    } finally {
      this.#underWay.delete(preview);
    }
  }

  /** Ends the previews of a ticket. Until the result is disposed, further ones do not use its record. */
  async reserve(ticket: Ticket): Promise<Disposable> {
    const reservation = { key: formatTicket(ticket) };
    this.#reserved.add(reservation);
    await this.#end(({ key }) => key === reservation.key);
    return { [Symbol.dispose]: () => void this.#reserved.delete(reservation) };
  }

  /** Ends all previews. Resolves when their resources are released. */
  async end(): Promise<void> {
    await this.#end(() => true);
  }

  async #end(matches: (preview: Preview) => boolean): Promise<void> {
    const ending = [...this.#underWay].filter(matches);
    for (const { stop } of ending) stop.abort();
    await Promise.all(ending.map(({ ended }) => ended));
  }

  async #inspect(ticket: Ticket, key: string, signal: AbortSignal): Promise<Offer> {
    const { engine, openRecord, network } = this.#context;
    const { relay } = network();
    const inspecting = await engine();
    throwIfStopped(signal);
    const isReserved = [...this.#reserved].some((reservation) => reservation.key === key);
    // With the key of the download: a sender that is claimed for it answers no other.
    using record = isReserved
      ? null
      : await openRecord({ ticket, folder: null, existing: "merge", only: [] });
    throwIfStopped(signal);
    const secretKey = record?.secretKey ?? newSecretKey();
    return await inspecting.inspect({ ticket, relay, secretKey, onEvent: () => {}, signal });
  }
}

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new PliError("cancelled", {});
}
