// Tickets for one raw blob, without a name or a collection, which programs of iroh-blobs make.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import { formatTicket, parseTicket } from "../../../src/engine/mod.ts";
import { type Falsify, hashOf, provide } from "../../hostile/false_provider.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { newKey, TransferFixture } from "./transfer_fixture.ts";

const MIB = 1024 * 1024;
const SIZES_BYTES = [0, 1, 1024, 1025, 16 * 1024 + 1, MIB, 3 * MIB + 70_000];

async function inTime<T>(fixture: TransferFixture, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = promise.finally(() => isOver = true);
  settled.catch(() => {});
  while (!isOver) await fixture.clock.pass(500);
  return await settled;
}

/** A provider of one blob, and the ticket for it. */
async function rawProvider(content: Uint8Array, falsify?: Falsify) {
  const fixture = new TransferFixture();
  const hash = hashOf(content);
  const { ticket: given } = await provide(fixture.network.bind, { hash, list: [content] }, falsify);
  return { fixture, ticket: formatTicket({ ...parseTicket(given), format: "raw" }), name: hash.toHex() };
}

for (const sizeBytes of SIZES_BYTES) {
  Deno.test(`E.8 a raw blob of ${sizeBytes} bytes is offered, and arrives under its hash or in order`, async () => {
    const content = patternBytes(sizeBytes);
    const { fixture, ticket, name } = await rawProvider(content);
    const network = { secretKey: newKey(), relay: "disabled" as const, onEvent: () => {} };
    const offer = await inTime(
      fixture,
      fixture.receiver.inspect({ ticket: parseTicket(ticket), ...network }),
    );
    assert.deepEqual([...offer.files], [{ name, bytes: sizeBytes }]);
    const fetched = await inTime(fixture, fixture.fetch(ticket));
    assert.deepEqual([fetched.files, fetched.bytes, fetched.names], [1, sizeBytes, [name]]);
    assert.deepEqual(fixture.receiverDisk.bytesOf(`/dst/${name}`), content);
    assert.deepEqual(await fixture.receiverDisk.list("/dst"), [name]);
    const pieces: number[] = [];
    const write = (bytes: Uint8Array) => {
      for (const byte of bytes) pieces.push(byte);
      return Promise.resolve();
    };
    await inTime(fixture, fixture.fetch(ticket, { destination: { kind: "bytes", write } }));
    assert.deepEqual(Uint8Array.from(pieces), content);
    await inTime(fixture, fixture.fetch(ticket));
    const last = fixture.receiverEvents.findLast(({ type }) => type === "skipped");
    assert.deepEqual(last, { type: "skipped", name, reason: "already_there" });
  });
}

Deno.test("E.8 an interrupted raw blob is resumed", async () => {
  const content = patternBytes(7 * MIB + 5);
  const { fixture, ticket, name } = await rawProvider(content);
  const stop = new AbortController();
  let sentBytes = 0;
  fixture.network.tamper = (packet) => {
    sentBytes += packet.length;
    if (sentBytes > 4 * MIB) stop.abort();
    return packet;
  };
  const stopped = inTime(fixture, fixture.fetch(ticket, { signal: stop.signal }));
  await assert.rejects(stopped, (error) => isPliError(error, "cancelled"));
  sentBytes = -Infinity;
  const fetched = await inTime(fixture, fixture.fetch(ticket));
  assert.ok(fetched.resumedBytes >= 2 * MIB, String(fetched.resumedBytes));
  assert.deepEqual(fixture.receiverDisk.bytesOf(`/dst/${name}`), content);
});

Deno.test("E.8 a raw blob that the provider does not have, damages, or claims to be longer, is refused", async () => {
  const content = patternBytes(3 * MIB);
  const flipped: Falsify = (answer) => answer.length > MIB ? answer.with(MIB, answer[MIB] ^ 1) : answer;
  const faults: [Falsify, string][] = [
    [() => null, "peer_refused"],
    [flipped, "wrong_bytes"],
    [(answer) => answer.with(3, 1), "wrong_bytes"],
  ];
  for (const [falsify, code] of faults) {
    const { fixture, ticket } = await rawProvider(content, falsify);
    const fetching = inTime(fixture, fixture.fetch(ticket));
    await assert.rejects(fetching, (error) => isPliError(error) && error.code === code, code);
    const names = await fixture.receiverDisk.list("/dst");
    assert.deepEqual(names.filter((name) => !name.startsWith(".pli-")), []);
  }
});
