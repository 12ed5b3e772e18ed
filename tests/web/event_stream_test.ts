import assert from "node:assert/strict";
import type { PageEvent } from "../../src/web/contract.ts";
import { type EventFeed, eventStream, type FeedEvent } from "../../src/web/event_stream.ts";
import { STATE } from "./raw_http.ts";

const LIMITS = { heartbeatMs: 30, queueEvents: 4 };

/** A feed that keeps every event, and records its subscriptions. */
class FakeFeed implements EventFeed {
  readonly subscribed: (number | null)[] = [];
  readonly #events: FeedEvent[] = [];
  readonly #readers = new Set<(event: FeedEvent) => void>();

  get readers(): number {
    return this.#readers.size;
  }

  subscribe(after: number | null, push: (event: FeedEvent) => void): () => void {
    this.subscribed.push(after);
    if (after === null) push({ id: this.#events.length, event: { type: "state", state: STATE } });
    else this.#events.filter(({ id }) => id > after).forEach(push);
    this.#readers.add(push);
    return () => this.#readers.delete(push);
  }

  happen(id: string): void {
    const event: PageEvent = { type: "removed", id };
    const entry = { id: this.#events.length + 1, event };
    this.#events.push(entry);
    for (const push of this.#readers) push(entry);
  }
}

/** Reads one piece; an event as its id and content. */
async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string[]> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value).split("\n\n").slice(0, -1).map((text) => {
    const [, id, data] = /^id: (\d+)\ndata: (.*)$/.exec(text) ?? [];
    if (id === undefined) return text;
    const event = JSON.parse(data);
    return `${id} ${event.type === "removed" ? event.id : event.type}`;
  });
}

Deno.test("events have ids, and follow the state", async () => {
  const feed = new FakeFeed();
  feed.happen("before");
  const reader = eventStream(feed, null, LIMITS).getReader();
  assert.deepEqual(await next(reader), ["1 state"]);
  feed.happen("a");
  feed.happen("b\n\nid: 9");
  assert.deepEqual(await next(reader), ["2 a", "3 b\n\nid: 9"]);
  await reader.cancel();
});

Deno.test("a page that reconnects gets the events after its last one", async () => {
  const feed = new FakeFeed();
  for (const id of ["a", "b", "c"]) feed.happen(id);
  const reader = eventStream(feed, 1, LIMITS).getReader();
  assert.deepEqual(await next(reader), ["2 b", "3 c"]);
  assert.deepEqual(feed.subscribed, [1]);
  await reader.cancel();
});

Deno.test("a reader that falls behind gets the state again, and its queue is bounded", async () => {
  const feed = new FakeFeed();
  const reader = eventStream(feed, null, LIMITS).getReader();
  await next(reader);
  for (let i = 0; i < 1_000; i++) feed.happen(`${i}`);
  assert.equal(feed.readers, 0);
  assert.deepEqual(await next(reader), ["1000 state"]);
  feed.happen("now");
  assert.deepEqual(await next(reader), ["1001 now"]);
  await reader.cancel();
});

Deno.test("without events a heartbeat is sent", async () => {
  const feed = new FakeFeed();
  const reader = eventStream(feed, null, LIMITS).getReader();
  await next(reader);
  assert.deepEqual(await next(reader), [": still here"]);
  const pending = reader.read();
  await reader.cancel();
  await pending;
  assert.equal(feed.readers, 0);
});
