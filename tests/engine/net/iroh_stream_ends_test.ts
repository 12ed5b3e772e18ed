// The ends of streams over both bindings: finished, reset and stopped, with pending calls or not. The stock
// binding's streams have one lock each, so there a blocked call is ended with its whole connection.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { SendStream } from "../../../src/engine/ports.ts";
import { atMost } from "../../time_limits.ts";
import {
  contract,
  isPending,
  MIB,
  native,
  openStream,
  soon,
  stock,
  withPair,
  withStream,
} from "./two_bindings.ts";

const CODES = [0, 7, 2 ** 32, 2 ** 40];

const isReset = (code: number) => (error: unknown) =>
  isPliError(error, "stream_reset") && error.parameters.streamCode === code;
const isLost = (error: unknown) => isPliError(error, "connection_lost");

contract("a reset arrives with its code, in both directions, up to the largest", async (subject) => {
  await withPair(subject, async (pair) => {
    for (const code of CODES) {
      const { near, far } = await openStream(pair);
      near.send.reset(code);
      await assert.rejects(soon(far.receive.ready(1)), isReset(code));
      far.send.reset(code);
      await assert.rejects(soon(near.receive.ready(1)), isReset(code));
      await assert.rejects(soon(near.send.write([Uint8Array.of(1)])));
    }
  });
});

contract("a stop arrives with its code, in both directions, up to the largest", async (subject) => {
  const writeOn = async (send: SendStream) => {
    for (let i = 0; i < 2000; i++) await send.write([new Uint8Array(1000)]);
  };
  await withPair(subject, async (pair) => {
    for (const code of CODES) {
      const { near, far } = await openStream(pair);
      far.receive.stop(code);
      await assert.rejects(soon(writeOn(near.send)), isReset(code));
      near.receive.stop(code);
      await assert.rejects(soon(writeOn(far.send)), isReset(code));
    }
  });
});

contract("a finished stream is reported as delivered, or as stopped with the code", async (subject) => {
  await withPair(subject, async (pair) => {
    const whole = await openStream(pair);
    await whole.near.send.finish();
    const stopped = whole.near.send.stopped();
    assert.equal(await soon(whole.far.receive.ready(1)), 0);
    assert.equal(await soon(stopped), null);
    const unread = await openStream(pair);
    await unread.near.send.write([new Uint8Array(8)]);
    unread.far.receive.stop(9);
    assert.ok(
      [9, null].includes(await soon(unread.near.send.finish().then(() => unread.near.send.stopped()))),
    );
  });
});

native("stopped() can be called before the end", async (subject) => {
  await withPair(subject, async (pair) => {
    const stopped = await openStream(pair);
    const code = stopped.near.send.stopped();
    assert.ok(await isPending(code));
    await stopped.near.send.write([new Uint8Array(8)]);
    stopped.far.receive.stop(2 ** 40);
    assert.equal(await soon(code), 2 ** 40);
    const whole = await openStream(pair);
    const end = whole.near.send.stopped();
    await whole.near.send.finish();
    assert.equal(await soon(whole.far.receive.ready(1)), 0);
    assert.equal(await soon(end), null);
  });
});

contract("closing the connection ends a write that is blocked", async (subject) => {
  await withStream(subject, async ({ near }, pair) => {
    const blocked = near.send.write([new Uint8Array(4 * MIB)]);
    assert.ok(await isPending(blocked));
    pair.far.close(5);
    await assert.rejects(soon(blocked), isLost);
    await soon(pair.near.closed);
  });
});

native(
  "a reset ends a blocked write, arrives with its code, and keeps the connection open",
  async (subject) => {
    await withStream(subject, async ({ near, far }, pair) => {
      const blocked = near.send.write([new Uint8Array(8 * MIB)]);
      assert.ok(await isPending(blocked));
      near.send.reset(2 ** 40);
      await assert.rejects(soon(blocked, atMost(1000)), isLost);
      await assert.rejects(soon(far.receive.ready(8 * MIB)), isReset(2 ** 40));
      await openStream(pair);
    });
  },
);

native(
  "a stop ends a pending read, arrives with its code, and keeps the connection open",
  async (subject) => {
    await withStream(subject, async ({ near, far }, pair) => {
      const reading = far.receive.ready(10);
      assert.ok(await isPending(reading));
      far.receive.stop(2 ** 40);
      // It is not reported as ended by the other side.
      await assert.rejects(soon(reading, atMost(1000)), isLost);
      await assert.rejects(soon(far.receive.ready(1)), isLost);
      assert.equal(await soon(near.send.stopped()), 2 ** 40);
      await openStream(pair);
    });
  },
);

native("a reset ends a pending stopped()", async (subject) => {
  await withStream(subject, async ({ near }) => {
    const stopped = near.send.stopped();
    near.send.reset(3);
    await assert.rejects(soon(stopped, atMost(1000)), isLost);
    await assert.rejects(soon(near.send.stopped()), isLost);
  });
});

stock("abandoning a blocked call closes the connection instead of hanging", async (subject) => {
  await withStream(subject, async ({ near }, pair) => {
    const blocked = near.send.write([new Uint8Array(4 * MIB)]);
    assert.ok(await isPending(blocked));
    near.send.reset(3);
    await assert.rejects(soon(blocked), isLost);
    await soon(pair.near.closed);
  });
  await withStream(subject, async ({ far }, pair) => {
    const reading = far.receive.ready(1);
    assert.ok(await isPending(reading));
    far.receive.stop(3);
    await assert.rejects(soon(reading), isLost);
    await soon(pair.far.closed);
  });
});
