// Run as a process by addon_test.ts: what connections and streams held is given back when they have ended, though
// JavaScript still has them all. Prints `alive` when it is.

import assert from "node:assert/strict";
import { MIB, soon } from "../net/two_bindings.ts";
import { rawPair } from "./raw_pair.ts";

const CONNECTIONS = 12;
const CONTENT = new Uint8Array(8 * MIB);

const resident = () => Deno.memoryUsage().rss;

const kept: unknown[] = [];
const closing: (() => Promise<void>)[] = [];
// The first is no measurement: it makes threads and pools.
await hold(await rawPair());
const beforeBytes = resident();
await holdMany();
const heldBytes = resident() - beforeBytes;
await Promise.all(closing.map((close) => close()));
// An allocator may keep what it got from the system: then what comes next finds it there.
await holdMany();
const againBytes = resident() - beforeBytes;
const figures = `${Math.round(heldBytes / MIB)} MiB, and then ${Math.round(againBytes / MIB)}`;
assert.ok(heldBytes > CONNECTIONS * CONTENT.length / 2, figures);
assert.ok(againBytes < 1.6 * heldBytes, figures);
assert.ok(kept.length > CONNECTIONS);
await Deno.stdout.write(new TextEncoder().encode("alive\n"));
// The addon's threads would keep the process alive.
Deno.exit(0);

async function holdMany(): Promise<void> {
  for (let i = 0; i < CONNECTIONS; i++) await hold(await rawPair());
  await new Promise((resolve) => setTimeout(resolve, 500));
}

/** A stream on which much has come, and somebody who waits for more. */
async function hold({ near, far, nearEndpoint, farEndpoint }: Awaited<ReturnType<typeof rawPair>>) {
  const { send, recv } = await near.openBi();
  const writing = send.writeAll([CONTENT]);
  const stream = await far.acceptBi();
  const [answer, receive] = [stream.send, stream.recv];
  const reading = receive.ready(CONTENT.length + 1);
  await writing;
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
