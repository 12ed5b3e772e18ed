// The adapter over the real binding, two endpoints in one process on loopback.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import { bindIroh } from "../../../src/engine/net/iroh_endpoint.ts";
import type { Connection, Endpoint } from "../../../src/engine/ports.ts";
import { readSome } from "../../fakes/streams.ts";

const ALPN = "pli/test/1";

async function bind(accept: (connection: Connection) => Promise<void>): Promise<Endpoint> {
  return await bindIroh({
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    bindAddress: "127.0.0.1:0",
    lookup: "none",
    accept: new Map([[ALPN, accept]]),
  });
}

/** Runs `near` against a peer that handles its connection with `far`. */
async function withPair(
  far: (connection: Connection) => Promise<void>,
  near: (connection: Connection, endpoint: Endpoint, remote: Endpoint) => Promise<void>,
): Promise<void> {
  const remote = await bind(far);
  const endpoint = await bind(() => Promise.resolve());
  try {
    await near(await endpoint.connect(remote.address(), ALPN), endpoint, remote);
  } finally {
    await endpoint.close();
    await remote.close();
  }
}

const sendStream = (code: number) => (error: unknown) =>
  isPliError(error, "stream_reset") && error.parameters.streamCode === code;

Deno.test("bytes go both ways, and the end of a stream is seen", async () => {
  const echo = async (connection: Connection) => {
    const stream = await connection.acceptBi();
    if (stream === null) return;
    for (
      let bytes = await readSome(stream.receive, 1 << 20);
      bytes;
      bytes = await readSome(stream.receive, 1 << 20)
    ) {
      await stream.send.write([bytes]);
    }
    await stream.send.finish();
    assert.equal(await stream.send.stopped(), null);
    await connection.closed;
  };
  await withPair(echo, async (connection, endpoint, remote) => {
    assert.deepEqual(connection.remoteId, remote.id);
    const sent = crypto.getRandomValues(new Uint8Array(60_000));
    const { send, receive } = await connection.openBi();
    await send.write([sent]);
    await send.finish();
    const received: number[] = [];
    for (let bytes = await readSome(receive, 50_000); bytes; bytes = await readSome(receive, 50_000)) {
      received.push(...bytes);
    }
    assert.deepEqual(Uint8Array.from(received), sent);
    assert.equal(connection.path()?.kind, "direct");
    assert.ok(endpoint.address().directAddresses.length > 0);
    connection.close(0);
    await connection.closed;
  });
});

Deno.test("a reset arrives with its code, and so does a stop", async () => {
  const resets = async (connection: Connection) => {
    const first = await connection.acceptBi();
    await readSome(first!.receive, 1);
    first?.send.reset(3);
    const second = await connection.acceptBi();
    await readSome(second!.receive, 1);
    second?.receive.stop(7);
    await connection.closed;
  };
  await withPair(resets, async (connection) => {
    const first = await connection.openBi();
    await first.send.write([Uint8Array.of(1)]);
    await assert.rejects(readSome(first.receive, 10), sendStream(3));
    const second = await connection.openBi();
    await second.send.write([Uint8Array.of(1)]);
    await assert.rejects(async () => {
      for (let i = 0; i < 1000; i++) await second.send.write([new Uint8Array(10_000)]);
    }, sendStream(7));
  });
});

Deno.test("abandoning a blocked write closes the connection instead of hanging", async () => {
  const idle = (connection: Connection) => connection.closed;
  await withPair(idle, async (connection) => {
    const { send } = await connection.openBi();
    const blocked = send.write([new Uint8Array(4 << 20)]);
    const failed = assert.rejects(blocked, (error) => isPliError(error, "connection_lost"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    send.reset(3);
    await failed;
    await connection.closed;
  });
});

Deno.test("closing ends pending reads and accepts on both sides", async () => {
  const ended = Promise.withResolvers<unknown>();
  const waits = async (connection: Connection) => {
    const stream = await connection.acceptBi();
    await readSome(stream!.receive, 1);
    await stream?.send.write([Uint8Array.of(2)]);
    const reading = readSome(stream!.receive, 1).catch((error) => error);
    ended.resolve([await reading, await connection.acceptBi()]);
  };
  await withPair(waits, async (connection) => {
    const { send, receive } = await connection.openBi();
    await send.write([Uint8Array.of(1)]);
    await readSome(receive, 1);
    const reading = assert.rejects(readSome(receive, 1), (error) => isPliError(error, "connection_lost"));
    connection.close(0);
    await reading;
    const [fault, next] = await ended.promise as [unknown, unknown];
    assert.ok(isPliError(fault, "connection_lost"), Deno.inspect(fault));
    assert.equal(next, null);
  });
});

Deno.test("a protocol that the other side does not speak is no connection", async () => {
  await withPair((connection) => connection.closed, async (_connection, endpoint, remote) => {
    await assert.rejects(
      endpoint.connect(remote.address(), "pli/unknown/1"),
      (error) => isPliError(error, "peer_unreachable"),
    );
  });
});

Deno.test("the right address with the wrong key is no connection", async () => {
  await withPair((connection) => connection.closed, async (_connection, endpoint, remote) => {
    const address = { ...remote.address(), id: endpoint.id };
    await assert.rejects(endpoint.connect(address, ALPN), (error) => isPliError(error, "peer_unreachable"));
  });
});

Deno.test("connecting can be cancelled while nobody answers", async () => {
  const endpoint = await bind(() => Promise.resolve());
  const nobody = await bind(() => Promise.resolve());
  const address = { ...nobody.address(), directAddresses: ["127.0.0.1:9"] };
  await nobody.close();
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 100);
  await assert.rejects(
    endpoint.connect(address, ALPN, abort.signal),
    (error) => isPliError(error, "cancelled"),
  );
  await endpoint.close();
});

Deno.test("an address that cannot be bound is an error that names it", async () => {
  const bound = bindIroh({
    secretKey: new Uint8Array(32).fill(1),
    relay: "disabled",
    bindAddress: "203.0.113.1:1",
    lookup: "none",
    accept: new Map(),
  });
  await assert.rejects(bound, (error) => isPliError(error, "bind_failed"));
});
