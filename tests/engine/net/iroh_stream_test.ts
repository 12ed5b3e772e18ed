// The bytes of streams over both bindings: they arrive unchanged, in parts of any size, and no more of them are in flight
// than the windows allow.

import assert from "node:assert/strict";
import type { ReceiveStream, SendStream } from "../../../src/engine/ports.ts";
import { readSome } from "../../fakes/streams.ts";
import { IS_SLOW } from "../../time_limits.ts";
import {
  contract,
  isPending,
  KIB,
  MIB,
  openStream,
  type Pair,
  randomBytes,
  soon,
  type Subject,
  withPair,
  withStream,
} from "./two_bindings.ts";

const STREAMS = 8;

/** Both ways at once; the stock binding passes each byte as a number. */
const flowBytes = ({ name }: Subject) => name === "native" && !IS_SLOW ? 32 * MIB : MIB;

/** Number of round trips after which window updates have arrived. */
const ROUND_TRIPS = 20;

/** Opens a stream, on which each call sends a byte in both directions. */
async function roundTrips(pair: Pair): Promise<() => Promise<void>> {
  const { near, far } = await openStream(pair);
  const pass = async (send: SendStream, receive: ReceiveStream) => {
    await send.write([Uint8Array.of(1)]);
    await receive.ready(1);
    receive.take([new Uint8Array(1)]);
  };
  return async () => {
    await pass(near.send, far.receive);
    await pass(far.send, near.receive);
  };
}

/** Writes the bytes in parts of odd sizes, also empty ones. */
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

/** Reads everything up to the end, into several arrays at a time. */
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

contract("random bytes arrive unchanged, in both directions at once on eight streams", async (subject) => {
  const eachBytes = flowBytes(subject) / STREAMS - 5;
  await withPair(subject, async (pair) => {
    const streams: Awaited<ReturnType<typeof openStream>>[] = [];
    // Sequential, because otherwise the ends could not be assigned to each other.
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
    );
  });
});

contract("no parts, empty parts and a thousand parts are written", async (subject) => {
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

contract("taking more than is buffered throws, and takes nothing", async (subject) => {
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

contract("more than the window of a stream can be awaited", async (subject) => {
  const sizeBytes = subject.name === "native" ? (IS_SLOW ? 6 : 9) * MIB : 2 * MIB;
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
  "a writer whose bytes are not read stalls, and continues when they are",
  async (subject) => {
    await withStream(subject, async ({ near, far }, pair) => {
      const roundTrip = await roundTrips(pair);
      const piece = randomBytes(256 * KIB);
      let writes = 0;
      const writing = (async () => {
        for (; writes < 40; writes++) await near.send.write([piece]);
        await near.send.finish();
      })();
      // It is stalled when round trips of another stream on the same connection have no more effect, because the
      // reader's window updates arrive with them. A writer that has not started is not stalled.
      let taken = -1;
      for (let unchanged = 0; unchanged < ROUND_TRIPS;) {
        await soon(roundTrip());
        unchanged = taken === near.send.takenBytes && taken > 32 * KIB ? unchanged + 1 : 0;
        taken = near.send.takenBytes;
      }
      assert.ok(taken < 5 * MIB, `${taken} bytes were taken`);
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
