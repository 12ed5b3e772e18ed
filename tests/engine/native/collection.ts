// Run as a process by addon_test.ts, with `gc()`: what becomes of streams without references, and that
// those under way outlive every collection. Prints `alive` when all is as it should be.

import assert from "node:assert/strict";
import { MIB, randomBytes, soon, withStream } from "../net/two_bindings.ts";
import { binding, rawPair } from "./raw_pair.ts";

declare function gc(): void;

const FLOW_BYTES = 64 * MIB;

/** Gives finalisers, which run after a collection, their turn. */
async function collect(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const { near, far, nearEndpoint, farEndpoint } = await rawPair();

// What was begun and not finished must not look whole.
await (async () => await (await near.openBi()).send.writeAll([Uint8Array.of(1)]))();
const cut = (await far.acceptBi()).recv;
await collect();
await assert.rejects(soon(cut.ready(2)), /\bReset\(3\)/);

// What was finished is whole, although there is no reference to it.
await (async () => {
  const { send } = await near.openBi();
  await send.writeAll([Uint8Array.of(1)]);
  send.finish();
})();
const whole = (await far.acceptBi()).recv;
await collect();
assert.equal(await soon(whole.ready(2)), 1);

// A write that waits is carried to its end without a holder; the stream is cut short only then.
const blocked = near.openBi().then(({ send }) => send.writeAll([new Uint8Array(4 * MIB)]));
const slow = (await far.acceptBi()).recv;
await collect();
const reading = assert.rejects(soon(slow.ready(4 * MIB + 1)), /\bReset\(3\)/);
await soon(blocked);
await collect();
await reading;

// Of a stream without a reader the peer is stopped.
await (async () => await (await near.openBi()).send.writeAll([Uint8Array.of(1)]))();
const { send } = await far.acceptBi();
await collect();
assert.equal(await soon(send.stopped()), 0);

await nearEndpoint.close();
await farEndpoint.close();

let isFlowing = true;
let collections = 0;
await withStream({ name: "native", binding }, async (stream) => {
  const sent = randomBytes(FLOW_BYTES);
  const collecting = (async () => {
    for (; isFlowing; collections++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  const received = new Uint8Array(FLOW_BYTES);
  const reading = (async () => {
    for (let filled = 0; filled < FLOW_BYTES;) {
      const count = Math.min(await stream.far.receive.ready(1), FLOW_BYTES - filled);
      assert.ok(count > 0);
      stream.far.receive.take([received.subarray(filled, filled += count)]);
    }
    assert.equal(await stream.far.receive.ready(1), 0);
  })();
  for (let start = 0; start < FLOW_BYTES; start += MIB) {
    await stream.near.send.write([sent.subarray(start, start + MIB)]);
  }
  await stream.near.send.finish();
  await soon(reading);
  isFlowing = false;
  await collecting;
  assert.ok(Buffer.from(received.buffer).equals(sent));
  assert.ok(collections > 20, `${collections} collections`);
});

await Deno.stdout.write(new TextEncoder().encode("alive\n"));
// The addon's threads would keep the process alive.
Deno.exit(0);
