// A program of addon_test.ts, with `gc()`: streams without references are reset, and those in use are not collected. It
// prints `alive` at its end.

import assert from "node:assert/strict";
import { MIB, randomBytes, soon, withStream } from "../net/two_bindings.ts";
import { binding, rawPair } from "./raw_pair.ts";

declare function gc(): void;

const FLOW_BYTES = 64 * MIB;

/** Collects garbage and runs the finalisers. */
async function collect(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const { near, far, nearEndpoint, farEndpoint } = await rawPair();

// An unfinished stream must not appear complete.
await (async () => await (await near.openBi()).send.writeAll([Uint8Array.of(1)]))();
const cut = (await far.acceptBi()).recv;
await collect();
await assert.rejects(soon(cut.ready(2)), /\bReset\(3\)/);

// A finished stream is complete, without a reference to it.
await (async () => {
  const { send } = await near.openBi();
  await send.writeAll([Uint8Array.of(1)]);
  send.finish();
})();
const whole = (await far.acceptBi()).recv;
await collect();
assert.equal(await soon(whole.ready(2)), 1);

// A pending write without a reference is completed; the stream is reset only then.
const blocked = near.openBi().then(({ send }) => send.writeAll([new Uint8Array(4 * MIB)]));
const slow = (await far.acceptBi()).recv;
await collect();
const reading = assert.rejects(soon(slow.ready(4 * MIB + 1)), /\bReset\(3\)/);
await soon(blocked);
await collect();
await reading;

// The peer of a stream without a reader is stopped.
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
// The addon's threads keep the process running.
Deno.exit(0);
