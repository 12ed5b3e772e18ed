// How often the counts of JSON lines are printed. The counts of each transfer and of each receiver have an interval of
// their own. A count within the interval is held, and replaced by the next one.

import type { EventOf } from "../../engine/mod.ts";

/** The events that count. */
export type CountEvent = EventOf<"progress" | "hashing">;

/** Minimum interval of printed counts. */
const INTERVAL_MS = 100;
/** Maximum number of transfers and receivers whose interval is known. */
const MAXIMUM_COUNTED = 1_024;
/** The key of what has no id: the transfer itself. */
const TRANSFER = "";

interface Counted {
  printedMs: number;
  held: CountEvent | null;
}

export class HeldCounts {
  /** By the ids of receivers. */
  readonly #counted = new Map<string, Counted>();

  /** What is to be printed now of a new count: itself if its interval is over, or a count that is complete. */
  next(event: CountEvent, nowMs: number): CountEvent[] {
    const key = keyOf(event);
    const known = this.#counted.get(key);
    const isDue = known === undefined || event.bytes >= event.total || nowMs - known.printedMs >= INTERVAL_MS;
    if (!isDue) {
      known.held = event;
      return [];
    }
    this.#counted.delete(key);
    this.#counted.set(key, { printedMs: nowMs, held: null });
    return [...this.#withoutOldest(), event];
  }

  /** Takes the counts that are to be printed before a line: of its receiver and the transfer, or without an id all. */
  before(line: { type: string; id?: unknown; state?: unknown }): CountEvent[] {
    const { id } = line;
    if (typeof id !== "string") return this.all();
    const counts = [TRANSFER, id].flatMap((key) => this.#take(key));
    if (line.type === "receiver" && line.state === "gone") this.#counted.delete(id);
    return counts;
  }

  /** Takes all held counts. */
  all(): CountEvent[] {
    return [...this.#counted.keys()].flatMap((key) => this.#take(key));
  }

  #take(key: string): CountEvent[] {
    const counted = this.#counted.get(key);
    if (!counted?.held) return [];
    const { held } = counted;
    counted.held = null;
    return [held];
  }

  /** Forgets what was printed longest ago, if there are too many. Returns its held count. */
  #withoutOldest(): CountEvent[] {
    if (this.#counted.size <= MAXIMUM_COUNTED) return [];
    const [oldest] = this.#counted.keys();
    const held = this.#take(oldest);
    this.#counted.delete(oldest);
    return held;
  }
}

function keyOf(event: CountEvent): string {
  return event.type === "progress" ? event.id ?? TRANSFER : TRANSFER;
}
