// The unacknowledged bytes that a connection reports: exact over the native binding, an estimate over the stock one, and
// none after the acknowledgement of everything, or the end of the stream.

import assert from "node:assert/strict";
import { EstimatedBacklog } from "../../../src/engine/net/estimated_backlog.ts";
import type { Connection } from "../../../src/engine/ports.ts";
import { IS_SLOW } from "../../time_limits.ts";
import {
  contract,
  isPending,
  KIB,
  MIB,
  native,
  randomBytes,
  soon,
  stock,
  type Subject,
  withStream,
} from "./two_bindings.ts";

/** Resolves when a connection holds at most `mostBytes` bytes. */
async function untilHeld(connection: Connection, mostBytes: number): Promise<void> {
  while (connection.backlog().heldBytes > mostBytes) await new Promise((resolve) => setTimeout(resolve, 10));
}

contract(
  "acknowledged bytes are released, although they are not read",
  async (subject) => {
    await withStream(subject, async ({ near }, pair) => {
      const before = pair.near.backlog().releasedBytes;
      await soon(near.send.write([randomBytes(50 * KIB)]));
      await soon(untilHeld(pair.near, 0));
      assert.ok(pair.near.backlog().releasedBytes - before >= 50 * KIB);
    });
  },
);

/**
 * The estimate counts packet headers and retransmissions as payload. The stock binding gets 64 KiB at a time, so on a
 * slow machine that can be everything that is queued.
 */
function leastBytes({ name }: Subject): number {
  return name === "native" ? 1 : 0;
}

contract("bytes beyond the windows are held, until the stream has ended", async (subject) => {
  await withStream(subject, async ({ near }, pair) => {
    const writing = near.send.write([randomBytes(16 * MIB)]);
    writing.catch(() => {});
    assert.ok(await isPending(writing, 500));
    const { heldBytes } = pair.near.backlog();
    assert.ok(heldBytes >= leastBytes(subject) && heldBytes <= 16 * MIB, `${heldBytes} bytes`);
    near.send.reset(3);
    await soon(untilHeld(pair.near, 0));
  });
});

native("all bytes of a pending write are counted", async (subject) => {
  const sizeBytes = (IS_SLOW ? 6 : 16) * MIB;
  await withStream(subject, async ({ near, far }, pair) => {
    const writing = near.send.write([randomBytes(sizeBytes)]);
    assert.ok(await isPending(writing, 500));
    const { heldBytes, releasedBytes } = pair.near.backlog();
    // The byte that opened the stream may be counted or not.
    assert.ok(Math.abs(heldBytes + releasedBytes - sizeBytes) <= 1);
    const take = new Uint8Array(sizeBytes);
    await soon(far.receive.ready(take.length));
    far.receive.take([take]);
    await soon(writing);
    await soon(untilHeld(pair.near, 0));
  });
});

stock("a finished and acknowledged stream is not counted, regardless of the estimate", async (subject) => {
  await withStream(subject, async ({ near, far }, pair) => {
    await soon(near.send.write([randomBytes(300 * KIB)]));
    await near.send.finish();
    await soon(far.receive.ready(300 * KIB));
    far.receive.take([new Uint8Array(300 * KIB)]);
    assert.equal(await soon(near.send.stopped()), null);
    await soon(untilHeld(pair.near, 0));
  });
});

Deno.test("E.17 the estimate: bytes in no packet are held, and packets before a write are not counted", () => {
  let sentBytes = 5_000;
  const backlog = new EstimatedBacklog(() => sentBytes);
  backlog.wrote(1_000);
  assert.deepEqual(backlog.now(), { heldBytes: 1_000, releasedBytes: 0 });
  sentBytes += 400;
  assert.deepEqual(backlog.now(), { heldBytes: 600, releasedBytes: 400 });
  // A lost packet is subtracted.
  sentBytes -= 100;
  assert.deepEqual(backlog.now(), { heldBytes: 600, releasedBytes: 400 });
  sentBytes += 10_000;
  assert.deepEqual(backlog.now(), { heldBytes: 0, releasedBytes: 1_000 });
  backlog.wrote(20_000_000);
  assert.equal(backlog.now().heldBytes, 10_000_000, "at most the bytes that the binding holds");
  backlog.closed(1_000);
  backlog.closed(20_000_000);
  assert.deepEqual(backlog.now(), { heldBytes: 0, releasedBytes: 20_001_000 });
});
