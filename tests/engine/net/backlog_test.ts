// The written bytes that a connection reports to keep: exactly over the native binding, by an estimate over the stock
// one, and in both cases none after the acknowledgement of everything, or the end of the stream.

import assert from "node:assert/strict";
import { EstimatedBacklog } from "../../../src/engine/net/estimated_backlog.ts";
import type { Connection } from "../../../src/engine/ports.ts";
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

/** Resolves when a connection holds no more than so many bytes. */
async function untilHeld(connection: Connection, mostBytes: number): Promise<void> {
  while (connection.backlog().heldBytes > mostBytes) await new Promise((resolve) => setTimeout(resolve, 10));
}

contract(
  "acknowledged bytes are kept no longer, although they are not read",
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

contract("what does not fit into the windows is kept, until the stream is gone", async (subject) => {
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

native("all of a write that waits is counted", async (subject) => {
  await withStream(subject, async ({ near, far }, pair) => {
    const writing = near.send.write([randomBytes(16 * MIB)]);
    assert.ok(await isPending(writing, 500));
    const { heldBytes, releasedBytes } = pair.near.backlog();
    // One byte opened the stream: it may be counted or not.
    assert.ok(Math.abs(heldBytes + releasedBytes - 16 * MIB) <= 1);
    const take = new Uint8Array(16 * MIB);
    await soon(far.receive.ready(take.length), 20_000);
    far.receive.take([take]);
    await soon(writing);
    await soon(untilHeld(pair.near, 0));
  });
});

stock("a stream that has ended well is not kept, whatever the estimate says", async (subject) => {
  await withStream(subject, async ({ near, far }, pair) => {
    await soon(near.send.write([randomBytes(300 * KIB)]));
    await near.send.finish();
    await soon(far.receive.ready(300 * KIB));
    far.receive.take([new Uint8Array(300 * KIB)]);
    assert.equal(await soon(near.send.stopped()), null);
    await soon(untilHeld(pair.near, 0));
  });
});

Deno.test("E.17 the estimate: what is in no packet is held, and packets before a write are none of its", () => {
  let sentBytes = 5_000;
  const backlog = new EstimatedBacklog(() => sentBytes);
  backlog.wrote(1_000);
  assert.deepEqual(backlog.now(), { heldBytes: 1_000, releasedBytes: 0 });
  sentBytes += 400;
  assert.deepEqual(backlog.now(), { heldBytes: 600, releasedBytes: 400 });
  // A packet that was lost is taken back.
  sentBytes -= 100;
  assert.deepEqual(backlog.now(), { heldBytes: 600, releasedBytes: 400 });
  sentBytes += 10_000;
  assert.deepEqual(backlog.now(), { heldBytes: 0, releasedBytes: 1_000 });
  backlog.wrote(20_000_000);
  assert.equal(backlog.now().heldBytes, 10_000_000, "never more than the binding keeps");
  backlog.closed(1_000);
  backlog.closed(20_000_000);
  assert.deepEqual(backlog.now(), { heldBytes: 0, releasedBytes: 20_001_000 });
});
