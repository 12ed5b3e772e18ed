// Unknown peers in memory, on a virtual clock: which are admitted and closed, and what the sender reports.

import assert from "node:assert/strict";
import { Engine, parseTicket } from "../../src/engine/mod.ts";
import { MAXIMUM_CONNECTIONS } from "../../src/engine/transfer/provide/admission.ts";
import { EVERYTHING, NOTHING } from "../../src/engine/wire/range_spec.ts";
import { fetchAnswer, TransferFixture } from "../engine/transfer/transfer_fixture.ts";
import { hookedReads } from "../fakes/hooked_disk.ts";
import { settle } from "../fakes/virtual_clock.ts";
import { noise } from "../product/trees.ts";
import { get, MIB, openWith } from "./raw.ts";
import { report } from "../report.ts";

const FILES = { "file": noise(300_000) };

/** Whether connections are closed. */
async function areClosed(connections: readonly { closed: Promise<void> }[]): Promise<number> {
  let closed = 0;
  for (const connection of connections) connection.closed.then(() => closed++);
  await settle();
  return closed;
}

Deno.test("B.15 a thousand connections with the id alone exclude no receiver", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const { endpointId } = parseTicket(share.ticket);
  const peers = [];
  for (let i = 0; i < 1_000; i++) peers.push(await fixture.connect(endpointId));
  const closed = await areClosed(peers);
  assert.equal(closed, 1_000 - MAXIMUM_CONNECTIONS);
  assert.equal((await fixture.fetch(share.ticket)).bytes, 300_000);
  for (const peer of peers) peer.close(0);
  await share.close();
  report(`B.15: of 1,000 idle peers ${closed} were closed at once`);
});

Deno.test("B.15 an idle connection is closed after 30 s", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const { endpointId } = parseTicket(share.ticket);
  const peers = [await fixture.connect(endpointId), await fixture.connect(endpointId)];
  await fixture.clock.pass(29_000);
  assert.equal(await areClosed(peers), 0);
  await fixture.clock.pass(2_000);
  assert.equal(await areClosed(peers), 2);
  await share.close();
});

Deno.test("B.15 idle connections with the hash exclude no receiver either", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const { endpointId } = parseTicket(share.ticket);
  const peers = [];
  for (let i = 0; i < 200; i++) {
    const connection = await fixture.connect(endpointId);
    await fetchAnswer(connection, get(share.hash, [0, EVERYTHING], [1, NOTHING]));
    peers.push(connection);
  }
  assert.equal((await fixture.fetch(share.ticket)).bytes, 300_000);
  for (const peer of peers) peer.close(0);
  await share.close();
});

Deno.test("B.15 a peer that holds memory and reads nothing is disconnected for a receiver within a second", async () => {
  const fixture = new TransferFixture({ "file": noise(4 * MIB) });
  const share = await fixture.share({ keep: true });
  const { endpointId } = parseTicket(share.ticket);
  const peers = [];
  // Each holds the block that it does not read and two more: all of the budget.
  for (let i = 0; i < 8; i++) {
    const connection = await fixture.connect(endpointId);
    await openWith(connection, get(share.hash, [0, EVERYTHING]));
    peers.push(connection);
  }
  await fixture.clock.pass(10_000);
  assert.equal(await areClosed(peers), 0, "no reservation is queued for their memory");
  let isFetched = false;
  const fetched = fixture.fetch(share.ticket).then(() => isFetched = true);
  await fixture.clock.pass(1_000);
  await settle();
  assert.ok(isFetched);
  await fetched;
  for (const peer of peers) peer.close(0);
  await share.close();
});

Deno.test("a defect of pli in an answer is reported, and ends only that answer", async () => {
  const fixture = new TransferFixture(FILES);
  let isBroken = false;
  const disk = hookedReads(fixture.senderDisk, () => {
    if (isBroken) throw new TypeError("a mistake");
  });
  const events: { type: string }[] = [];
  const { network: { bind }, hasher, clock } = fixture;
  const share = await new Engine({ bind, hasher, clock, disk }).share({
    paths: ["/src"],
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    ticketKind: "auto",
    keep: true,
    onEvent: (event) => events.push(event),
  });
  isBroken = true;
  const connection = await fixture.connect(parseTicket(share.ticket).endpointId);
  await assert.rejects(fetchAnswer(connection, get(share.hash, [2, EVERYTHING])));
  const failed = events.filter(({ type }) => type === "answer_failed");
  assert.equal(failed.length, 1);
  assert.equal((failed[0] as { reason?: string }).reason, "TypeError: a mistake");
  isBroken = false;
  assert.ok((await fetchAnswer(connection, get(share.hash, [2, EVERYTHING]))).length > 300_000);
  connection.close(0);
  await share.close();
});
