// The bytes of streams over both bindings: they arrive as they were, in parts of any size, and no more of them
// are under way than the windows allow.

import assert from "node:assert/strict";
import type { ReceiveStream, SendStream } from "../../../src/engine/ports.ts";
import { readSome } from "../../fakes/streams.ts";
import {
  contract,
  isPending,
  KIB,
  MIB,
  openStream,
  randomBytes,
  soon,
  type Subject,
  withPair,
  withStream,
} from "./two_bindings.ts";

const STREAMS = 8;

/** Both ways at once; the stock binding passes each byte as a number. */
const flowBytes = ({ name }: Subject) => name === "native" ? 32 * MIB : MIB;

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
    const streams: Awaited<ReturnType<typeof openStream>>[] = [];
    // One after the other: otherwise nothing says which end belongs to which.
    while (streams.length < STREAMS) streams.push(await openStream(pair));
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

contract(
  "a writer whose bytes nobody reads stands still, and goes on when somebody does",
  async (subject) => {
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
      assert.ok(taken > 32 * KIB && taken < 5 * MIB, `${taken} bytes were taken`);
      assert.ok(await isPending(writing));
      if (subject.name === "stock") return near.send.reset(3), await writing.catch(() => {});
      let received = 0;
      for (let bytes = await readSome(far.receive, MIB); bytes; bytes = await readSome(far.receive, MIB)) {
        received += bytes.length;
      }
      assert.equal(received, 40 * piece.length);
      await writing;
    });
  },
);
