// What the two directions of a stream do over every binding: bytes, ends, codes, and how much may be under way.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { ReceiveStream, SendStream } from "../../../src/engine/ports.ts";
import { readSome } from "../../fakes/streams.ts";
import {
  contract,
  isPending,
  KIB,
  MIB,
  native,
  openStream,
  randomBytes,
  soon,
  type Subject,
  withPair,
  withStream,
} from "./two_bindings.ts";

const STREAMS = 8;
const CODES = [0, 7, 2 ** 32, 2 ** 40];

/** Both ways at once; the stock binding passes each byte as a number. */
const flowBytes = ({ name }: Subject) => name === "native" ? 32 * MIB : MIB;

const isReset = (code: number) => (error: unknown) =>
  isPliError(error, "stream_reset") && error.parameters.streamCode === code;
const isLost = (error: unknown) => isPliError(error, "connection_lost");

/** Sizes that fit to nothing, empty ones among them, until the bytes are used up. */
function* oddParts(bytes: Uint8Array): Generator<Uint8Array> {
  const sizes = [1, 1199, 0, 65_537, 31, 300_001, 16_385];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const part = bytes.subarray(start, start + sizes[i % sizes.length]);
    start += part.length;
    yield part;
  }
}

async function writeOdd(stream: SendStream, bytes: Uint8Array): Promise<void> {
  const parts = [...oddParts(bytes)];
  for (let i = 0; i < parts.length; i += 5) await stream.write(parts.slice(i, i + 5));
  await stream.finish();
}

/** Everything to the end, taken into several arrays at a time. */
async function readOdd(stream: ReceiveStream, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  for (let wanted = 1; filled < sizeBytes; wanted = wanted * 3 % 200_003) {
    const waiting = await stream.ready(Math.min(wanted, sizeBytes - filled));
    assert.ok(waiting > 0, "the stream ended early");
    const taken = bytes.subarray(filled, filled + waiting);
    stream.take([...oddParts(taken)]);
    filled += taken.length;
  }
  assert.equal(await stream.ready(1), 0);
  return bytes;
}

contract("random bytes arrive as they were, both ways at once on eight streams", async (subject) => {
  const eachBytes = flowBytes(subject) / STREAMS - 5;
  await withPair(subject, async (pair) => {
    const streams = await Promise.all(Array.from({ length: STREAMS }, () => openStream(pair)));
    const oneWay = async (send: SendStream, receive: ReceiveStream) => {
      const sent = randomBytes(eachBytes);
      const [received] = await Promise.all([readOdd(receive, eachBytes), writeOdd(send, sent)]);
      assert.ok(Buffer.from(received.buffer).equals(sent));
      assert.equal(await send.stopped(), null);
    };
    await soon(
      Promise.all(streams.flatMap(({ near, far }) => [
        oneWay(near.send, far.receive),
        oneWay(far.send, near.receive),
      ])),
      30_000,
    );
  });
});

contract("no parts, empty parts and a thousand parts are written as they are", async (subject) => {
  await withStream(subject, async ({ near, far }) => {
    const before = near.send.takenBytes;
    await near.send.write([]);
    await near.send.write([new Uint8Array(0), new Uint8Array(0)]);
    assert.equal(near.send.takenBytes, before);
    const bytes = randomBytes(50_000);
    await near.send.write(Array.from({ length: 1000 }, (_, i) => bytes.subarray(i * 50, i * 50 + 50)));
    assert.equal(near.send.takenBytes, before + 50_000);
    await near.send.finish();
    assert.equal(await soon(far.receive.ready(50_001)), 50_000);
    assert.equal(far.receive.receivedBytes, before + 50_000);
    const views = Array.from({ length: 1000 }, () => new Uint8Array(50));
    far.receive.take(views);
    assert.ok(Buffer.concat(views).equals(bytes));
  });
});

contract("taking more than waits throws and takes nothing", async (subject) => {
  await withStream(subject, async ({ near, far }) => {
    await near.send.write([Uint8Array.of(1, 2, 3)]);
    await near.send.finish();
    assert.equal(await far.receive.ready(10), 3);
    const views = [new Uint8Array(2), new Uint8Array(2)];
    assert.throws(() => far.receive.take(views), Error);
    assert.deepEqual(views, [new Uint8Array(2), new Uint8Array(2)]);
    far.receive.take([]);
    far.receive.take([new Uint8Array(0), views[0]]);
    assert.deepEqual(views[0], Uint8Array.of(1, 2));
    assert.equal(await far.receive.ready(1), 1);
    assert.throws(() => far.receive.take([new Uint8Array(2)]), Error);
    far.receive.take([views[1].subarray(0, 1)]);
    assert.deepEqual(views[1], Uint8Array.of(3, 0));
    assert.equal(await far.receive.ready(1), 0);
  });
});

contract("more than the window of a stream can be waited for", async (subject) => {
  const sizeBytes = subject.name === "native" ? 9 * MIB : 2 * MIB;
  await withStream(subject, async ({ near, far }) => {
    const sent = randomBytes(sizeBytes);
    const writing = near.send.write([sent]);
    assert.ok(await soon(far.receive.ready(sizeBytes)) >= sizeBytes);
    await writing;
    const received = new Uint8Array(sizeBytes);
    far.receive.take([received]);
    assert.ok(Buffer.from(received.buffer).equals(sent));
  });
});

contract("a reset arrives with its code, both ways, however large", async (subject) => {
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

contract("a stop arrives with its code, both ways, however large", async (subject) => {
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

contract("what was finished is told as there, or as stopped with the code", async (subject) => {
  await withPair(subject, async (pair) => {
    const whole = await openStream(pair);
    await whole.near.send.finish();
    const stopped = whole.near.send.stopped();
    assert.equal(await soon(whole.far.receive.ready(1)), 0);
    assert.equal(await soon(stopped), null);
    const unread = await openStream(pair);
    await unread.near.send.write([new Uint8Array(8)]);
    unread.far.receive.stop(9);
    assert.ok([9, null].includes(await soon(unread.near.send.finish().then(() => unread.near.send.stopped()))));
  });
});

native("whether the other side stopped can be asked before the end", async (subject) => {
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

contract("a writer whose bytes nobody reads stands still, and goes on when somebody does", async (subject) => {
  await withStream(subject, async ({ near, far }) => {
    const piece = randomBytes(256 * KIB);
    let writes = 0;
    const writing = (async () => {
      for (; writes < 40; writes++) await near.send.write([piece]);
      await near.send.finish();
    })();
    let taken = -1;
    while (taken !== near.send.takenBytes) {
      taken = near.send.takenBytes;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assert.ok(taken > 256 * KIB && taken < 5 * MIB, `${taken} bytes were taken`);
    assert.ok(await isPending(writing));
    if (subject.name === "stock") return near.send.reset(3), await writing.catch(() => {});
    let received = 0;
    for (let bytes = await readSome(far.receive, MIB); bytes; bytes = await readSome(far.receive, MIB)) {
      received += bytes.length;
    }
    assert.equal(received, 40 * piece.length);
    await writing;
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

native("a reset ends a blocked write, arrives with its code, and leaves the connection", async (subject) => {
  await withStream(subject, async ({ near, far }, pair) => {
    const blocked = near.send.write([new Uint8Array(8 * MIB)]);
    assert.ok(await isPending(blocked));
    near.send.reset(2 ** 40);
    await assert.rejects(soon(blocked, 1000), isLost);
    await assert.rejects(soon(far.receive.ready(8 * MIB)), isReset(2 ** 40));
    await openStream(pair);
  });
});

native("a stop ends a pending read, arrives with its code, and leaves the connection", async (subject) => {
  await withStream(subject, async ({ near, far }, pair) => {
    const reading = far.receive.ready(10);
    assert.ok(await isPending(reading));
    far.receive.stop(2 ** 40);
    assert.equal(await soon(reading, 1000), 0);
    assert.equal(await soon(near.send.stopped()), 2 ** 40);
    await openStream(pair);
  });
});

native("a reset ends the question whether the other side stopped", async (subject) => {
  await withStream(subject, async ({ near }) => {
    const stopped = near.send.stopped();
    near.send.reset(3);
    await soon(stopped.catch(() => {}), 1000);
  });
});

Deno.test("the stock binding: abandoning a blocked call closes the connection instead of hanging", async () => {
  const { stockBinding } = await import("../../../src/engine/net/stock_binding.ts");
  const subject = { name: "stock", binding: stockBinding() } as const;
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
