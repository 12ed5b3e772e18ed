// A program of addon_test.ts: the memory of connections and streams is released when they have ended, although JavaScript
// refers to all of them. It prints `alive` at its end.

import assert from "node:assert/strict";
import { MIB, soon } from "../net/two_bindings.ts";
import { rawPair } from "./raw_pair.ts";

const CONNECTIONS = 12;
/** Number of rounds of allocation and release: leaks of each round add up. */
const ROUNDS = 4;
const CONTENT = new Uint8Array(8 * MIB);

const resident = () => Deno.memoryUsage().rss;

const kept: unknown[] = [];
const closing: (() => Promise<void>)[] = [];
// The first round is not measured: it creates threads and pools.
await hold(await rawPair());
const beforeBytes = resident();
await holdMany();
const heldBytes = resident() - beforeBytes;
for (let round = 1; round < ROUNDS; round++) {
  await Promise.all(closing.splice(0).map((close) => close()));
  // An allocator may keep memory of the system, which the next round reuses.
  await holdMany();
}
const againBytes = resident() - beforeBytes;
const figures = `${Math.round(heldBytes / MIB)} MiB, and after ${ROUNDS} rounds ${
  Math.round(againBytes / MIB)
}`;
assert.ok(heldBytes > CONNECTIONS * CONTENT.length / 2, figures);
// Without any release it would be four times as much; a leak of a third of each round is detected.
assert.ok(againBytes < 2 * heldBytes, figures);
assert.ok(kept.length > ROUNDS * CONNECTIONS);
await Deno.stdout.write(new TextEncoder().encode("alive\n"));
// The addon's threads keep the process running.
Deno.exit(0);

async function holdMany(): Promise<void> {
  for (let i = 0; i < CONNECTIONS; i++) await hold(await rawPair());
}

/** A stream with many received bytes, and a pending read of more. */
async function hold({ near, far, nearEndpoint, farEndpoint }: Awaited<ReturnType<typeof rawPair>>) {
  const { send, recv } = await near.openBi();
  const writing = send.writeAll([CONTENT]);
  const stream = await far.acceptBi();
  const [answer, receive] = [stream.send, stream.recv];
  // The window admits the requested bytes.
  await soon(Promise.all([writing, receive.ready(CONTENT.length)]));
  const reading = receive.ready(CONTENT.length + 1);
  kept.push(near, far, send, recv, stream, answer, receive, nearEndpoint, farEndpoint);
  const ended = [near.closed(), far.closed()];
  reading.catch(() => {});
  closing.push(async () => {
    near.close(0n, new Uint8Array(0));
    await soon(Promise.all(ended));
    await assert.rejects(soon(reading));
    recv.stop(0n);
    answer.reset(0n);
    await nearEndpoint.close();
    await farEndpoint.close();
  });
}
