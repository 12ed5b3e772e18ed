// Shares of files whose hashes are remembered: served like any other, and forgotten when they prove wrong.

import assert from "node:assert/strict";
import { Engine } from "../../../src/engine/mod.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryHashes } from "../../fakes/memory_hashes.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { newKey, World } from "./world.ts";

const FILES = { "a.txt": "first", "large": patternBytes(2 * 1024 * 1024 + 70_000) };

class RememberingWorld extends World {
  readonly hashes = new MemoryHashes();
  readonly opened: unknown[] = [];

  /** Shares the files, from hashes that are remembered where there are any. */
  rememberingShare() {
    this.opened.length = 0;
    const disk = hookedDisk(this.senderDisk, (operation, path) => {
      if (operation === "open") this.opened.push(path);
    });
    const { hasher, clock, hashes, network: { bind } } = this;
    return new Engine({ bind, hasher, disk, clock, hashes }).share({
      paths: ["/src"],
      secretKey: newKey(),
      relay: "disabled",
      ticketKind: "relay",
      keep: true,
      onEvent: (event) => this.senderEvents.push(event),
    });
  }
}

/** Lets time pass until the promise has settled. */
async function inTime<T>(world: World, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => isSettled = true);
  settled.catch(() => {});
  while (!isSettled) await world.clock.pass(100);
  return await settled;
}

Deno.test("a share from remembered hashes has the same hash, opens nothing before it serves, and arrives", async () => {
  const world = new RememberingWorld(FILES);
  const first = await world.rememberingShare();
  assert.deepEqual(world.opened.toSorted(), ["/src/a.txt", "/src/large"]);
  const second = await world.rememberingShare();
  assert.deepEqual(world.opened, []);
  assert.deepEqual(second.hash, first.hash);
  await inTime(world, world.fetch(second.ticket));
  assert.equal(world.receiverDisk.readFile("/dst/src/large"), world.senderDisk.readFile("/src/large"));
  await Promise.all([first.close(), second.close()]);
});

Deno.test("a file that is not what its remembered hash says is noticed while it is served, and forgotten", async () => {
  const world = new RememberingWorld(FILES);
  await (await world.rememberingShare()).close();
  const large = [...world.hashes.entries.values()].find(({ key }) => key.sizeBytes > 1000)!;
  large.values.units[40] ^= 1;
  const wrong = await world.rememberingShare();
  assert.deepEqual(world.opened, []);
  await assert.rejects(inTime(world, world.fetch(wrong.ticket)));
  assert.ok(
    world.senderEvents.some((event) => event.type === "source_changed" && event.name === "src/large"),
  );
  await wrong.close();
  const again = await world.rememberingShare();
  assert.deepEqual(world.opened, ["/src/large"]);
  await inTime(world, world.fetch(again.ticket));
  await again.close();
});
