// The sockets of a closed endpoint are closed at once, regardless of references in JavaScript: a resumed share can bind
// the port in its ticket, and a long-running page holds no sockets of ended transfers. A stream that was not read to its
// end, or whose delivery was not awaited, keeps them until it is collected; so does an endpoint of the stock binding.

import assert from "node:assert/strict";
import type { Endpoint } from "../../../src/engine/ports.ts";
import { eventually } from "../../time_limits.ts";
import { bind, native, openStream, soon, type Subject, withPair } from "./two_bindings.ts";

/** Resolves when another endpoint can bind the address. */
async function untilFree(subject: Subject, [address]: readonly string[]): Promise<void> {
  await eventually(async () => {
    try {
      const other = await bind(subject, undefined, { bindAddresses: [address] });
      await other.close();
      return true;
    } catch {
      return false;
    }
  }, `${address} is free`);
}

native(
  "E.31 a closed endpoint has no sockets, with streams that have ended",
  async (subject) => {
    let sockets: (readonly string[])[] = [];
    // These references keep the objects from being collected.
    const referred: unknown[] = [];
    await withPair(subject, async (pair) => {
      sockets = [pair.nearEndpoint.sockets, pair.farEndpoint.sockets];
      const stream = await openStream(pair);
      referred.push(pair, stream);
      for (const { send } of [stream.near, stream.far]) await send.finish();
      for (const { receive } of [stream.near, stream.far]) assert.equal(await soon(receive.ready(1)), 0);
      for (const { send } of [stream.near, stream.far]) assert.equal(await soon(send.stopped()), null);
    });
    for (const each of sockets) await untilFree(subject, each);
    assert.equal(referred.length, 2);
  },
);

native("E.31 a closed endpoint has no sockets, when its relay was never reached", async (subject) => {
  const endpoint: Endpoint = await bind(subject, undefined, { relay: { url: "http://127.0.0.1:9" } });
  const { sockets } = endpoint;
  assert.equal(await soon(endpoint.reachRelay({ silentMs: 50, answeringMs: 100 })), false);
  const reaching = endpoint.reachRelay({ silentMs: Infinity, answeringMs: Infinity });
  await endpoint.close();
  assert.equal(await soon(reaching), false);
  await untilFree(subject, sockets);
  assert.deepEqual(endpoint.sockets, []);
});
