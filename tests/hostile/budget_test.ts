// Peers that request much and acknowledge nothing, in memory: the bytes that a share writes for all of them, in every
// protocol, and a receiver that connects beside them. The windows of these peers are unlimited.

import assert from "node:assert/strict";
import { parseTicket, type Share } from "../../src/engine/mod.ts";
import type { Connection } from "../../src/engine/ports.ts";
import { PREVIEW_ALPN } from "../../src/engine/wire/preview.ts";
import { EVERYTHING } from "../../src/engine/wire/range_spec.ts";
import { encodeReceipt, RECEIPT_ALPN } from "../../src/engine/wire/receipt.ts";
import { BLOBS_ALPN } from "../../src/engine/wire/request.ts";
import { newKey, TransferFixture } from "../engine/transfer/transfer_fixture.ts";
import { readSome } from "../fakes/streams.ts";
import { noise } from "../product/trees.ts";
import { report } from "../report.ts";
import { get, mebibytes, MIB, openWith } from "./raw.ts";

const CONNECTIONS = 24;
const STREAMS = 16;
/** Maximum number of bytes of the answers of a share. */
const BUDGET_BYTES = 32 * MIB;
const PREVIEW_BUDGET_BYTES = 4 * MIB;
/** The file that a receiver of these tests requests. */
const ONE_FILE = { only: (name: string) => name === "src/large" };
/** A block may be written while it is held, and a piece of every pending answer. */
const SLACK_BYTES = 8 * MIB;

/** Sends requests on many streams of many connections, each with a different id, and reads nothing. */
async function flood(
  fixture: TransferFixture,
  share: Share,
  alpn: string,
  request: Uint8Array,
): Promise<Connection[]> {
  const { endpointId } = parseTicket(share.ticket);
  const connections: Connection[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const connection = await fixture.connect(endpointId, newKey(), alpn);
    connections.push(connection);
    for (let k = 0; k < STREAMS; k++) await openWith(connection, request);
  }
  return connections;
}

/** Advances the clock until a promise has settled, at most `limitMs`. Resolves to the duration. */
async function took(fixture: TransferFixture, promise: Promise<unknown>, limitMs: number): Promise<number> {
  const startMs = fixture.clock.nowMs();
  let isSettled = false;
  promise.finally(() => isSettled = true).catch(() => {});
  while (!isSettled) {
    assert.ok(fixture.clock.nowMs() - startMs < limitMs, "the receiver does not finish");
    await fixture.clock.pass(250);
  }
  await promise;
  return fixture.clock.nowMs() - startMs;
}

async function share(fixture: TransferFixture): Promise<Share> {
  fixture.network.windowBytes = 1024 * MIB;
  return await fixture.share({ keep: true, previewNames: true });
}

/** Shares names that make a preview of 1 MiB, and a file that makes 8 blocks. */
async function large(): Promise<{ fixture: TransferFixture; kept: Share }> {
  const folder = `${"n".repeat(250)}/`.repeat(4);
  const names = Array.from({ length: 900 }, (_, i) => [`${folder}${i}`, "x"]);
  const fixture = new TransferFixture({ ...Object.fromEntries(names), "large": noise(8 * MIB) });
  return { fixture, kept: await share(fixture) };
}

Deno.test("E.17 the memory of 384 unread streams of data is bounded, and a receiver connects", async () => {
  const { fixture, kept } = await large();
  const connections = await flood(fixture, kept, BLOBS_ALPN, get(kept.hash, [0, EVERYTHING]));
  await fixture.clock.pass(1_000);
  const heldBytes = fixture.network.unreadBytes;
  assert.ok(heldBytes > BUDGET_BYTES / 2, `only ${mebibytes(heldBytes)} were written: this shows nothing`);
  assert.ok(heldBytes <= BUDGET_BYTES + SLACK_BYTES, mebibytes(heldBytes));
  fixture.network.windowBytes = 256 * 1024;
  const tookMs = await took(fixture, fixture.fetch(kept.ticket, ONE_FILE), 20_000);
  for (const connection of connections) connection.close(0);
  await kept.close();
  report(`E.17: ${mebibytes(heldBytes)} of data held for a flood, a receiver done after ${tookMs} ms`);
});

Deno.test("E.17 the memory of 384 unread previews is bounded, and separate from that of a receiver", async () => {
  const { fixture, kept } = await large();
  const connections = await flood(fixture, kept, PREVIEW_ALPN, Uint8Array.of(1));
  await fixture.clock.pass(1_000);
  const heldBytes = fixture.network.unreadBytes;
  assert.ok(
    heldBytes > PREVIEW_BUDGET_BYTES / 2,
    `only ${mebibytes(heldBytes)} were written: this shows nothing`,
  );
  assert.ok(heldBytes <= PREVIEW_BUDGET_BYTES + MIB, mebibytes(heldBytes));
  fixture.network.windowBytes = 256 * 1024;
  const tookMs = await took(fixture, fixture.fetch(kept.ticket, ONE_FILE), 1_000);
  for (const connection of connections) connection.close(0);
  await kept.close();
  report(`E.17: ${mebibytes(heldBytes)} of previews held for a flood, a receiver done after ${tookMs} ms`);
});

Deno.test("E.17 a connection without acknowledgements is closed after two minutes, also when its memory is not contended", async () => {
  const fixture = new TransferFixture({ "large": noise(4 * MIB) });
  const kept = await share(fixture);
  const connection = await fixture.connect(parseTicket(kept.ticket).endpointId);
  let closedMs: number | undefined;
  connection.closed.then(() => closedMs = fixture.clock.nowMs());
  await openWith(connection, get(kept.hash, [0, EVERYTHING]));
  await fixture.clock.pass(110_000);
  assert.equal(closedMs, undefined);
  await fixture.clock.pass(20_000);
  assert.ok(closedMs !== undefined);
  assert.equal(fixture.network.unreadBytes, 0);
  await kept.close();
});

Deno.test("E.17 a receipt about another share is answered after its header, regardless of its length", async () => {
  const fixture = new TransferFixture({ "a": "first" });
  const kept = await share(fixture);
  const connection = await fixture.connect(parseTicket(kept.ticket).endpointId, newKey(), RECEIPT_ALPN);
  const verified = Array.from({ length: 200_000 }, (_, child) => ({ child, bytes: 1 }));
  const long = encodeReceipt({ rootHash: new Uint8Array(32), outcome: "selection", verified });
  const { send, receive } = await connection.openBi();
  await send.write([long.subarray(0, 100)]);
  assert.deepEqual(await readSome(receive, 10), Uint8Array.of(1));
  await assert.rejects(send.write([long.subarray(100)]), "the rest is not read");
  connection.close(0);
  await kept.close();
});
