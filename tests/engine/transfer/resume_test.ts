// Interrupted downloads over a network and disks in memory: they continue after a lost connection, and from the
// staging folder when they are started again.

import { parseTicket } from "../../../src/engine/wire/ticket.ts";
import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { FetchOptions, TransferEvent } from "../../../src/engine/mod.ts";
import { published } from "../store/staged_receive.ts";
import { newKey, TransferFixture } from "./transfer_fixture.ts";

const MIB = 1024 * 1024;

function noise(sizeBytes: number, seed = 1): Uint8Array {
  return new Uint8Array(sizeBytes).map((_, i) => Math.imul(i + seed, 2654435761) >>> 13);
}

const CONTENT: Record<string, Uint8Array> = {
  "a/empty": new Uint8Array(0),
  "a/small": noise(3000),
  "b/large": noise(23 * MIB + 5, 7),
  "c/block": noise(MIB, 9),
  ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d/${i}`, noise(20_000 + i, i)])),
  "e/other": noise(5 * MIB - 1, 3),
};
const ALL_BYTES = Object.values(CONTENT).reduce((sum, bytes) => sum + bytes.length, 0);

function assertArrived(fixture: TransferFixture): void {
  for (const [name, bytes] of Object.entries(CONTENT)) {
    assert.ok(fixture.receiverDisk.bytesOf(`/dst/src/${name}`)?.every((byte, i) => byte === bytes[i]), name);
    assert.equal(fixture.receiverDisk.bytesOf(`/dst/src/${name}`)?.length, bytes.length, name);
  }
  assert.deepEqual(fixture.receiverDisk.tree("/dst").filter((line) => line.startsWith(".pli-")), []);
}

/** Counts sent bytes, and calls `act` once at a number of them. */
function after(fixture: TransferFixture, bytes: number, act: () => void): { sentBytes: number } {
  const counter = { sentBytes: 0 };
  let isDone = false;
  fixture.network.tamper = (packet) => {
    counter.sentBytes += packet.length;
    if (!isDone && counter.sentBytes >= bytes) {
      isDone = true;
      act();
    }
    return packet;
  };
  return counter;
}

async function inTime<T>(fixture: TransferFixture, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = promise.finally(() => isOver = true);
  settled.catch(() => {});
  while (!isOver) await fixture.clock.pass(500);
  return await settled;
}

for (const sentBytes of [2000, 3 * MIB, 11 * MIB, 24 * MIB]) {
  Deno.test(`a download stopped after ${sentBytes} bytes is resumed`, async () => {
    const fixture = new TransferFixture(CONTENT);
    const share = await fixture.share();
    const secretKey = newKey();
    const stop = new AbortController();
    after(fixture, sentBytes, () => stop.abort());
    let reusableBytes = () => 0;
    const firstBegun: FetchOptions["onBegun"] = (_, reusable) => reusableBytes = reusable;
    await assert.rejects(
      inTime(fixture, fixture.fetch(share.ticket, { secretKey, signal: stop.signal, onBegun: firstBegun })),
      (error) => isPliError(error, "cancelled"),
    );
    assert.deepEqual(published(fixture.receiverDisk, "/dst"), []);
    const second = after(fixture, Infinity, () => {});
    let bytesThere = () => 0;
    let bytesThereAtFirst = -1;
    const onBegun = (doneBytesOf: (index: number) => number) => {
      bytesThere = () => Object.keys(CONTENT).reduce((sum, _, index) => sum + doneBytesOf(index), 0);
      bytesThereAtFirst = bytesThere();
    };
    const fetched = await inTime(fixture, fixture.fetch(share.ticket, { secretKey, onBegun }));
    assertArrived(fixture);
    assert.equal(fetched.bytes, ALL_BYTES);
    assert.equal(bytesThereAtFirst, fetched.resumedBytes);
    assert.equal(fetched.resumedBytes, reusableBytes(), "the first run reported what the second one used");
    assert.equal(bytesThere(), ALL_BYTES);
    assert.ok(
      fetched.resumedBytes >= sentBytes - 8 * MIB,
      `${fetched.resumedBytes} of ${sentBytes} were used`,
    );
    const missingBytes = ALL_BYTES - fetched.resumedBytes;
    assert.ok(second.sentBytes < missingBytes * 1.02 + 200_000, `${second.sentBytes} for ${missingBytes}`);
    assert.equal(await share.ended, "delivered");
    await inTime(fixture, share.close());
  });
}

Deno.test("lost connections are replaced, and no complete block is fetched twice", async () => {
  const fixture = new TransferFixture(CONTENT);
  const share = await fixture.share();
  let cuts = 0;
  let sentBytes = 0;
  let nextCut = MIB;
  fixture.network.tamper = (packet) => {
    sentBytes += packet.length;
    if (sentBytes >= nextCut && cuts < 9) {
      cuts++;
      nextCut += 3 * MIB;
      fixture.network.cut();
    }
    return packet;
  };
  const events: TransferEvent[] = [];
  const fetched = await inTime(
    fixture,
    fixture.fetch(share.ticket, { waitLimits: {}, onEvent: (event) => events.push(event) }),
  );
  assertArrived(fixture);
  assert.equal(cuts, 9);
  assert.equal(fetched.resumedBytes, 0);
  assert.ok(sentBytes < ALL_BYTES + 9 * 2 * MIB, `${sentBytes - ALL_BYTES} bytes came twice`);
  assert.ok(events.some((event) => event.type === "waiting" && event.reason === "reconnecting"));
  assert.equal(await share.ended, "delivered");
  await inTime(fixture, share.close());
});

Deno.test("one file to a function is resumed in its middle, byte for byte in order", async () => {
  const fixture = new TransferFixture({ file: noise(9 * MIB + 11) });
  const share = await fixture.share();
  const counter = after(fixture, 4 * MIB, () => fixture.network.cut());
  const pieces: Uint8Array[] = [];
  const write = (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes.slice()));
  await inTime(
    fixture,
    fixture.fetch(share.ticket, { waitLimits: {}, destination: { kind: "bytes", write } }),
  );
  assert.ok(Buffer.concat(pieces).equals(noise(9 * MIB + 11)));
  assert.ok(counter.sentBytes < 12 * MIB);
  await inTime(fixture, share.close());
});

Deno.test("a sender that is not online is awaited for the given time", async () => {
  const fixture = new TransferFixture({ file: noise(1000) });
  const secretKey = newKey();
  const share = await fixture.share({ secretKey });
  await inTime(fixture, share.close());
  const started = fixture.clock.nowMs();
  await assert.rejects(
    inTime(fixture, fixture.fetch(share.ticket, { waitLimits: { firstMs: 30_000 } })),
    (error) => isPliError(error, "peer_unreachable"),
  );
  const tookMs = fixture.clock.nowMs() - started;
  assert.ok(tookMs >= 30_000 && tookMs <= 45_000, `${tookMs} ms`);
  const fetching = fixture.fetch(share.ticket, { waitLimits: { firstMs: Infinity } });
  await fixture.clock.pass(3_600_000);
  const again = await fixture.share({ secretKey });
  assert.equal(again.ticket, share.ticket);
  await inTime(fixture, fetching);
  assert.equal(await again.ended, "delivered");
  await inTime(fixture, again.close());
});

Deno.test("a sender that is restarted during a download serves the rest under the same ticket", async () => {
  const fixture = new TransferFixture(CONTENT);
  const secretKey = newKey();
  const stop = new AbortController();
  const share = await fixture.share({ secretKey, signal: stop.signal });
  let isGone = false;
  after(fixture, 9 * MIB, () => {
    stop.abort();
    share.close().then(() => isGone = true);
  });
  const fetching = fixture.fetch(share.ticket, { waitLimits: {} });
  while (!isGone) await fixture.clock.pass(500);
  await fixture.clock.pass(120_000);
  const again = await fixture.share({ secretKey });
  const fetched = await inTime(fixture, fetching);
  assertArrived(fixture);
  assert.equal(fetched.bytes, ALL_BYTES);
  assert.equal(await again.ended, "delivered");
  await inTime(fixture, again.close());
});

Deno.test("after the first contact retries end after the given time", async () => {
  const fixture = new TransferFixture(CONTENT);
  const stop = new AbortController();
  const share = await fixture.share({ signal: stop.signal });
  after(fixture, 2 * MIB, () => {
    stop.abort();
    share.close();
  });
  const started = fixture.clock.nowMs();
  await assert.rejects(
    inTime(fixture, fixture.fetch(share.ticket, { waitLimits: { laterMs: 60_000 } })),
    (error) => isPliError(error, "peer_unreachable") || isPliError(error, "connection_lost"),
  );
  const tookMs = fixture.clock.nowMs() - started;
  assert.ok(tookMs >= 60_000 && tookMs <= 90_000, `${tookMs} ms`);
});

Deno.test("a discarded download leaves no files", async () => {
  const fixture = new TransferFixture(CONTENT);
  const share = await fixture.share();
  const stop = new AbortController();
  after(fixture, 5 * MIB, () => stop.abort());
  await assert.rejects(inTime(fixture, fixture.fetch(share.ticket, { signal: stop.signal })));
  assert.notDeepEqual(fixture.receiverDisk.tree("/dst"), []);
  await fixture.receiver.discard({ ticket: parseTicket(share.ticket), folder: "/dst" });
  assert.deepEqual(fixture.receiverDisk.tree("/dst"), []);
  await fixture.receiver.discard({ ticket: parseTicket(share.ticket), folder: "/dst" });
  await inTime(fixture, share.close());
});

Deno.test("D.36 a stream that a provider reset because the receiver's disk stalled is requested again", async () => {
  // Simulation 1280: the reset looks like that of a lost file, and no block had arrived.
  const content = noise(5 * MIB);
  const fixture = new TransferFixture({ file: content });
  const share = await fixture.share();
  const pieces: Uint8Array[] = [];
  const write = async (bytes: Uint8Array) => {
    const part = bytes.slice();
    if (pieces.length === 0) await fixture.clock.sleep(45_000);
    pieces.push(part);
  };
  await inTime(
    fixture,
    fixture.fetch(share.ticket, { waitLimits: {}, destination: { kind: "bytes", write } }),
  );
  assert.ok(Buffer.concat(pieces).equals(content));
  await inTime(fixture, share.close());
});
