// The sources of a share, hashed together or taken from the cache.

import assert from "node:assert/strict";
import { join } from "node:path";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import type { TransferEvent } from "../../../src/engine/events.ts";
import type { ShareOptions } from "../../../src/engine/options.ts";
import type { Disk, FileStatus } from "../../../src/engine/ports.ts";
import { hashSources } from "../../../src/engine/transfer/provide/hash_sources.ts";
import { hookedDisk, hookedReads } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { MemoryHashes } from "../../fakes/memory_hashes.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";
import { needing, NOT_LINUX } from "../../left_out.ts";
import { noise } from "../../product/trees.ts";
import { portableDisk, realDisk } from "../../system_ports.ts";

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

  /** Records the opened files. */
  counting(disk: Disk): Disk {
    return hookedDisk(disk, (operation, path) => {
      if (operation === "open") this.opened.push(String(path).slice(3));
    });
  }

  /** The hashes of the files by name, the opened paths, and the events. */
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

Deno.test("many files are hashed together, within a memory limit, in their order", async () => {
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

Deno.test("unreadable files are skipped and reported, and the rest is sent", async () => {
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

Deno.test("progress is reported at the beginning, every 100 ms, and at the end", async () => {
  const setting = new Setting(FILES);
  setting.disk = hookedReads(setting.memory, () => setting.clock.pass(120));
  const { events } = await setting.share();
  const total = 5 + 20_000 + MIB + 3 * MIB + 5;
  assert.deepEqual(events[0], { type: "hashing", bytes: 0, total, files: 0 });
  assert.deepEqual(events.at(-1), { type: "hashing", bytes: total, total, files: 5 });
  // Two small files, one of a block and a large one: the first of a batch causes a report, the others are within 100 ms.
  assert.equal(events.length, 4);
  assert.deepEqual((await setting.share()).events, [
    { type: "hashing", bytes: 0, total, files: 0 },
    { type: "hashing", bytes: total, total, files: 5 },
  ]);
});

Deno.test("a second share of the same files opens only the empty ones", async () => {
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

Deno.test("a file with any other status is hashed again", async () => {
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

Deno.test("a file that was changed within two seconds of its hashing is not cached", async () => {
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

Deno.test("a file that changes while it is hashed, or whose status fails then, is not cached", async () => {
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

Deno.test("values that are impossible for a file are not used", async () => {
  const setting = new Setting({ d: FILES.d });
  const { hashed } = await setting.share();
  const [entry] = [...setting.hashes.entries.values()];
  const { blockValues, sizeProof } = entry.values;
  const wrong = [
    { blockValues: blockValues.subarray(32), sizeProof },
    { blockValues: new Uint8Array(blockValues.length + 32), sizeProof },
    { blockValues, sizeProof: new Uint8Array(sizeProof.length + 32) },
  ];
  for (const values of wrong) {
    setting.hashes.keep([{ ...entry, values }]);
    const again = await setting.share();
    assert.deepEqual(again.opened, ["d"]);
    assert.deepEqual(again.hashed, hashed);
  }
});

Deno.test("files that were hashed before a cancellation are cached", async () => {
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

Deno.test("a file whose entry is deleted is hashed again", async () => {
  const setting = new Setting({ a: "first", b: "second" });
  await setting.share();
  const { forget } = await setting.share();
  forget("s/b");
  forget("s/no such file");
  assert.deepEqual((await setting.share()).opened, ["b"]);
});

Deno.test(needing("E.3 files that report a wrong size are detected and skipped", NOT_LINUX), async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${root}/empty`, "");
    await Deno.symlink("/proc/self", `${root}/self`);
    for (const disk of [realDisk, portableDisk]) {
      const share = (paths: string[], skipUnreadable: boolean) => {
        const skipped: string[] = [];
        const onEvent = (event: TransferEvent) => {
          if (event.type === "skipped") skipped.push(`${event.name}: ${event.reason}`);
        };
        const hashed = hashSources({ disk, clock: new VirtualClock(), hasher }, {
          paths,
          onEvent,
          skipUnreadable,
        });
        return hashed.then(({ files }) => ({ names: Array.from(files, ({ name }) => name), skipped }));
      };
      // A size of 0 with content, and a size of 4,096 with less.
      const paths = [`${root}/empty`, "/proc/cpuinfo", "/sys/class/net/lo/mtu", `${root}/self/status`];
      assert.deepEqual(await share(paths, true), {
        names: ["empty"],
        skipped: ["cpuinfo: size_unknown", "mtu: size_unknown", "status: size_unknown"],
      });
      for (const path of paths.slice(1)) {
        await assert.rejects(share([path], false), {
          code: "source_unsendable",
          parameters: { path, reason: "size_unknown", isNothingLeft: true },
        });
      }
      await assert.rejects(share(paths.slice(0, 3), false), {
        code: "source_unsendable",
        parameters: {
          path: paths[1],
          reason: "size_unknown",
          others: [{ path: paths[2], reason: "size_unknown" }],
        },
      });
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("E.2 a given file that is unreadable when it is hashed is an error with the path as given", async () => {
  const setting = new Setting({ "a/b": "text", a2: "text" });
  let opened = 0;
  setting.disk = hookedDisk(setting.memory, (operation, path) => {
    // The first time it is only opened.
    if (operation === "open" && path === "/s/a2" && ++opened > 1) throw new PliError("disk_denied", { path });
  });
  const { clock, disk } = setting;
  const share = (skipUnreadable: boolean) => {
    opened = 0;
    return hashSources({ disk, clock, hasher }, {
      paths: ["/s/a", "/s/a2"],
      onEvent: () => {},
      skipUnreadable,
    });
  };
  await assert.rejects(share(false), { code: "source_denied", parameters: { path: "/s/a2" } });
  assert.deepEqual(Array.from((await share(true)).files, ({ name }) => name), ["a/b"]);
});

Deno.test("E.2 a folder without a readable file is an error of permissions, and not of an empty share", async () => {
  const setting = new Setting({ "a/b": "text", "a/c": "text" });
  setting.disk = hookedDisk(setting.memory, (operation, path) => {
    if (operation === "open") throw new PliError("disk_denied", { path: String(path) });
  });
  await assert.rejects(setting.share(), {
    code: "source_denied",
    parameters: { path: join("/s", "a", "b"), isNothingLeft: true },
  });
});

Deno.test("E.2 all given paths that cannot be sent are one error, in their order, before anything is hashed", async () => {
  const setting = new Setting({ fine: "text", closed: "text", "locked/a": "text" });
  setting.memory.special("/s/fifo");
  setting.memory.makeFolders("/s/empty");
  const denied = new Set(["open /s/closed", "list /s/locked"]);
  setting.disk = hookedDisk(setting.memory, (operation, path) => {
    if (denied.has(`${operation} ${path}`)) throw new PliError("disk_denied", { path: String(path) });
  });
  const { clock, disk } = setting;
  const share = (names: string[], more: Partial<ShareOptions> = {}) => {
    const paths = names.map((name) => `/s/${name}`);
    const onEvent = ({ type }: TransferEvent) => assert.notEqual(type, "hashing");
    return hashSources({ disk, clock, hasher }, { paths, onEvent, ...more });
  };
  const others = [
    { path: "/s/gone", reason: "missing" },
    { path: "/s/empty", reason: "empty_folder" },
    { path: "/s/locked", reason: "unreadable" },
    { path: "/s/fifo", reason: "special_file" },
  ];
  const names = ["closed", "fine", "gone", "empty", "locked", "fifo"];
  await assert.rejects(share(names), { code: "source_denied", parameters: { path: "/s/closed", others } });
  const without = names.filter((name) => name !== "fine");
  await assert.rejects(share(without), {
    code: "source_denied",
    parameters: { path: "/s/closed", others, isNothingLeft: true },
  });
  // A path that does not exist is an error in any case.
  await assert.rejects(share(names, { skipUnreadable: true }), {
    code: "path_missing",
    parameters: { path: "/s/gone" },
  });
  await assert.rejects(share(["fine", "closed"], { exclude: (name) => name === "fine" }), {
    code: "source_denied",
    parameters: { path: "/s/closed", isNothingLeft: true },
  });
  const many = Array.from({ length: 30 }, (_, at) => `gone${at}`);
  await assert.rejects(share(["fine", ...many]), (error) => {
    assert.ok(isPliError(error, "path_missing"));
    const { path, others, moreOthers } = error.parameters;
    assert.deepEqual([path, others?.length, moreOthers], ["/s/gone0", 9, 20]);
    return true;
  });
  await assert.rejects(share(["closed", "locked"], { skipUnreadable: true, onEvent: () => {} }), {
    code: "source_denied",
    parameters: { path: "/s/closed", isNothingLeft: true },
  });
});
