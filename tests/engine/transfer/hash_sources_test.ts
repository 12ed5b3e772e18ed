// The sources of a share, hashed together or remembered.

import assert from "node:assert/strict";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { PliError } from "../../../src/engine/errors.ts";
import type { TransferEvent } from "../../../src/engine/events.ts";
import type { Disk, FileStatus } from "../../../src/engine/ports.ts";
import { hashSources } from "../../../src/engine/transfer/hash_sources.ts";
import { hookedDisk, hookedReads } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { MemoryHashes } from "../../fakes/memory_hashes.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";
import { noise } from "../../product/trees.ts";

const MIB = 1024 * 1024;
const hasher = wasmHasher();
const soon = () => new Promise((resolve) => setTimeout(resolve, 1));

class Setting {
  readonly memory = new MemoryDisk();
  readonly hashes = new MemoryHashes();
  readonly clock = new VirtualClock();
  readonly opened: string[] = [];
  disk: Disk = this.counting(this.memory);

  constructor(files: Record<string, string | Uint8Array>) {
    for (const [name, content] of Object.entries(files)) this.memory.writeFile(`/s/${name}`, content);
  }

  /** Notes which files are opened. */
  counting(disk: Disk): Disk {
    return hookedDisk(disk, (operation, path) => {
      if (operation === "open") this.opened.push(String(path).slice(3));
    });
  }

  /** The hashes of the files by name, what was opened for them, and the events. */
  async share({ hashes = true, signal }: { hashes?: boolean; signal?: AbortSignal } = {}) {
    const { disk, clock } = this;
    const events: TransferEvent[] = [];
    this.opened.length = 0;
    const { files, forget } = await hashSources(
      { disk, clock, hasher, ...(hashes && { hashes: this.hashes }) },
      { paths: ["/s"], onEvent: (event) => events.push(event), signal },
    );
    const hashed = Array.from(files, ({ name, blob }) => [name.slice(2), blob.hash.toHex()]);
    return { hashed, opened: this.opened.toSorted(), events, forget };
  }
}

const FILES = { a: "first", b: noise(20_000), c: noise(MIB, 2), d: noise(3 * MIB + 5, 3), empty: "" };

Deno.test("many files are hashed together, within memory, and stay in their order", async () => {
  // Every third is small enough for a batch.
  const files = Array.from(
    { length: 40 },
    (_, i) => [`${String(i).padStart(2, "0")}`, noise((i % 3 === 0 ? 1000 : 70_000) + i, i + 1)],
  );
  const setting = new Setting({ ...Object.fromEntries(files), big1: noise(30 * MIB), big2: noise(26 * MIB) });
  const reading = new Map<string, number>();
  let most = 0;
  setting.disk = hookedReads(setting.memory, async ({ path, buffer }) => {
    reading.set(path, buffer.buffer.byteLength);
    most = Math.max(most, reading.size);
    if (path.includes("big")) assert.deepEqual([...reading.keys()], [path]);
    for (let i = path.length * 7 % 4; i > 0; i--) await soon();
    if (!path.includes("big")) reading.delete(path);
  }, (path) => reading.delete(path));
  const { hashed } = await setting.share();
  assert.deepEqual(hashed.map(([name]) => name), [...files.map(([name]) => name), "big1", "big2"]);
  assert.equal(most, 8);
  setting.disk = setting.memory;
  assert.deepEqual((await setting.share({ hashes: false })).hashed, hashed);
});

Deno.test("what cannot be read is left out and told, and the rest goes on", async () => {
  const setting = new Setting(FILES);
  setting.disk = hookedDisk(setting.memory, (operation, path) => {
    if (operation === "open" && path === "/s/b") throw new PliError("disk_denied", { path });
    if (operation === "open" && path === "/s/c") setting.memory.remove("/s/c");
  });
  const { hashed, events } = await setting.share();
  assert.deepEqual(hashed.map(([name]) => name), ["a", "d", "empty"]);
  const skipped = events.flatMap((event) => event.type === "skipped" ? [event] : []);
  assert.deepEqual(skipped.toSorted((a, b) => a.name < b.name ? -1 : 1), [
    { type: "skipped", name: "s/b", reason: "unreadable" },
    { type: "skipped", name: "s/c", reason: "unreadable" },
  ]);
});

Deno.test("progress is told at the beginning, every 100 ms, and at the end", async () => {
  const setting = new Setting(FILES);
  setting.disk = hookedReads(setting.memory, () => setting.clock.pass(120));
  const { events } = await setting.share();
  const total = 5 + 20_000 + MIB + 3 * MIB + 5;
  assert.deepEqual(events[0], { type: "hashing", bytes: 0, total, files: 0 });
  assert.deepEqual(events.at(-1), { type: "hashing", bytes: total, total, files: 5 });
  // Two small ones, one of a block and a large one: of what is read together the first to be hashed tells, the others
  // are too soon.
  assert.equal(events.length, 4);
  assert.deepEqual((await setting.share()).events, [
    { type: "hashing", bytes: 0, total, files: 0 },
    { type: "hashing", bytes: total, total, files: 5 },
  ]);
});

Deno.test("a second share of the same files opens none but the empty ones", async () => {
  const setting = new Setting(FILES);
  const first = await setting.share();
  assert.deepEqual(first.opened, Object.keys(FILES));
  const second = await setting.share();
  assert.deepEqual(second.opened, ["empty"]);
  assert.deepEqual(second.hashed, first.hashed);
  assert.equal(setting.hashes.finds, 2);
  assert.equal(setting.hashes.keeps, 1);
  assert.deepEqual((await setting.share({ hashes: false })).opened, Object.keys(FILES));
});

Deno.test("a file of which anything is different is hashed again", async () => {
  for (const field of ["sizeBytes", "modifiedMs", "changedMs", "inode", "device"] as const) {
    const setting = new Setting({ a: "first" });
    await setting.share();
    const counted = setting.disk;
    const differing = <T>(status: T | FileStatus | null) =>
      status !== null && typeof status === "object" && "kind" in status && status.kind === "file"
        ? { ...status, [field]: status[field] + 1 }
        : status;
    setting.disk = {
      ...counted,
      status: async (path) => differing(await counted.status(path)),
      statuses: async (paths) => (await counted.statuses(paths)).map(differing),
    };
    assert.deepEqual((await setting.share()).opened, ["a"], field);
  }
  const setting = new Setting({ a: "first" });
  await setting.share();
  await setting.memory.rename("/s/a", "/s/b");
  assert.deepEqual((await setting.share()).opened, ["b"]);
});

Deno.test("a file that was changed within two seconds of its hashing is not remembered", async () => {
  const setting = new Setting({ a: "first" });
  const nowMs = setting.clock.epochMs();
  const isRemembered = async (modifiedMs: number, changedMs: number) => {
    setting.memory.setTimes("/s/a", modifiedMs, changedMs);
    await setting.share();
    return (await setting.share()).opened.length === 0;
  };
  assert.equal(await isRemembered(nowMs, nowMs), false);
  assert.equal(await isRemembered(nowMs - 2_000, 0), false);
  assert.equal(await isRemembered(0, nowMs - 2_000), false);
  assert.equal(await isRemembered(nowMs + 1e9, 0), false);
  assert.equal(await isRemembered(nowMs - 2_001, nowMs - 2_001), true);
});

Deno.test("a file that changes while it is hashed, or whose status fails then, is not remembered", async () => {
  for (const fault of ["changed", "replaced", "gone", "denied"]) {
    const setting = new Setting({ a: "first" });
    const { memory } = setting;
    let isRead = false;
    const disk = hookedReads(memory, async () => {
      isRead = true;
      if (fault === "changed") memory.setTimes("/s/a", 1, 2);
      if (fault !== "replaced" && fault !== "gone") return;
      await memory.rename("/s/a", "/away");
      if (fault === "replaced") memory.writeFile("/s/a", "first");
    });
    const statuses = async (paths: readonly string[]) => {
      if (fault !== "denied" || !isRead) return await memory.statuses(paths);
      return paths.map((path) => new PliError("disk_denied", { path }));
    };
    setting.disk = { ...disk, statuses };
    assert.equal((await setting.share()).hashed.length, 1, fault);
    assert.equal(setting.hashes.entries.size, 0, fault);
  }
});

Deno.test("values that cannot be a file's are not used", async () => {
  const setting = new Setting({ d: FILES.d });
  const { hashed } = await setting.share();
  const [entry] = [...setting.hashes.entries.values()];
  const { units, edge } = entry.values;
  const wrong = [
    { units: units.subarray(32), edge },
    { units: new Uint8Array(units.length + 32), edge },
    { units, edge: new Uint8Array(edge.length + 32) },
  ];
  for (const values of wrong) {
    setting.hashes.keep([{ ...entry, values }]);
    const again = await setting.share();
    assert.deepEqual(again.opened, ["d"]);
    assert.deepEqual(again.hashed, hashed);
  }
});

Deno.test("what was hashed before hashing is broken off is remembered", async () => {
  const setting = new Setting({ a: "first", big: noise(30 * MIB) });
  const controller = new AbortController();
  setting.disk = hookedReads(setting.memory, async ({ path }) => {
    if (!path.includes("big")) return;
    await soon();
    controller.abort();
  });
  await assert.rejects(setting.share({ signal: controller.signal }), { code: "cancelled" });
  assert.equal(setting.hashes.entries.size, 1);
});

Deno.test("what is forgotten is hashed again", async () => {
  const setting = new Setting({ a: "first", b: "second" });
  await setting.share();
  const { forget } = await setting.share();
  forget("s/b");
  forget("s/no such file");
  assert.deepEqual((await setting.share()).opened, ["b"]);
});
