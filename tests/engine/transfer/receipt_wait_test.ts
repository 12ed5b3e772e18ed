// E.28: a complete receiver ends after a bounded wait for its receipt. Over a network in memory, whose paths can fail, in
// virtual time.

import assert from "node:assert/strict";
import type { BindEndpoint, BiStream, Connection } from "../../../src/engine/ports.ts";
import type { TransferEvent } from "../../../src/engine/mod.ts";
import { RECEIPT_ALPN } from "../../../src/engine/wire/receipt.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { TransferFixture } from "./transfer_fixture.ts";

/** Twenty seconds for the receipt, one for closing the endpoint, and a step of the clock. */
const LIMIT_MS = 21_100;
const NEVER = new Promise<never>(() => {});

/** A stream over a failed path. */
const DEAD: BiStream = {
  send: {
    write: () => Promise.resolve(),
    takenBytes: 0,
    finish: () => Promise.resolve(),
    reset() {},
    stopped: () => NEVER,
  },
  receive: { ready: () => NEVER, take() {}, receivedBytes: 0, stop() {} },
};

/** Binds endpoints whose connections for receipts have other streams; the others fail after one was opened. */
function bindWith(
  fixture: TransferFixture,
  receiptStream: (connection: Connection) => Promise<BiStream>,
  diesThen: boolean,
): BindEndpoint {
  let isDead = false;
  return async (options) => {
    const endpoint = await fixture.network.bind(options);
    return Object.create(endpoint, {
      id: { value: endpoint.id },
      sockets: { value: endpoint.sockets },
      address: { value: () => endpoint.address() },
      // A close is not confirmed over a failed path.
      close: { value: () => isDead ? NEVER : endpoint.close() },
      connect: {
        value: async (...args: Parameters<typeof endpoint.connect>) => {
          if (isDead) return await NEVER;
          const connection = await endpoint.connect(...args);
          const openBi = () => {
            if (args[1] === RECEIPT_ALPN) {
              isDead = diesThen;
              return receiptStream(connection);
            }
            return isDead ? Promise.resolve(DEAD) : connection.openBi();
          };
          return Object.create(connection, {
            remoteId: { value: connection.remoteId },
            closed: { value: connection.closed },
            openBi: { value: openBi },
            path: { value: () => connection.path() },
            backlog: { value: () => connection.backlog() },
            close: { value: (code: number) => connection.close(code) },
          });
        },
      },
    });
  };
}

/** Fetches. Resolves to the time from the last byte to the end. */
async function fetchOver(
  fixture: TransferFixture,
  bind: BindEndpoint,
): Promise<{ lingeredMs: number; disk: MemoryDisk }> {
  const share = await fixture.share();
  const disk = new MemoryDisk();
  disk.makeFolders("/dst");
  let completeMs = NaN;
  let isOver = false;
  const onEvent = (event: TransferEvent) => {
    if (event.type === "progress" && event.bytes === event.total) completeMs = fixture.clock.nowMs();
  };
  // The default timeouts of a receiver.
  const options = { onEvent, waitLimits: undefined };
  const receiver = fixture.engine(disk, fixture.clock, bind);
  const fetching = fixture.fetch(share.ticket, options, receiver).finally(() => isOver = true);
  while (!isOver) await fixture.clock.pass(50);
  await fetching;
  return { lingeredMs: fixture.clock.nowMs() - completeMs, disk };
}

Deno.test("E.28 a receiver whose path fails before its receipt was sent ends after a bounded wait", async () => {
  const fixture = new TransferFixture({ file: "all of it" });
  const { lingeredMs, disk } = await fetchOver(fixture, bindWith(fixture, () => Promise.resolve(DEAD), true));
  assert.ok(lingeredMs <= LIMIT_MS, `${lingeredMs} ms`);
  assert.equal(disk.readFile("/dst/src/file"), "all of it");
});

Deno.test("E.28 a receiver whose path fails between its receipt and the answer ends after a bounded wait", async () => {
  const fixture = new TransferFixture({ file: "all of it" });
  const delivered: BiStream = { ...DEAD, send: { ...DEAD.send, stopped: () => Promise.resolve(null) } };
  const bind = bindWith(fixture, () => Promise.resolve(delivered), true);
  const { lingeredMs } = await fetchOver(fixture, bind);
  assert.ok(lingeredMs <= LIMIT_MS, `${lingeredMs} ms`);
});

Deno.test("E.28 a receiver without a stream for its receipt ends after a bounded wait", async () => {
  const fixture = new TransferFixture({ file: "all of it" });
  const { lingeredMs } = await fetchOver(fixture, bindWith(fixture, () => NEVER, true));
  assert.ok(lingeredMs <= LIMIT_MS, `${lingeredMs} ms`);
});

Deno.test("E.28 a receipt delivered to a busy sender is answered, also after seconds", async () => {
  const fixture = new TransferFixture({ file: "all of it" });
  const late = async (connection: Connection): Promise<BiStream> => {
    const { send, receive } = await connection.openBi();
    const ready = async (count: number) => {
      await fixture.clock.sleep(6_000);
      return await receive.ready(count);
    };
    return {
      send,
      receive: Object.assign(Object.create(receive), { ready, take: receive.take.bind(receive) }),
    };
  };
  const { lingeredMs } = await fetchOver(fixture, bindWith(fixture, late, false));
  assert.ok(lingeredMs >= 6_000 && lingeredMs < 7_000, `${lingeredMs} ms`);
  assert.ok(fixture.senderEvents.some(({ type }) => type === "delivered"));
});
