// Rate limits: the token bucket alone, and whole transfers with a limit in virtual time, in which no timeout treats the
// low speed as a stall.

import assert from "node:assert/strict";
import {
  isPliError,
  LEAST_BYTES_PER_SECOND,
  parseTicket,
  RateLimit,
  type ShareOptions,
} from "../../../src/engine/mod.ts";
import type { BindEndpoint, Connection } from "../../../src/engine/ports.ts";
import { lengthOf, slices } from "../../../src/engine/transfer/rate_limit.ts";
import { BLOBS_ALPN } from "../../../src/engine/wire/request.ts";
import { TransferFixture } from "./transfer_fixture.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const noise = (bytes: number) => new Uint8Array(bytes).map((_, i) => Math.imul(i, 2654435761) >>> 13);

Deno.test("in no quarter of a second are more bytes granted than its share, and in the long run exactly the limit", () => {
  const limit = new RateLimit(64_000);
  const moved: { atMs: number; bytes: number }[] = [];
  const wishes = [8_000, 1, 4_096, 8_000, 77, 3_000];
  let nowMs = 0;
  for (let i = 0; nowMs < 20_000; i++) {
    // Pauses: an unused limit must not accumulate.
    if (i % 50 === 49) nowMs += 700;
    const bytes = wishes[i % wishes.length];
    nowMs += limit.take(bytes, nowMs);
    moved.push({ atMs: nowMs, bytes });
  }
  for (const { atMs } of moved) {
    const window = moved.filter((other) => other.atMs >= atMs && other.atMs < atMs + 250);
    const bytes = window.reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(bytes <= 64_000 * (0.25 + 0.125) + 8_000, `${bytes} bytes from ${atMs} ms on`);
  }
  const busy = new RateLimit(64_000);
  let endMs = 0;
  for (let bytes = 0; bytes < 640_000; bytes += 4_000) endMs += busy.take(4_000, endMs);
  assert.ok(Math.abs(endMs - 10_000) < 250, `${endMs} ms`);
});

Deno.test("a limit below the least one is refused, also when it is set later", () => {
  for (const value of [0, -1, NaN, Infinity, 1e-9, 1, LEAST_BYTES_PER_SECOND - 1]) {
    assert.throws(() => new RateLimit(value), RangeError);
    const limit = new RateLimit(64_000);
    assert.throws(() => limit.bytesPerSecond = value, RangeError);
    assert.equal(limit.bytesPerSecond, 64_000);
  }
  assert.equal(new RateLimit(LEAST_BYTES_PER_SECOND).bytesPerSecond, LEAST_BYTES_PER_SECOND);
});

Deno.test("requests are served in order, and streams in turn get equal shares", () => {
  const limit = new RateLimit(100_000);
  limit.take(12_500, 0);
  const waits = [limit.take(10_000, 0), limit.take(10_000, 0), limit.take(10_000, 0)];
  assert.deepEqual(waits, [0, 100, 200]);
});

Deno.test("without a limit nothing waits, and a limit can be set and removed at any time", () => {
  const limit = new RateLimit(null);
  assert.equal(limit.pieceBytes, Infinity);
  assert.equal(limit.take(1e12, 0), 0);
  limit.bytesPerSecond = 100_000;
  assert.equal(limit.take(100_000, 0), 0);
  assert.ok(limit.take(1, 0) >= 800);
  limit.bytesPerSecond = null;
  assert.equal(limit.take(1e12, 0), 0);
});

Deno.test("slices are views of all bytes in order, none too long", () => {
  const parts = [noise(10), noise(0), noise(25), noise(1), noise(7)];
  const whole = parts.flatMap((part) => [...part]);
  for (const pieceBytes of [1, 3, 7, 10, 43, 1_000, Infinity]) {
    const pieces = [...slices(parts, pieceBytes)];
    assert.deepEqual(pieces.flat().flatMap((view) => [...view]), whole);
    assert.ok(pieces.slice(0, -1).every((piece) => lengthOf(piece) === pieceBytes), `${pieceBytes}`);
    assert.ok(pieces.every((piece) => lengthOf(piece) <= pieceBytes));
    assert.ok(pieces.flat().every((view) => parts.some(({ buffer }) => buffer === view.buffer)));
  }
});

/** Advances the clock until a promise is settled. Resolves to the duration. */
async function passed(fixture: TransferFixture, work: Promise<unknown>): Promise<number> {
  let isOver = false;
  work.catch(() => {}).finally(() => isOver = true);
  const startMs = fixture.clock.nowMs();
  while (!isOver) {
    assert.ok(fixture.clock.nowMs() - startMs < 300_000, "the transfer does not end");
    await fixture.clock.pass(500);
  }
  await work;
  return fixture.clock.nowMs() - startMs;
}

const SHARED: ShareOptions = {
  paths: ["/src"],
  secretKey: new Uint8Array(32).fill(8),
  relay: "disabled",
  ticketKind: "auto",
  keep: false,
  onEvent: () => {},
};

/** Counts the provider's connections for data, and the streams that it resets. */
class Count {
  connections = 0;
  resets = 0;

  bind(bind: BindEndpoint): BindEndpoint {
    return (options) => {
      const handle = options.accept.get(BLOBS_ALPN)!;
      const counted = (connection: Connection) => {
        this.connections++;
        const acceptBi = connection.acceptBi.bind(connection);
        connection.acceptBi = async () => {
          const stream = await acceptBi();
          const reset = stream?.send.reset.bind(stream.send);
          if (stream !== null) {
            stream.send.reset = (code) => {
              this.resets++;
              reset!(code);
            };
          }
          return stream;
        };
        return handle(connection);
      };
      return bind({ ...options, accept: new Map([...options.accept, [BLOBS_ALPN, counted]]) });
    };
  }
}

for (const side of ["sender", "receiver"] as const) {
  Deno.test(`64 kB/s, the ${side}'s limit: the expected time, steady progress, and no stall`, async () => {
    const content = noise(900_000);
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`small/${i}`, noise(4_000 + i)]));
    const fixture = new TransferFixture({ large: content, ...files });
    fixture.network.windowStepBytes = 32 * KIB;
    // A long round trip, for which a receiver starts with several streams.
    fixture.network.rttMs = 60;
    const limit = new RateLimit(64_000);
    const count = new Count();
    const sender = fixture.engine(fixture.senderDisk, fixture.clock, count.bind(fixture.network.bind));
    const reported: { atMs: number; bytes: number }[] = [];
    const share = await sender.share({
      ...SHARED,
      ...(side === "sender" && { limit }),
      onEvent: (event) => {
        if (event.type === "progress") reported.push({ atMs: fixture.clock.nowMs(), bytes: event.bytes });
      },
    });
    const progress: { atMs: number; bytes: number }[] = [];
    const fetching = fixture.receiver.fetch({
      ticket: parseTicket(share.ticket),
      secretKey: new Uint8Array(32).fill(9),
      relay: "disabled",
      destination: { kind: "folder", folder: "/dst", existing: "merge" },
      decide: () => Promise.resolve(true),
      ...(side === "receiver" && { limit }),
      onEvent: (event) => {
        if (event.type === "progress") progress.push({ atMs: fixture.clock.nowMs(), bytes: event.bytes });
      },
    });
    const tookMs = await passed(fixture, fetching);
    const wantedMs = (900_000 + 80_190) / 64;
    assert.ok(tookMs > wantedMs * 0.95 && tookMs < wantedMs * 1.15, `${tookMs} ms instead of ${wantedMs}`);
    assert.deepEqual({ ...count }, { connections: 1, resets: 0 });
    assert.ok(Buffer.from(fixture.receiverDisk.bytesOf("/dst/src/large")!).equals(content));
    // The limited side reports progress every second.
    const watched = side === "sender" ? reported : progress;
    for (let i = 1; i < watched.length; i++) {
      const gapMs = watched[i].atMs - watched[i - 1].atMs;
      assert.ok(gapMs <= 2_500, `nothing was told for ${gapMs} ms at ${watched[i].bytes} bytes`);
    }
    assert.ok(watched.length >= 10);
    assert.equal(await share.ended, "delivered");
    let isClosed = false;
    share.close().then(() => isClosed = true);
    while (!isClosed) await fixture.clock.pass(500);
  });
}

Deno.test("a receiver with a low limit uses so few streams that each has progress for the provider", async () => {
  const fixture = new TransferFixture({ large: noise(12 * MIB) });
  fixture.network.windowBytes = 2 * MIB;
  fixture.network.windowStepBytes = 256 * KIB;
  fixture.network.rttMs = 60;
  const count = new Count();
  const sender = fixture.engine(fixture.senderDisk, fixture.clock, count.bind(fixture.network.bind));
  const share = await sender.share({ ...SHARED, keep: true });
  const stop = new AbortController();
  const fetching = fixture.receiver.fetch({
    ticket: parseTicket(share.ticket),
    secretKey: new Uint8Array(32).fill(9),
    relay: "disabled",
    destination: { kind: "folder", folder: "/dst", existing: "merge" },
    decide: () => Promise.resolve(true),
    limit: new RateLimit(20_000),
    onEvent: () => {},
    signal: stop.signal,
  });
  const cancelled = assert.rejects(fetching);
  await fixture.clock.pass(50_000);
  assert.deepEqual({ ...count }, { connections: 1, resets: 0 });
  stop.abort();
  await passed(fixture, cancelled);
  await passed(fixture, share.close());
});

Deno.test("two receivers share a limit equally", async () => {
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i}`, noise(1_000)]));
  const fixture = new TransferFixture(files);
  const share = await fixture.share({ keep: true, limit: new RateLimit(100_000) });
  const fetches = ["/dst/a", "/dst/b"].map((folder) => {
    fixture.receiverDisk.makeFolders(folder);
    return fixture.fetch(share.ticket, { destination: { kind: "folder", folder, existing: "merge" } });
  });
  const ends: number[] = [];
  for (const fetch of fetches) fetch.then(() => ends.push(fixture.clock.nowMs()));
  await passed(fixture, Promise.all(fetches));
  const [firstMs, lastMs] = ends;
  assert.ok(lastMs >= 5_500 && lastMs <= 7_500, `${lastMs} ms`);
  assert.ok(firstMs >= lastMs * 0.8, `one had everything at ${firstMs} ms, the other at ${lastMs}`);
  await passed(fixture, share.close());
});

Deno.test("many receivers under one low limit: each has progress, and none is disconnected", async () => {
  const receivers = 3;
  const fixture = new TransferFixture({ large: noise(6 * MIB) });
  const count = new Count();
  const sender = fixture.engine(fixture.senderDisk, fixture.clock, count.bind(fixture.network.bind));
  const share = await sender.share({ ...SHARED, keep: true, limit: new RateLimit(100_000) });
  const stop = new AbortController();
  const bytes = new Map<number, number>();
  const cancelled = Promise.all(Array.from({ length: receivers }, async (_, i) => {
    // They connect in turn, while the memory for answers is in use.
    await fixture.clock.sleep(i * 1_000);
    fixture.receiverDisk.makeFolders(`/dst/${i}`);
    await assert.rejects(
      fixture.fetch(share.ticket, {
        destination: { kind: "folder", folder: `/dst/${i}`, existing: "merge" },
        signal: stop.signal,
        onEvent: (event) => {
          if (event.type === "progress") bytes.set(i, event.bytes);
        },
      }),
      (error) => isPliError(error, "cancelled"),
    );
  }));
  await fixture.clock.pass(33_000);
  assert.deepEqual({ ...count }, { connections: receivers, resets: 0 });
  const least = Math.min(...Array.from({ length: receivers }, (_, i) => bytes.get(i) ?? 0));
  assert.ok(least >= 64 * KIB, `one got ${least} bytes of ${[...bytes.values()]}`);
  stop.abort();
  await passed(fixture, cancelled);
  await passed(fixture, share.close());
});
