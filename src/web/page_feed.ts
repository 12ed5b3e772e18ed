// Changes of transfers, settings and the history as numbered events. The latest ones are kept for pages that
// reconnect.

import type { TransferList } from "../app/transfers/transfer_list.ts";
import type { PageEvent, State } from "./contract.ts";
import type { EventFeed, FeedEvent } from "./event_stream.ts";

/** Number of kept events. A page that has missed more gets the complete state. */
const MAXIMUM_RECENT = 512;

export class PageFeed implements EventFeed {
  readonly #state: () => State;
  readonly #readers = new Set<(event: FeedEvent) => void>();
  #recent: FeedEvent[] = [];
  #lastId = 0;

  constructor(transfers: TransferList, state: () => State) {
    this.#state = state;
    transfers.subscribe((change) => this.publish(change));
  }

  /** Sends every page an event. */
  publish(event: PageEvent): void {
    const numbered = { id: ++this.#lastId, event };
    this.#recent.push(numbered);
    if (this.#recent.length > 2 * MAXIMUM_RECENT) this.#recent = this.#recent.slice(-MAXIMUM_RECENT);
    for (const read of this.#readers) read(numbered);
  }

  subscribe(after: number | null, push: (event: FeedEvent) => void): () => void {
    const firstId = this.#lastId - this.#recent.length + 1;
    if (after === null || after > this.#lastId || after < firstId - 1) {
      push({ id: this.#lastId, event: { type: "state", state: this.#state() } });
    } else {
      for (const event of this.#recent.slice(after - firstId + 1)) push(event);
    }
    this.#readers.add(push);
    return () => this.#readers.delete(push);
  }
}
