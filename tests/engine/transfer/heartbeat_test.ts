// A provider that does not respond: the receiver detects that, and continues when it responds. All times are those of the
// virtual clock.

import { parseTicket } from "../../../src/engine/wire/ticket.ts";
import assert from "node:assert/strict";
import { PliError } from "../../../src/engine/errors.ts";
import type { BindEndpoint, Connection, ReceiveStream } from "../../../src/engine/ports.ts";
import { RECEIPT_ALPN } from "../../../src/engine/wire/receipt.ts";
import { BLOBS_ALPN } from "../../../src/engine/wire/request.ts";
import { TransferFixture } from "./transfer_fixture.ts";

const MIB = 1024 * 1024;
const CONTENT = new Uint8Array(12 * MIB).map((_, i) => Math.imul(i, 2654435761) >>> 13);

/** Freezes the connections of a network: no data arrives any more, without an error. */
class Frost {
  isFrozen = false;
  connections = 0;
  requests = 0;
  receivedBytes = 0;
  /** The number of received bytes at which it freezes. */
  limitBytes = Infinity;
  /** Bytes that arrive although it is frozen, less than a leaf. */
  trickledBytes: () => number = () => 0;

  bind(bind: BindEndpoint): BindEndpoint {
    return async (options) => {
      const endpoint = await bind(options);
      const connect = endpoint.connect.bind(endpoint);
      endpoint.connect = async (to, alpn, signal) => {
        const connection = await connect(to, alpn, signal);
        return alpn === BLOBS_ALPN ? this.#connection(connection) : connection;
      };
      return endpoint;
    };
  }

  #connection(connection: Connection): Connection {
    this.connections++;
    // A new connection reaches the provider, the old ones never do.
    const frozen = { at: this.connections };
    return {
      remoteId: connection.remoteId,
      closed: connection.closed,
      path: () => connection.path(),
      backlog: () => connection.backlog(),
      acceptBi: () => connection.acceptBi(),
      close: (code) => connection.close(code),
      openBi: async () => {
        this.requests++;
        const { send, receive } = await connection.openBi();
        return { send, receive: this.#stream(receive, connection, () => this.connections > frozen.at) };
      },
    };
  }

  #stream(stream: ReceiveStream, connection: Connection, isOld: () => boolean): ReceiveStream {
    const lost = connection.closed.then((): never => {
      throw new PliError("connection_lost", {});
    });
    lost.catch(() => {});
    const waits = () => this.isFrozen || isOld();
    const trickledBytes = () => this.trickledBytes();
    return {
      get receivedBytes() {
        return stream.receivedBytes + trickledBytes();
      },
      ready: async (count) => {
        if (waits()) return await lost;
        const bytes = await Promise.race([stream.ready(count), lost]);
        if (waits()) return await lost;
        return bytes;
      },
      take: (into) => {
        stream.take(into);
        this.receivedBytes += into.reduce((sum, part) => sum + part.length, 0);
        if (this.receivedBytes >= this.limitBytes) this.isFrozen = true;
      },
      stop: (code) => stream.stop(code),
    };
  }
}

async function until(fixture: TransferFixture, isSo: () => boolean, stepMs = 250): Promise<number> {
  const startMs = fixture.clock.nowMs();
  while (!isSo()) {
    assert.ok(fixture.clock.nowMs() - startMs < 600_000, "the condition is not reached");
    await fixture.clock.pass(stepMs);
  }
  return fixture.clock.nowMs() - startMs;
}

Deno.test("a path with a thousand bytes per second, and so no whole leaf in a minute, is not abandoned", async () => {
  const fixture = new TransferFixture({ file: CONTENT });
  const frost = new Frost();
  frost.limitBytes = 5 * MIB;
  frost.trickledBytes = () => fixture.clock.nowMs();
  const receiver = fixture.engine(fixture.receiverDisk, fixture.clock, frost.bind(fixture.network.bind));
  const share = await fixture.share();
  const stop = new AbortController();
  const fetching = receiver.fetch({
    ticket: parseTicket(share.ticket),
    secretKey: new Uint8Array(32).fill(9),
    relay: "disabled",
    destination: { kind: "folder", folder: "/dst", existing: "merge" },
    decide: () => Promise.resolve(true),
    onEvent: () => {},
    signal: stop.signal,
  });
  const cancelled = assert.rejects(fetching);
  await until(fixture, () => frost.isFrozen);
  await fixture.clock.pass(60_000);
  assert.equal(frost.connections, 1);
  stop.abort();
  await cancelled;
  let isClosed = false;
  share.close().then(() => isClosed = true);
  await until(fixture, () => isClosed);
});

Deno.test("a connection without a response for ten seconds is closed, and the download resumes when the provider responds", async () => {
  const fixture = new TransferFixture({ file: CONTENT });
  const frost = new Frost();
  frost.limitBytes = 5 * MIB;
  const receiver = fixture.engine(fixture.receiverDisk, fixture.clock, frost.bind(fixture.network.bind));
  const share = await fixture.share();
  const { promise, resolve } = Promise.withResolvers<void>();
  let isDone = false;
  const fetching = receiver.fetch({
    ticket: parseTicket(share.ticket),
    secretKey: new Uint8Array(32).fill(9),
    relay: "disabled",
    destination: { kind: "folder", folder: "/dst", existing: "merge" },
    decide: () => Promise.resolve(true),
    onEvent: (event) => {
      if (event.type === "waiting" && event.reason === "reconnecting") resolve();
    },
  }).finally(() => isDone = true);
  let isReconnecting = false;
  promise.then(() => isReconnecting = true);
  await until(fixture, () => frost.isFrozen);
  const noticedMs = await until(fixture, () => isReconnecting);
  assert.ok(noticedMs >= 5_000 && noticedMs <= 16_000, `${noticedMs} ms`);
  frost.isFrozen = false;
  frost.limitBytes = Infinity;
  await until(fixture, () => isDone);
  await fetching;
  assert.ok(Buffer.from(fixture.receiverDisk.bytesOf("/dst/src/file")!).equals(CONTENT));
  await share.close();
});

Deno.test("a provider that answers heartbeats is not abandoned, however long no data arrives", async () => {
  const fixture = new TransferFixture({ file: CONTENT });
  const frost = new Frost();
  const receiver = fixture.engine(fixture.receiverDisk, fixture.clock, frost.bind(fixture.network.bind));
  const share = await fixture.share();
  const gate = Promise.withResolvers<void>();
  let isDone = false;
  let isWriting = false;
  const fetching = receiver.fetch({
    ticket: parseTicket(share.ticket),
    secretKey: new Uint8Array(32).fill(9),
    relay: "disabled",
    destination: {
      kind: "bytes",
      write: async () => {
        isWriting = true;
        await gate.promise;
      },
    },
    decide: () => Promise.resolve(true),
    onEvent: () => {},
  }).finally(() => isDone = true);
  await until(fixture, () => isWriting);
  const sent = frost.requests;
  await fixture.clock.pass(25_000);
  assert.ok(frost.requests > sent + 2, "heartbeats were sent");
  assert.equal(frost.connections, 1);
  gate.resolve();
  await until(fixture, () => isDone);
  await fetching;
  await share.close();
});

Deno.test("a receipt is sent again over another connection when the provider stops responding", async () => {
  const fixture = new TransferFixture({ file: CONTENT });
  const frost = new Frost();
  let receiptConnections = 0;
  const receiver = fixture.engine(fixture.receiverDisk, fixture.clock, async (options) => {
    const endpoint = await frost.bind(fixture.network.bind)(options);
    const connect = endpoint.connect.bind(endpoint);
    endpoint.connect = async (to, alpn, signal) => {
      const connection = await connect(to, alpn, signal);
      if (alpn !== RECEIPT_ALPN || ++receiptConnections > 1) return connection;
      connection.openBi = () => {
        frost.isFrozen = true;
        return new Promise(() => {});
      };
      return connection;
    };
    return endpoint;
  });
  const share = await fixture.share();
  let isDone = false;
  const fetching = receiver.fetch({
    ticket: parseTicket(share.ticket),
    secretKey: new Uint8Array(32).fill(9),
    relay: "disabled",
    destination: { kind: "folder", folder: "/dst", existing: "merge" },
    decide: () => Promise.resolve(true),
    onEvent: (event) => {
      if (event.type === "waiting" && event.reason === "reconnecting") frost.isFrozen = false;
    },
  }).finally(() => isDone = true);
  const tookMs = await until(fixture, () => isDone);
  await fetching;
  assert.equal(await share.ended, "delivered");
  assert.ok(tookMs <= 30_000, `${tookMs} ms`);
  await share.close();
});
