// Reports of both sides during stalls, and while connections are lost and replaced: figures never fall, and none is
// complete before the last byte.

import assert from "node:assert/strict";
import type { SpeedLimit, TransferEvent } from "../../../src/engine/mod.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { inTime } from "./in_time.ts";
import { newKey, TransferFixture } from "./transfer_fixture.ts";

const MIB = 1024 * 1024;
const FILES = { "large": patternBytes(12 * MIB + 5), "small": patternBytes(70_000) };
const ALL_BYTES = 12 * MIB + 5 + 70_000;

/** Blocks for some time after a number of bytes. */
class Gate implements SpeedLimit {
  readonly bytesPerSecond = 1e12;
  readonly pieceBytes = 64 * 1024;
  #passedBytes = 0;
  #isUsed = false;

  constructor(readonly afterBytes: number, readonly closedMs: number) {}

  take(bytes: number): number {
    this.#passedBytes += bytes;
    if (this.#isUsed || this.#passedBytes < this.afterBytes) return 0;
    this.#isUsed = true;
    return this.closedMs;
  }
}

function stallsOf(events: readonly TransferEvent[]): number[] {
  return events.flatMap((event) => event.type === "stalled" ? [event.seconds] : []);
}

function progressOf(events: readonly TransferEvent[]): number[] {
  return events.flatMap((event) => event.type === "progress" ? [event.bytes] : []);
}

function assertRises(bytes: readonly number[]): void {
  for (const [at, count] of bytes.entries()) {
    assert.ok(at === 0 || count >= bytes[at - 1], `${bytes[at - 1]} fell to ${count}`);
  }
}

Deno.test("E.26 a receiver reports for how long nothing has arrived, and when data arrives again", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share({ limit: new Gate(5 * MIB, 6_500) });
  await inTime(fixture, fixture.fetch(share.ticket));
  const stalls = stallsOf(fixture.receiverEvents);
  assert.deepEqual(stalls, [2, 3, 4, 5, 6]);
  const last = fixture.receiverEvents.findLastIndex(({ type }) => type === "stalled");
  assert.equal(fixture.receiverEvents[last + 1].type, "progress");
  assertRises(progressOf(fixture.receiverEvents));
  await inTime(fixture, share.close());
});

Deno.test("E.26 a sender reports for how long a receiver has taken nothing", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  await inTime(fixture, fixture.fetch(share.ticket, { limit: new Gate(5 * MIB, 6_500) }));
  const stalls = fixture.senderEvents.filter((event) => event.type === "stalled");
  assert.deepEqual(stalls.map((event) => event.type === "stalled" && event.seconds), [2, 3, 4, 5, 6]);
  const claimed = fixture.senderEvents.find((event) => event.type === "claimed");
  assert.ok(
    claimed?.type === "claimed" &&
      stalls.every((event) => event.type === "stalled" && event.id === claimed.id),
  );
  await inTime(fixture, share.close());
});

Deno.test("E.26 a leaf that takes long to arrive is no stall", async () => {
  const fixture = new TransferFixture({ small: patternBytes(60_000) });
  // A piece of 5 kB per second: the first leaf is complete after 12 s.
  const slow: SpeedLimit = { bytesPerSecond: 5_000, pieceBytes: 5_000, take: () => 1_000 };
  const share = await fixture.share({ limit: slow });
  await inTime(fixture, fixture.fetch(share.ticket));
  assert.deepEqual([stallsOf(fixture.receiverEvents), stallsOf(fixture.senderEvents)], [[], []]);
  await inTime(fixture, share.close());
});

Deno.test("E.26 lost connections lower no figure, on either side", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  let sentBytes = 0;
  let cuts = 0;
  fixture.network.tamper = (packet) => {
    sentBytes += packet.length;
    if (sentBytes > (cuts + 1) * 2.3 * MIB && cuts < 4) {
      cuts++;
      fixture.network.cut();
    }
    return packet;
  };
  await inTime(fixture, fixture.fetch(share.ticket, { waitLimits: { firstMs: 60_000, laterMs: Infinity } }));
  assert.equal(cuts, 4);
  for (const events of [fixture.senderEvents, fixture.receiverEvents]) {
    assertRises(progressOf(events));
    assert.equal(progressOf(events).at(-1), ALL_BYTES);
  }
  const delivered = fixture.senderEvents.findIndex(({ type }) => type === "delivered");
  const before = fixture.senderEvents.slice(0, delivered).findLast(({ type }) => type === "progress");
  assert.ok(
    before?.type === "progress" && before.bytes === ALL_BYTES,
    "the bar is full when it is delivered",
  );
  await inTime(fixture, share.close());
});

Deno.test("E.26 a sender that is started again continues at the bytes of its receiver", async () => {
  const fixture = new TransferFixture(FILES);
  const [senderKey, secretKey] = [newKey(), newKey()];
  const first = await fixture.share({ secretKey: senderKey });
  const stop = new AbortController();
  const stopAt = (event: TransferEvent) => {
    fixture.receiverEvents.push(event);
    if (event.type === "progress" && event.bytes > 6 * MIB) stop.abort();
  };
  await assert.rejects(
    inTime(fixture, fixture.fetch(first.ticket, { secretKey, signal: stop.signal, onEvent: stopAt })),
  );
  await inTime(fixture, first.close());
  fixture.senderEvents.length = 0;
  const again = await fixture.share({ secretKey: senderKey });
  await inTime(fixture, fixture.fetch(first.ticket, { secretKey }));
  const progress = progressOf(fixture.senderEvents);
  assertRises(progress);
  assert.ok(progress.filter((bytes) => bytes > 0)[0] > 5 * MIB, `it began at ${progress[0]}`);
  assert.equal(progress.at(-1), ALL_BYTES);
  await inTime(fixture, again.close());
});

Deno.test("E.24 no side is complete before the last byte has arrived", async () => {
  // The stream's window has space for all bytes: the sender has written them before the receiver reads.
  const sizeBytes = 200_000;
  const fixture = new TransferFixture({ file: patternBytes(sizeBytes) });
  const share = await fixture.share();
  const shown: number[] = [];
  const onEvent = (event: TransferEvent) => {
    fixture.receiverEvents.push(event);
    if (event.type !== "stalled") return;
    for (const events of [fixture.senderEvents, fixture.receiverEvents]) {
      shown.push(progressOf(events).at(-1)!);
    }
  };
  await inTime(fixture, fixture.fetch(share.ticket, { onEvent, limit: new Gate(1, 3_500) }));
  assert.deepEqual(shown, [sizeBytes - 1, 0, sizeBytes - 1, 0]);
  assert.equal(progressOf(fixture.senderEvents).at(-1), sizeBytes);
  await inTime(fixture, share.close());
});
