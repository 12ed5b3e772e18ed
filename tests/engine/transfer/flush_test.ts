// What a power cut could take is flushed before a name appears, also of what an earlier run has staged: that run
// may have been killed before it flushed anything. And the room on the volume, told before the first byte.

import assert from "node:assert/strict";
import { PliError } from "../../../src/engine/errors.ts";
import { Engine, type TransferEvent } from "../../../src/engine/mod.ts";
import type { Disk } from "../../../src/engine/ports.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { newKey, World } from "./world.ts";

const MIB = 1024 * 1024;
const STAGED = /^\/dst\/\.pli-[0-9a-f]{16}\/files\//;

function noise(sizeBytes: number, seed: number): Uint8Array {
  return new Uint8Array(sizeBytes).map((_, i) => Math.imul(i + seed, 2654435761) >>> 13);
}

/** A file of each way to land, and more small ones than are flushed one by one. */
const CONTENT: Record<string, Uint8Array> = {
  "empty": new Uint8Array(0),
  "large": noise(9 * MIB + 5, 7),
  "block": noise(MIB, 9),
  "middling": noise(200_000, 5),
  ...Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`d/${i}`, noise(2_000 + i, i)])),
};

function receive(
  world: World,
  disk: Disk,
  ticket: string,
  events: TransferEvent[] = [],
  signal?: AbortSignal,
) {
  const engine = new Engine({ bind: world.network.bind, hasher: world.hasher, disk, clock: world.clock });
  return engine.fetch({
    ticket,
    secretKey: newKey(),
    relay: "disabled",
    destination: { kind: "folder", folder: "/dst", existing: "merge" },
    decide: () => Promise.resolve(true),
    patience: { firstMs: 0, laterMs: 0 },
    onEvent: (event) => events.push(event),
    signal,
  });
}

async function inTime<T>(world: World, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = promise.finally(() => isOver = true);
  settled.catch(() => {});
  while (!isOver) await world.clock.pass(500);
  return await settled;
}

/** A disk that notes what is flushed, and looks at it before a name appears in the destination. */
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
        flushed.add(path);
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
    Deno.test(`all is flushed before a name appears, ${how} one call for it, of a download stopped ${until}`, async () => {
      const world = new World(CONTENT);
      const memory = new MemoryDisk({ syncsVolume });
      memory.makeFolders("/dst");
      const share = await world.share({ keep: true });
      // The first run ends where it would publish, or before, and what it flushed is not counted.
      const stop = new AbortController();
      let sentBytes = 0;
      world.network.tamper = (packet) => {
        sentBytes += packet.length;
        if (sentBytes >= stopBytes) stop.abort();
        return packet;
      };
      const refusing = watched(memory, () => {
        throw new PliError("disk_denied", { path: "/dst" });
      });
      await assert.rejects(inTime(world, receive(world, refusing, share.ticket, [], stop.signal)));
      world.network.tamper = (packet) => packet;
      let looked = 0;
      const disk = watched(memory, (flushed) => {
        looked++;
        if (flushed === "everything") return;
        for (const path of staged(memory)) assert.ok(flushed.has(path), `${path} is not flushed`);
      });
      await inTime(world, receive(world, disk, share.ticket));
      assert.ok(looked > 0);
      for (const [name, bytes] of Object.entries(CONTENT)) {
        assert.ok(Buffer.from(memory.bytesOf(`/dst/src/${name}`)!).equals(bytes), name);
      }
      await inTime(world, share.close());
    });
  }
}

Deno.test("D.30 too little room is told before the first byte, and stops nothing by itself", async () => {
  const world = new World(CONTENT);
  const allBytes = Object.values(CONTENT).reduce((sum, bytes) => sum + bytes.length, 0);
  const share = await world.share({ keep: true });
  for (const roomBytes of [allBytes - 1, allBytes + 100_000]) {
    const memory = new MemoryDisk({ capacityBytes: roomBytes });
    memory.makeFolders("/dst");
    const events: TransferEvent[] = [];
    const fetching = inTime(world, receive(world, memory, share.ticket, events));
    if (roomBytes >= allBytes) await fetching;
    else await assert.rejects(fetching, (error) => error instanceof PliError && error.code === "disk_full");
    const told = events.filter((event) => event.type === "space_short");
    const expected = { type: "space_short", neededBytes: allBytes, freeBytes: roomBytes };
    assert.deepEqual(told, roomBytes < allBytes ? [expected] : []);
    const first = events.findIndex((event) => event.type === "progress" && event.bytes > 0);
    if (told.length > 0 && first >= 0) assert.ok(events.indexOf(told[0]) < first);
  }
  await inTime(world, share.close());
});

Deno.test("D.30 what an earlier run has brought is not counted as still to come", async () => {
  const world = new World(CONTENT);
  const allBytes = Object.values(CONTENT).reduce((sum, bytes) => sum + bytes.length, 0);
  // Room for all of it, but not for all of it once more.
  const memory = new MemoryDisk({ capacityBytes: allBytes + MIB });
  memory.makeFolders("/dst");
  const share = await world.share({ keep: true });
  const stop = new AbortController();
  let sentBytes = 0;
  world.network.tamper = (packet) => {
    sentBytes += packet.length;
    if (sentBytes >= 8 * MIB) stop.abort();
    return packet;
  };
  await assert.rejects(inTime(world, receive(world, memory, share.ticket, [], stop.signal)));
  const events: TransferEvent[] = [];
  await inTime(world, receive(world, memory, share.ticket, events));
  assert.ok(!events.some((event) => event.type === "space_short"));
  await inTime(world, share.close());
});
