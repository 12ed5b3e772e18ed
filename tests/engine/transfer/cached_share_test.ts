// Shares of files with cached hashes: served like any other, and their entries are deleted when they are wrong.

import assert from "node:assert/strict";
import { Engine } from "../../../src/engine/mod.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryHashes } from "../../fakes/memory_hashes.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { newKey, TransferFixture } from "./transfer_fixture.ts";

const FILES = { "a.txt": "first", "large": patternBytes(2 * 1024 * 1024 + 70_000) };

class CachingFixture extends TransferFixture {
  readonly hashes = new MemoryHashes();
  readonly opened: unknown[] = [];

  /** Shares the files, with cached hashes where there are any. */
  cachingShare() {
    this.opened.length = 0;
    const disk = hookedDisk(this.senderDisk, (operation, path) => {
      if (operation === "open") this.opened.push(path);
    });
    const { hasher, clock, hashes, network: { bind } } = this;
    return new Engine({ bind, hasher, disk, clock, hashes }).share({
      paths: ["/src"],
      secretKey: newKey(),
      relay: "disabled",
      ticketKind: "auto",
      keep: true,
      onEvent: (event) => this.senderEvents.push(event),
    });
  }
}

/** Advances the clock until the promise has settled. */
async function inTime<T>(fixture: TransferFixture, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => isSettled = true);
  settled.catch(() => {});
  while (!isSettled) await fixture.clock.pass(100);
  return await settled;
}

Deno.test("a share from cached hashes has the same hash, opens no file before it serves, and arrives", async () => {
  const fixture = new CachingFixture(FILES);
  const first = await fixture.cachingShare();
  assert.deepEqual(fixture.opened.toSorted(), ["/src/a.txt", "/src/large"]);
  const second = await fixture.cachingShare();
  assert.deepEqual(fixture.opened, []);
  assert.deepEqual(second.hash, first.hash);
  await inTime(fixture, fixture.fetch(second.ticket));
  assert.equal(fixture.receiverDisk.readFile("/dst/src/large"), fixture.senderDisk.readFile("/src/large"));
  await Promise.all([first.close(), second.close()]);
});

Deno.test("a file that differs from its cached hash is detected while it is served, and its entry deleted", async () => {
  const fixture = new CachingFixture(FILES);
  await (await fixture.cachingShare()).close();
  const large = [...fixture.hashes.entries.values()].find(({ key }) => key.sizeBytes > 1000)!;
  large.values.blockValues[40] ^= 1;
  const wrong = await fixture.cachingShare();
  assert.deepEqual(fixture.opened, []);
  const fetched = await inTime(fixture, fixture.fetch(wrong.ticket));
  assert.deepEqual(fetched.lost.map(({ name }) => name), ["src/large"]);
  assert.ok(
    fixture.senderEvents.some((event) => event.type === "source_changed" && event.name === "src/large"),
  );
  await wrong.close();
  const again = await fixture.cachingShare();
  assert.deepEqual(fixture.opened, ["/src/large"]);
  await inTime(fixture, fixture.fetch(again.ticket));
  await again.close();
});
