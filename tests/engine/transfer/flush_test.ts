// Data that a power failure could lose is flushed before a name appears, also staged data of an earlier run, which may
// have been killed before its flush. And the free space of the volume, reported before the first byte.

import assert from "node:assert/strict";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import {
  type Consent,
  Engine,
  type FetchOptions,
  type Offer,
  parseTicket,
  type TransferEvent,
} from "../../../src/engine/mod.ts";
import type { Disk } from "../../../src/engine/ports.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { slashed } from "../../fakes/slashes.ts";
import { newKey, TransferFixture } from "./transfer_fixture.ts";

const MIB = 1024 * 1024;
const STAGED = /^\/dst\/\.pli-[0-9a-f]{16}-[0-9a-f]{32}\/files\//;

function noise(sizeBytes: number, seed: number): Uint8Array {
  return new Uint8Array(sizeBytes).map((_, i) => Math.imul(i + seed, 2654435761) >>> 13);
}

/** A file of each way of publishing, and more small ones than are flushed singly. */
const CONTENT: Record<string, Uint8Array> = {
  "empty": new Uint8Array(0),
  "large": noise(9 * MIB + 5, 7),
  "block": noise(MIB, 9),
  "middling": noise(200_000, 5),
  ...Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`d/${i}`, noise(2_000 + i, i)])),
};

function receive(
  fixture: TransferFixture,
  disk: Disk,
  ticket: string,
  events: TransferEvent[] = [],
  signal?: AbortSignal,
  decide: FetchOptions["decide"] = () => Promise.resolve(true),
) {
  const engine = new Engine({
    bind: fixture.network.bind,
    hasher: fixture.hasher,
    disk,
    clock: fixture.clock,
  });
  return engine.fetch({
    ticket: parseTicket(ticket),
    secretKey: newKey(),
    relay: "disabled",
    destination: { kind: "folder", folder: "/dst", existing: "merge" },
    decide,
    waitLimits: { firstMs: 0, laterMs: 0 },
    onEvent: (event) => events.push(event),
    signal,
  });
}

async function inTime<T>(fixture: TransferFixture, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = promise.finally(() => isOver = true);
  settled.catch(() => {});
  while (!isOver) await fixture.clock.pass(500);
  return await settled;
}

/** A disk that tracks flushes, and checks them before a name appears in the destination. */
function watched(
  memory: MemoryDisk,
  publishing: (flushed: ReadonlySet<string> | "everything") => void,
): Disk {
  const flushed = new Set<string>();
  let isEverything = false;
  const disk = hookedDisk(memory, (operation, path, name) => {
    const isPublishing = operation === "link" || (operation === "rename" && STAGED.test(String(path)));
    if (isPublishing && !STAGED.test(String(name))) publishing(isEverything ? "everything" : flushed);
    if (operation === "syncFolder") flushed.add(String(path));
  });
  return {
    ...disk,
    syncVolume: async (path) => {
      const isDone = await memory.syncVolume(path);
      isEverything ||= isDone;
      return isDone;
    },
    open: async (path, mode) => {
      const file = await memory.open(path, mode);
      if (file === null) return null;
      const sync = async () => {
        await file.sync();
        flushed.add(slashed(path));
      };
      return { ...file, sync };
    },
  };
}

/** The staged files and folders of a disk. */
function staged(memory: MemoryDisk): string[] {
  return memory.tree("/dst").map((line) => "/dst/" + line.replace(/ = .*$/s, "").replace(/\/$/, ""))
    .filter((path) => STAGED.test(path));
}

for (const syncsVolume of [true, false]) {
  for (const stopBytes of [0, 6 * MIB, Infinity]) {
    const until = stopBytes === 0
      ? "before anything"
      : stopBytes === Infinity
      ? "at its end"
      : "in its middle";
    const how = syncsVolume ? "with" : "without";
    Deno.test(`all files are flushed before a name appears, ${how} one call for all, of a download stopped ${until}`, async () => {
      const fixture = new TransferFixture(CONTENT);
      const memory = new MemoryDisk({ syncsVolume });
      memory.makeFolders("/dst");
      const share = await fixture.share({ keep: true });
      // The first run ends before it publishes, and its flushes are not counted.
      const stop = new AbortController();
      let sentBytes = 0;
      fixture.network.tamper = (packet) => {
        sentBytes += packet.length;
        if (sentBytes >= stopBytes) stop.abort();
        return packet;
      };
      const refusing = watched(memory, () => {
        throw new PliError("disk_denied", { path: "/dst" });
      });
      await assert.rejects(inTime(fixture, receive(fixture, refusing, share.ticket, [], stop.signal)));
      fixture.network.tamper = (packet) => packet;
      let looked = 0;
      const disk = watched(memory, (flushed) => {
        looked++;
        if (flushed === "everything") return;
        for (const path of staged(memory)) assert.ok(flushed.has(path), `${path} is not flushed`);
      });
      await inTime(fixture, receive(fixture, disk, share.ticket));
      assert.ok(looked > 0);
      for (const [name, bytes] of Object.entries(CONTENT)) {
        assert.ok(Buffer.from(memory.bytesOf(`/dst/src/${name}`)!).equals(bytes), name);
      }
      await inTime(fixture, share.close());
    });
  }
}

Deno.test("D.30 too little free space needs consent before the first byte, and does not end the download", async () => {
  const fixture = new TransferFixture(CONTENT);
  const allBytes = Object.values(CONTENT).reduce((sum, bytes) => sum + bytes.length, 0);
  const share = await fixture.share({ keep: true });
  for (const roomBytes of [allBytes - 1, allBytes + 100_000]) {
    const memory = new MemoryDisk({ capacityBytes: roomBytes });
    memory.makeFolders("/dst");
    const events: TransferEvent[] = [];
    let consents: readonly Consent[] = [];
    const decide = (offer: Offer) => Promise.resolve((consents = offer.consents) !== undefined);
    const fetching = inTime(fixture, receive(fixture, memory, share.ticket, events, undefined, decide));
    if (roomBytes >= allBytes) await fetching;
    else await assert.rejects(fetching, (error) => error instanceof PliError && error.code === "disk_full");
    const reported = events.filter((event) => event.type === "space_short");
    const expected = { type: "space_short", neededBytes: allBytes, freeBytes: roomBytes };
    assert.deepEqual(reported, roomBytes < allBytes ? [expected] : []);
    const { neededBytes, freeBytes } = expected;
    const consent = { reason: "space_short", name: "/dst", neededBytes, freeBytes };
    assert.deepEqual(consents, roomBytes < allBytes ? [consent] : []);
    const first = events.findIndex((event) => event.type === "progress" && event.bytes > 0);
    if (reported.length > 0 && first >= 0) assert.ok(events.indexOf(reported[0]) < first);
  }
  await inTime(fixture, share.close());
});

Deno.test("D.30 without consent to a lack of space nothing is written", async () => {
  const fixture = new TransferFixture(CONTENT);
  const share = await fixture.share({ keep: true });
  const memory = new MemoryDisk({ capacityBytes: MIB });
  memory.makeFolders("/dst");
  const decline = ({ consents }: Offer) => Promise.resolve(consents.length === 0);
  const declined = receive(fixture, memory, share.ticket, [], undefined, decline);
  await assert.rejects(inTime(fixture, declined), (error) => isPliError(error, "declined"));
  assert.deepEqual(memory.tree("/dst"), []);
  await inTime(fixture, share.close());
});

Deno.test("D.30 bytes of an earlier run are not counted as missing", async () => {
  const fixture = new TransferFixture(CONTENT);
  const allBytes = Object.values(CONTENT).reduce((sum, bytes) => sum + bytes.length, 0);
  // Space for the files, but not for twice their size.
  const memory = new MemoryDisk({ capacityBytes: allBytes + MIB });
  memory.makeFolders("/dst");
  const share = await fixture.share({ keep: true });
  const stop = new AbortController();
  let sentBytes = 0;
  fixture.network.tamper = (packet) => {
    sentBytes += packet.length;
    if (sentBytes >= 8 * MIB) stop.abort();
    return packet;
  };
  await assert.rejects(inTime(fixture, receive(fixture, memory, share.ticket, [], stop.signal)));
  const events: TransferEvent[] = [];
  await inTime(fixture, receive(fixture, memory, share.ticket, events));
  assert.ok(!events.some((event) => event.type === "space_short"));
  await inTime(fixture, share.close());
});

Deno.test("E.16 space is counted in blocks, with the folders, and in inodes where the volume has them", async () => {
  const deep = Object.fromEntries(["a/b/c/x", "a/b/d/y", "z"].map((name) => [name, "five!"]));
  const fixture = new TransferFixture(deep);
  const share = await fixture.share({ keep: true });
  // Three files and the folders src, a, b, c, d: eight blocks and eight inodes.
  const cases = [
    { blocks: 8, freeInodes: 8, reported: [] },
    {
      blocks: 7,
      freeInodes: 8,
      reported: [{ type: "space_short", neededBytes: 8 * 4096, freeBytes: 7 * 4096 }],
    },
    { blocks: 8, freeInodes: 7, reported: [{ type: "inodes_short", needed: 8, free: 7 }] },
  ];
  for (const { blocks, freeInodes, reported } of cases) {
    const memory = new MemoryDisk({ capacityBytes: blocks * 4096, freeInodes, blockBytes: 4096 });
    memory.makeFolders("/dst");
    const events: TransferEvent[] = [];
    await inTime(fixture, receive(fixture, memory, share.ticket, events));
    assert.deepEqual(
      events.filter(({ type }) => type === "space_short" || type === "inodes_short"),
      reported,
    );
  }
  await inTime(fixture, share.close());
});
