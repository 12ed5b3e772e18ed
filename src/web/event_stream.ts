// Events for the page in the format of server-sent events; the page reads them by fetch, which can send the token.
// Each event has an id, with which a page continues after a lost connection. Events for a slow reader are queued up to
// a bound; beyond it the reader gets the complete state instead.
//
//     id: 17
//     data: {"type":"removed","id":"…"}

import type { Context } from "hono";
import type { PageEvent } from "./contract.ts";
import { WebError } from "./errors.ts";

/** An event. Ids ascend. */
export interface FeedEvent {
  id: number;
  event: PageEvent;
}

/** A source of events. */
export interface EventFeed {
  /**
   * Calls `push` for the events after the event `after`, then for later ones, until the returned function is called.
   * If `after` is null, too old or of another run, the complete state is pushed first, before it returns.
   */
  subscribe(after: number | null, push: (event: FeedEvent) => void): () => void;
}

export interface StreamLimits {
  heartbeatMs: number;
  /** Maximum number of queued events for a slow reader. */
  queueEvents: number;
}

export const STREAM_LIMITS: StreamLimits = { heartbeatMs: 15_000, queueEvents: 256 };
/** A comment, which keeps the connection open and shows both sides that the other one is there. */
const HEARTBEAT = new TextEncoder().encode(": still here\n\n");

/** Answers a request for the events from `?after=ID` on. Throws WebError `query_invalid`. */
export function eventResponse(context: Context, feed: EventFeed): Response {
  const given = context.req.query("after") ?? null;
  if (given !== null && !/^\d{1,15}$/.test(given)) throw new WebError("query_invalid", { name: "after" });
  const body = eventStream(feed, given === null ? null : Number(given));
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

/** The events of a feed as bytes, until the reader cancels. */
export function eventStream(
  feed: EventFeed,
  after: number | null,
  { heartbeatMs, queueEvents }: StreamLimits = STREAM_LIMITS,
): ReadableStream<Uint8Array> {
  let queue: FeedEvent[] = [];
  let isSubscribing = false;
  let unsubscribe: (() => void) | null = null;
  let wake: () => void = () => {};

  const leave = () => {
    unsubscribe?.();
    unsubscribe = null;
  };
  const push = (event: FeedEvent) => {
    queue.push(event);
    // What a feed pushes while subscribing (a state and missed events) is bounded by the feed.
    if (queue.length > queueEvents && !isSubscribing) {
      queue = [];
      leave();
    }
    wake();
  };
  const subscribe = (from: number | null) => {
    isSubscribing = true;
    unsubscribe = feed.subscribe(from, push);
    isSubscribing = false;
  };

  return new ReadableStream<Uint8Array>({
    start() {
      subscribe(after);
    },
    async pull(controller) {
      if (unsubscribe === null) subscribe(null);
      if (queue.length === 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, heartbeatMs);
        wake = resolve;
        await promise;
        clearTimeout(timer);
      }
      const events = queue;
      queue = [];
      const text = events.map(formatted).join("");
      controller.enqueue(text === "" ? HEARTBEAT : new TextEncoder().encode(text));
    },
    cancel() {
      leave();
      wake();
    },
  }, { highWaterMark: 0 });
}

function formatted({ id, event }: FeedEvent): string {
  return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
}
