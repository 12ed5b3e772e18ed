// Strangers in memory, with time that a test makes pass: who is let in, who goes, and what the sender hears of it.

import assert from "node:assert/strict";
import { Engine, parseTicket } from "../../src/engine/mod.ts";
import { MAXIMUM_CONNECTIONS } from "../../src/engine/transfer/admission.ts";
import { EVERYTHING, NOTHING } from "../../src/engine/wire/range_spec.ts";
import { ask, World } from "../engine/transfer/world.ts";
import { hookedReads } from "../fakes/hooked_disk.ts";
import { settle } from "../fakes/virtual_clock.ts";
import { noise } from "../product/trees.ts";
import { get, MIB, say } from "./raw.ts";
import { report } from "../report.ts";

const FILES = { "file": noise(300_000) };

/** Whether connections are closed. */
async function areClosed(connections: readonly { closed: Promise<void> }[]): Promise<number> {
  let closed = 0;
  for (const connection of connections) connection.closed.then(() => closed++);
  await settle();
  return closed;
}

Deno.test("B.15 a thousand connections that know the id alone keep no receiver out", async () => {
  const world = new World(FILES);
  const share = await world.share();
  const { endpointId } = parseTicket(share.ticket);
  const strangers = [];
  for (let i = 0; i < 1_000; i++) strangers.push(await world.connect(endpointId));
  const closed = await areClosed(strangers);
  assert.equal(closed, 1_000 - MAXIMUM_CONNECTIONS);
  assert.equal((await world.fetch(share.ticket)).bytes, 300_000);
  for (const stranger of strangers) stranger.close(0);
  await share.close();
  report(`B.15: of 1,000 idle strangers ${closed} were closed at once`);
});

Deno.test("B.15 who does nothing is closed after 30 s", async () => {
  const world = new World(FILES);
  const share = await world.share();
  const { endpointId } = parseTicket(share.ticket);
  const strangers = [await world.connect(endpointId), await world.connect(endpointId)];
  await world.clock.pass(29_000);
  assert.equal(await areClosed(strangers), 0);
  await world.clock.pass(2_000);
  assert.equal(await areClosed(strangers), 2);
  await share.close();
});

Deno.test("B.15 those that know the hash and sit still keep no receiver out either", async () => {
  const world = new World(FILES);
  const share = await world.share();
  const { endpointId } = parseTicket(share.ticket);
  const strangers = [];
  for (let i = 0; i < 200; i++) {
    const connection = await world.connect(endpointId);
    await ask(connection, get(share.hash, [0, EVERYTHING], [1, NOTHING]));
    strangers.push(connection);
  }
  assert.equal((await world.fetch(share.ticket)).bytes, 300_000);
  for (const stranger of strangers) stranger.close(0);
  await share.close();
});

Deno.test("B.15 who holds memory and takes nothing gives way to a receiver within a second", async () => {
  const world = new World({ "file": noise(4 * MIB) });
  const share = await world.share({ keep: true });
  const { endpointId } = parseTicket(share.ticket);
  const strangers = [];
  // Each holds the block that it does not take and two more: all that there are.
  for (let i = 0; i < 8; i++) {
    const connection = await world.connect(endpointId);
    await say(connection, get(share.hash, [0, EVERYTHING]));
    strangers.push(connection);
  }
  await world.clock.pass(10_000);
  assert.equal(await areClosed(strangers), 0, "nobody waits for what they hold");
  let isFetched = false;
  const fetched = world.fetch(share.ticket).then(() => isFetched = true);
  await world.clock.pass(1_000);
  await settle();
  assert.ok(isFetched);
  await fetched;
  for (const stranger of strangers) stranger.close(0);
  await share.close();
});

Deno.test("a mistake of pli's own in an answer is told, and ends nothing else", async () => {
  const world = new World(FILES);
  let isBroken = false;
  const disk = hookedReads(world.senderDisk, () => {
    if (isBroken) throw new TypeError("a mistake");
  });
  const events: { type: string }[] = [];
  const { network: { bind }, hasher, clock } = world;
  const share = await new Engine({ bind, hasher, clock, disk }).share({
    paths: ["/src"],
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    ticketKind: "relay",
    keep: true,
    onEvent: (event) => events.push(event),
  });
  isBroken = true;
  const connection = await world.connect(parseTicket(share.ticket).endpointId);
  await assert.rejects(ask(connection, get(share.hash, [2, EVERYTHING])));
  const failed = events.filter(({ type }) => type === "answer_failed");
  assert.equal(failed.length, 1);
  assert.equal((failed[0] as { reason?: string }).reason, "TypeError: a mistake");
  isBroken = false;
  assert.ok((await ask(connection, get(share.hash, [2, EVERYTHING]))).length > 300_000);
  connection.close(0);
  await share.close();
});
