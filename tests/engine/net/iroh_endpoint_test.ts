// Endpoints and connections over both bindings, two endpoints in one process on loopback: connecting, and that no call is
// pending after a close.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { EndpointAddress } from "../../../src/engine/ports.ts";
import { readSome } from "../../fakes/streams.ts";
import { atMost } from "../../time_limits.ts";
import {
  ALPN,
  bind,
  contract,
  isPending,
  MIB,
  native,
  soon,
  type Subject,
  withPair,
  withStream,
} from "./two_bindings.ts";

const isUnreachable = (error: unknown) => isPliError(error, "peer_unreachable");
const isLost = (error: unknown) => isPliError(error, "connection_lost");

/** An address without an endpoint. */
async function absent(subject: Subject): Promise<EndpointAddress> {
  const endpoint = await bind(subject);
  await endpoint.close();
  return { id: endpoint.id, relayUrl: null, directAddresses: ["127.0.0.1:9"] };
}

contract("both sides have the id of the other and the path", async (subject) => {
  await withPair(subject, async ({ near, far, nearEndpoint, farEndpoint }) => {
    assert.deepEqual(near.remoteId, farEndpoint.id);
    assert.deepEqual(far.remoteId, nearEndpoint.id);
    assert.equal(near.path()?.kind, "direct");
    assert.match(near.path()!.address, /^127\.0\.0\.1:\d+$/);
    assert.ok(nearEndpoint.address().directAddresses.length > 0);
    near.close(0);
    await soon(Promise.all([near.closed, far.closed]));
  });
});

contract("echoed bytes are unchanged, and both sides read the end", async (subject) => {
  await withStream(subject, async ({ near, far }) => {
    const echo = (async () => {
      for (let bytes = await readSome(far.receive, MIB); bytes; bytes = await readSome(far.receive, MIB)) {
        await far.send.write([bytes]);
      }
      await far.send.finish();
      assert.equal(await far.send.stopped(), null);
    })();
    const sent = crypto.getRandomValues(new Uint8Array(60_000));
    await near.send.write([sent]);
    await near.send.finish();
    assert.equal(await soon(near.receive.ready(100_000)), sent.length);
    const received = new Uint8Array(sent.length);
    near.receive.take([received]);
    assert.deepEqual(received, sent);
    await soon(echo);
  });
});

contract("closing a connection ends pending reads and accepts on both sides", async (subject) => {
  await withStream(subject, async ({ near, far }, pair) => {
    const reads = [near.receive.ready(1), far.receive.ready(1)];
    const accepts = [pair.near.acceptBi(), pair.far.acceptBi()];
    assert.ok(await isPending(Promise.race([...reads, ...accepts])));
    const ends = [
      ...reads.map((read) => assert.rejects(soon(read), isLost)),
      ...accepts.map(async (accept) => assert.equal(await soon(accept), null)),
    ];
    pair.near.close(0);
    await Promise.all(ends);
    await assert.rejects(soon(pair.far.openBi()), isLost);
  });
});

contract(
  "connecting can be cancelled, and closing an endpoint ends all of its pending calls",
  async (subject) => {
    await withStream(subject, async ({ near }, pair) => {
      const absentAddress = await absent(subject);
      const abort = new AbortController();
      const cancelled = pair.nearEndpoint.connect(absentAddress, ALPN, abort.signal);
      assert.ok(await isPending(cancelled));
      abort.abort();
      await assert.rejects(soon(cancelled, atMost(100)), (error) => isPliError(error, "cancelled"));
      const ends = [
        assert.rejects(soon(pair.nearEndpoint.connect(absentAddress, ALPN)), isUnreachable),
        assert.rejects(soon(near.send.write([new Uint8Array(4 * MIB)])), isLost),
        assert.rejects(soon(near.receive.ready(1)), isLost),
        pair.near.acceptBi().then((stream) => assert.equal(stream, null)),
      ];
      assert.ok(await isPending(Promise.race(ends)));
      await soon(pair.nearEndpoint.close());
      await Promise.all(ends);
      await soon(Promise.all([pair.near.closed, pair.far.closed]));
      await assert.rejects(soon(pair.nearEndpoint.connect(pair.farEndpoint.address(), ALPN)), isUnreachable);
    });
  },
);

native("closing an endpoint ends a pending stopped()", async (subject) => {
  await withStream(subject, async ({ near, far }, pair) => {
    const ends = [near, far].map(({ send }) => assert.rejects(soon(send.stopped()), isLost));
    await soon(pair.nearEndpoint.close());
    await Promise.all(ends);
  });
});

contract("a protocol that the other side does not support is an error", async (subject) => {
  await withPair(subject, async ({ nearEndpoint, farEndpoint }) => {
    const connecting = nearEndpoint.connect(farEndpoint.address(), "pli/unknown/1");
    await assert.rejects(connecting, isUnreachable);
  });
});

contract("the right address with the wrong key is an error", async (subject) => {
  await withPair(subject, async ({ nearEndpoint, farEndpoint }) => {
    const address = { ...farEndpoint.address(), id: nearEndpoint.id };
    await assert.rejects(nearEndpoint.connect(address, ALPN), isUnreachable);
  });
});

contract("an address that cannot be bound is an error that names it", async (subject) => {
  for (const bindAddress of ["203.0.113.1:1", "127.0.0.1", "nonsense"]) {
    await assert.rejects(bind(subject, undefined, { bindAddresses: [bindAddress] }), (error) => {
      return isPliError(error, "bind_failed") && error.parameters.address === bindAddress;
    });
  }
});

contract("invalid keys, ids, addresses and relays are errors", async (subject) => {
  for (const length of [0, 31, 33]) {
    await assert.rejects(bind(subject, undefined, { secretKey: new Uint8Array(length) }));
  }
  for (const url of ["", "nonsense", "http://"]) {
    await assert.rejects(bind(subject, undefined, { relay: { url } }));
  }
  await withPair(subject, async ({ nearEndpoint, farEndpoint }) => {
    const wrong = [
      { id: new Uint8Array(31) },
      { id: new Uint8Array(32).fill(0xff) },
      { directAddresses: ["nonsense"] },
      { directAddresses: ["127.0.0.1"] },
      { relayUrl: "nonsense" },
    ];
    for (const part of wrong) {
      const connecting = nearEndpoint.connect({ ...farEndpoint.address(), ...part }, ALPN);
      await assert.rejects(connecting, isUnreachable, Deno.inspect(part));
    }
    // The endpoint is still usable.
    await soon(nearEndpoint.connect(farEndpoint.address(), ALPN));
  });
});
