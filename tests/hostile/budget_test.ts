// Peers that ask for much and acknowledge nothing, in memory: what a share writes for all of them together, in every
// protocol, and how a receiver gets in beside them. The windows of these peers are as large as they like.

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
import { get, mebibytes, MIB, say } from "./raw.ts";

const CONNECTIONS = 24;
const STREAMS = 16;
/** What the answers of a share hold together at most. */
const BUDGET_BYTES = 32 * MIB;
const PREVIEW_BUDGET_BYTES = 4 * MIB;
/** What a receiver of these tests takes. */
const ONE_FILE = { only: (name: string) => name === "src/large" };
/** A block may be written while it is still held, and a piece of every answer that waits. */
const SLACK_BYTES = 8 * MIB;

/** Asks on many streams of many connections, each of an id of its own, and reads nothing. */
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
    for (let k = 0; k < STREAMS; k++) await say(connection, request);
  }
  return connections;
}

/** Lets time pass until a promise has settled, at most `limitMs`. Gives how long it took. */
async function took(fixture: TransferFixture, promise: Promise<unknown>, limitMs: number): Promise<number> {
  const startMs = fixture.clock.nowMs();
  let isSettled = false;
  promise.finally(() => isSettled = true).catch(() => {});
  while (!isSettled) {
    assert.ok(fixture.clock.nowMs() - startMs < limitMs, "a receiver waits");
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

Deno.test("E.17 what 384 unread streams of data hold is bounded, and a receiver gets in", async () => {
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

Deno.test("E.17 what 384 unread previews hold is bounded, and takes nothing from a receiver", async () => {
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

Deno.test("E.17 a peer that acknowledges nothing is closed after two minutes, also when its memory is not needed", async () => {
  const fixture = new TransferFixture({ "large": noise(4 * MIB) });
  const kept = await share(fixture);
  const connection = await fixture.connect(parseTicket(kept.ticket).endpointId);
  let closedMs: number | undefined;
  connection.closed.then(() => closedMs = fixture.clock.nowMs());
  await say(connection, get(kept.hash, [0, EVERYTHING]));
  await fixture.clock.pass(110_000);
  assert.equal(closedMs, undefined);
  await fixture.clock.pass(20_000);
  assert.ok(closedMs !== undefined);
  assert.equal(fixture.network.unreadBytes, 0);
  await kept.close();
});

Deno.test("E.17 a receipt about another share is answered after its head, however long it would be", async () => {
  const fixture = new TransferFixture({ "a": "first" });
  const kept = await share(fixture);
  const connection = await fixture.connect(parseTicket(kept.ticket).endpointId, newKey(), RECEIPT_ALPN);
  const verified = Array.from({ length: 200_000 }, (_, child) => ({ child, bytes: 1 }));
  const long = encodeReceipt({ rootHash: new Uint8Array(32), outcome: "selection", verified });
  const { send, receive } = await connection.openBi();
  await send.write([long.subarray(0, 100)]);
  assert.deepEqual(await readSome(receive, 10), Uint8Array.of(1));
  await assert.rejects(send.write([long.subarray(100)]), "what follows is not read");
  connection.close(0);
  await kept.close();
});
