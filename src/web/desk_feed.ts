// What happens at the desk, as the events that pages read: numbered, the latest kept for pages that come back.

import type { Desk } from "../app/desk.ts";
import type { PageEvent, State } from "./contract.ts";
import type { EventFeed, FeedEvent } from "./event_stream.ts";

/** How many events a page may have missed before it gets the whole state anew. */
const KEPT = 512;

export class DeskFeed implements EventFeed {
  readonly #state: () => State;
  readonly #readers = new Set<(event: FeedEvent) => void>();
  #kept: FeedEvent[] = [];
  #lastId = 0;

  constructor(desk: Desk, state: () => State) {
    this.#state = state;
    desk.subscribe((change) => this.publish(change));
  }

  /** Tells what happened elsewhere than at the desk. */
  publish(event: PageEvent): void {
    const numbered = { id: ++this.#lastId, event };
    this.#kept.push(numbered);
    if (this.#kept.length > 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
    for (const read of this.#readers) read(numbered);
  }

  subscribe(after: number | null, push: (event: FeedEvent) => void): () => void {
    const firstId = this.#lastId - this.#kept.length + 1;
    if (after === null || after > this.#lastId || after < firstId - 1) {
      push({ id: this.#lastId, event: { type: "state", state: this.#state() } });
    } else {
      for (const event of this.#kept.slice(after - firstId + 1)) push(event);
    }
    this.#readers.add(push);
    return () => this.#readers.delete(push);
  }
}
