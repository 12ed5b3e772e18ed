// Small files that are written whole, many at a time: beside larger ones, with another program in the staging folder, and
// flushed by one call or singly.

import assert from "node:assert/strict";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { type ErrorCode, isPliError, PliError } from "../../../src/engine/errors.ts";
import type { Disk } from "../../../src/engine/ports.ts";
import { StagedDownload } from "../../../src/engine/store/staged_download.ts";
import { type DiskOperation, hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { openStaged, published, ROOT_HASH, STAGING } from "./staged_receive.ts";
import { realDisk } from "../../system_ports.ts";
import { slashed } from "../../fakes/slashes.ts";

const FILES = `/in/${STAGING}/files`;
const fails = (code: ErrorCode) => (error: unknown) => isPliError(error, code);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Plans files whose content is their name. Resolves to the files by name. */
async function planned(staged: StagedDownload, names: readonly string[]) {
  await staged.plan(names.map((name) => ({ name, sizeBytes: bytesOf(name).length, hash: ROOT_HASH })));
  return new Map(names.map((name, index) => [name, { index, bytes: bytesOf(name) }]));
}

/** A planned staged download in `/in`, and a function that writes some of its files whole. */
async function staged(disk: Disk, names: readonly string[]) {
  const staged = await openStaged(disk);
  const files = await planned(staged, names);
  const write = (...some: readonly string[]) => staged.writeWhole(some.map((name) => files.get(name)!));
  return { staged, files, write };
}

const many = (count: number, folder = "d"): string[] =>
  Array.from({ length: count }, (_, at) => `${folder}/${at}`);

/** Records the operations on the disk, and the flushed files. */
function noting(disk: Disk, log: string[], operations: readonly DiskOperation[]): Disk {
  const short = (path: unknown): string =>
    slashed(String(path)).replace(FILES, "F").replace(`/in/${STAGING}`, "S");
  const hooked = hookedDisk(disk, (operation, path) => {
    if (operations.includes(operation)) log.push(`${operation} ${short(path)}`);
  });
  return {
    ...hooked,
    open: async (path, mode) => {
      const file = await hooked.open(path, mode);
      if (file === null) return null;
      return { ...file, sync: () => (log.push(`${mode} sync ${short(path)}`), file.sync()) };
    },
  };
}

Deno.test("whole files are published beside larger and empty ones, in new and existing folders", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/in/old/kept", "kept");
  const names = ["new/a", "old/b", "new/deep/c", "d", "new/large", "old/large"];
  const { staged: receiveStaged, files, write } = await staged(disk, names);
  const half = (name: string, at: number) => {
    const { index, bytes } = files.get(name)!;
    const middle = bytes.length >> 1;
    return at === 0
      ? receiveStaged.write(index, 0, bytes.subarray(0, middle))
      : receiveStaged.write(index, middle, bytes.subarray(middle));
  };
  await Promise.all([half("new/large", 0), write("new/a", "d", "new/deep/c"), half("old/large", 1)]);
  await Promise.all([write("old/b"), half("new/large", 1), half("old/large", 0), write()]);
  for (const name of ["new/large", "old/large"]) await receiveStaged.finish(files.get(name)!.index);
  assert.deepEqual(await receiveStaged.publish(), ["d", "new", "old"]);
  assert.deepEqual(disk.tree("/in"), [
    "d = d",
    "new/",
    "new/a = new/a",
    "new/deep/",
    "new/deep/c = new/deep/c",
    "new/large = new/large",
    "old/",
    "old/b = old/b",
    "old/kept = kept",
    "old/large = old/large",
  ]);
});

Deno.test("empty files are written whole, also with thousands of others on a real disk", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-whole-" }));
  try {
    const receiveStaged = await StagedDownload.open({
      disk: realDisk,
      hasher: wasmHasher(),
      folder: root,
      rootHash: ROOT_HASH,
      existing: "merge",
      sameContent: () => assert.fail("compared"),
      onEvent: () => assert.fail("renamed"),
    });
    const names = Array.from({ length: 2000 }, (_, at) => `t/${at % 70}/${at % 7 === 0 ? `${at}/x` : at}`);
    const content = names.map((name, at) => at % 5 === 0 ? "" : name);
    const sizes = content.map((text) => bytesOf(text).length);
    await receiveStaged.plan(names.map((name, at) => ({ name, sizeBytes: sizes[at], hash: ROOT_HASH })));
    const batches = Array.from({ length: 20 }, (_, at) => at * 100);
    await Promise.all(
      batches.map((start) =>
        receiveStaged.writeWhole(
          content.slice(start, start + 100).map((text, at) => ({ index: start + at, bytes: bytesOf(text) })),
        )
      ),
    );
    assert.deepEqual(await receiveStaged.publish(), ["t"]);
    for (const [at, name] of names.entries()) {
      assert.equal(Deno.readTextFileSync(`${root}/${name}`), content[at]);
    }
    assert.deepEqual([...Deno.readDirSync(root)].map(({ name }) => name), ["t"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("a file of another program in the staging folder stops the transfer, and is kept", async () => {
  const plants: ((disk: MemoryDisk, path: string) => void)[] = [
    (disk, path) => disk.symlink("/elsewhere", path),
    (disk, path) => disk.symlink("/elsewhere/missing", path),
    (disk, path) => disk.special(path),
    (disk, path) => disk.writeFile(path, "planted"),
    (disk, path) => disk.makeFolders(path),
  ];
  for (const plant of plants) {
    for (const [planted, operation] of [["trip/b", "createFiles"], ["trip", "makeFolder"]] as const) {
      const memory = new MemoryDisk();
      memory.makeFolders("/in");
      memory.writeFile("/elsewhere/kept", "kept");
      let there: string[] = [];
      const disk = hookedDisk(memory, (now, path) => {
        if (now !== operation || path !== `${FILES}/${planted}`) return;
        plant(memory, `${FILES}/${planted}`);
        there = memory.tree(FILES).filter((line) => line.startsWith(planted));
      });
      const { staged: receiveStaged, write } = await staged(disk, ["trip/a", "trip/b", "trip/c"]);
      await assert.rejects(write("trip/a", "trip/b", "trip/c"), fails("destination_busy"));
      assert(there.length > 0);
      for (const line of there) assert(memory.tree(FILES).includes(line), line);
      await assert.rejects(receiveStaged.publish(), fails("internal"));
      await receiveStaged.abandon();
      assert.deepEqual(memory.tree("/elsewhere"), ["kept = kept"]);
      assert.deepEqual(published(memory, "/in"), []);
    }
  }
});

Deno.test("a disk that becomes full in the middle of a batch is reported, and nothing is left", async () => {
  const hooked = new MemoryDisk();
  const failing = hookedDisk(hooked, (operation, path) => {
    if (operation === "createFiles" && String(path).endsWith("/2")) {
      throw new PliError("disk_full", { path: String(path) });
    }
  });
  const full = new MemoryDisk({ capacityBytes: 8 });
  for (const [disk, memory] of [[failing, hooked], [full, full]] as const) {
    const { staged: receiveStaged, write } = await staged(disk, many(6));
    await assert.rejects(write(...many(6)), fails("disk_full"));
    assert.deepEqual(memory.tree(FILES).slice(0, 4), ["d/", "d/0 = d/0", "d/1 = d/1"]);
    await assert.rejects(receiveStaged.publish(), fails("internal"));
    await receiveStaged.abandon();
    assert.deepEqual(published(memory, "/"), ["in/"]);
  }
});

Deno.test("a folder replaced in the middle of a batch: files created elsewhere are removed", async () => {
  for (const isFull of [false, true]) {
    for (const swapped of ["d", "d/deep"]) {
      const memory = new MemoryDisk();
      memory.writeFile("/elsewhere/kept", "kept");
      memory.writeFile("/elsewhere/deep/3", "theirs");
      memory.writeFile("/elsewhere/5", "theirs");
      const before = memory.tree("/elsewhere");
      let madeElsewhere = 0;
      const disk = hookedDisk(memory, async (operation, path) => {
        if (operation !== "createFiles") return;
        if (path === `${FILES}/d/deep/1`) {
          await memory.rename(`${FILES}/${swapped}`, "/in/moved");
          memory.symlink(swapped === "d" ? "/elsewhere" : "/elsewhere/deep", `${FILES}/${swapped}`);
        }
        madeElsewhere = Math.max(madeElsewhere, memory.tree("/elsewhere").length - before.length);
        if (isFull && path === `${FILES}/d/deep/4`) throw new PliError("disk_full", { path });
      });
      const names = many(6, "d/deep");
      const { staged: receiveStaged, write } = await staged(disk, names);
      await assert.rejects(write(...names), fails("destination_not_folder"));
      assert(madeElsewhere > 0);
      assert.deepEqual(memory.tree("/elsewhere"), before);
      await assert.rejects(write("d/deep/5"), fails("destination_not_folder"));
      await receiveStaged.abandon();
      assert.deepEqual(memory.tree("/elsewhere"), before);
    }
  }
});

Deno.test("after a folder is replaced no file is created in it", async () => {
  const memory = new MemoryDisk();
  memory.makeFolders("/elsewhere");
  const { staged: receiveStaged, write } = await staged(
    hookedDisk(memory, (operation, path) => {
      if (operation === "createFiles" || operation === "makeFolder") {
        assert(!String(path).startsWith(`${FILES}/d`) || !isSwapped, String(path));
      }
    }),
    ["d/a", "d/b", "d/new/c"],
  );
  let isSwapped = false;
  await write("d/a");
  await memory.rename(`${FILES}/d`, "/in/moved");
  memory.symlink("/elsewhere", `${FILES}/d`);
  isSwapped = true;
  await assert.rejects(write("d/b"), fails("destination_not_folder"));
  await assert.rejects(write("d/new/c"), fails("destination_not_folder"));
  await assert.rejects(write("d/new/c"), fails("destination_not_folder"));
  await receiveStaged.abandon();
});

Deno.test("a folder is created once, for concurrent batches and larger files", async () => {
  const log: string[] = [];
  const memory = new MemoryDisk();
  const names = ["a/b/c/1", "a/b/c/2", "a/b/3", "a/b/d/4", "large", "a/b/c/large"];
  const { staged: receiveStaged, files, write } = await staged(noting(memory, log, ["makeFolder"]), names);
  log.length = 0;
  const { index, bytes } = files.get("a/b/c/large")!;
  await Promise.all([
    write("a/b/c/1"),
    write("a/b/c/2", "a/b/3"),
    receiveStaged.write(index, 0, bytes),
    write("a/b/d/4", "large"),
  ]);
  await receiveStaged.finish(index);
  await receiveStaged.publish();
  const made = log.filter((line) => line.startsWith("makeFolder"));
  assert.deepEqual(made.sort(), ["a", "a/b", "a/b/c", "a/b/d"].map((folder) => `makeFolder F/${folder}`));
  for (const name of names) assert.equal(memory.readFile(`/in/${name}`), name);
});

Deno.test("abandoning awaits the running batch, and no other starts", async () => {
  const memory = new MemoryDisk();
  const gate = Promise.withResolvers<void>();
  const disk = hookedDisk(memory, async (operation, path) => {
    if (operation === "createFiles" && path === `${FILES}/d/1`) await gate.promise;
  });
  const { staged: receiveStaged, write } = await staged(disk, many(6));
  await write("d/5");
  const writing = write("d/0", "d/1", "d/2");
  const abandoned = receiveStaged.abandon();
  await assert.rejects(write("d/3", "d/4"), fails("cancelled"));
  assert(memory.has(`/in/${STAGING}`));
  gate.resolve();
  await writing;
  await abandoned;
  assert.deepEqual(published(memory, "/"), ["in/"]);
  await assert.rejects(receiveStaged.publish(), fails("cancelled"));
});

Deno.test("many files are flushed by one call for the volume, with their folders, before a name appears", async () => {
  const log: string[] = [];
  const disk = noting(new MemoryDisk(), log, ["open", "syncVolume", "syncFolder", "rename", "link"]);
  const { staged: receiveStaged, write } = await staged(disk, many(65));
  log.length = 0;
  await write(...many(65));
  await receiveStaged.publish();
  assert.deepEqual(log, ["syncVolume S", "rename F/d", "syncFolder /in"]);
});

Deno.test("few files, or many on a system without that call, are flushed singly", async () => {
  for (const [count, syncsVolume] of [[64, true], [65, false]] as const) {
    const log: string[] = [];
    const disk = noting(new MemoryDisk({ syncsVolume }), log, ["syncVolume", "syncFolder", "rename"]);
    const { staged: receiveStaged, write } = await staged(disk, many(count));
    log.length = 0;
    await write(...many(count));
    await receiveStaged.publish();
    const flushed = log.splice(syncsVolume ? 0 : 1, count);
    assert.deepEqual(flushed.sort(), many(count).map((name) => `update sync F/${name}`).sort());
    const before = syncsVolume ? [] : ["syncVolume S"];
    assert.deepEqual(log, [...before, "syncFolder F/d", "syncFolder F", "rename F/d", "syncFolder /in"]);
  }
});

Deno.test("a file that was replaced before its flush is detected", async () => {
  const swaps: [(disk: MemoryDisk, path: string) => void, ErrorCode][] = [
    [(disk, path) => disk.writeFile(path, "theirs"), "destination_busy"],
    [(disk, path) => disk.symlink("/elsewhere/kept", path), "destination_busy"],
    [() => {}, "destination_busy"],
    [(disk) => disk.symlink("/elsewhere", `${FILES}/d`), "destination_not_folder"],
  ];
  for (const [swap, code] of swaps) {
    const disk = new MemoryDisk();
    disk.writeFile("/elsewhere/kept", "kept");
    const { staged: receiveStaged, write } = await staged(disk, many(3));
    await write(...many(3));
    if (code === "destination_busy") await disk.remove(`${FILES}/d/1`);
    else await disk.removeTree(`${FILES}/d`);
    swap(disk, `${FILES}/d/1`);
    await assert.rejects(receiveStaged.publish(), fails(code));
    await receiveStaged.abandon();
    assert.deepEqual(published(disk, "/"), ["elsewhere/", "elsewhere/kept = kept", "in/"]);
  }
});

Deno.test("a volume that cannot be flushed stops the transfer before a name appears", async () => {
  const memory = new MemoryDisk();
  memory.makeFolders("/in");
  const disk = hookedDisk(memory, (operation, path) => {
    if (operation === "syncVolume") throw new PliError("disk_failed", { path: String(path) });
  });
  const { staged: receiveStaged, write } = await staged(disk, many(100));
  await write(...many(100));
  await assert.rejects(receiveStaged.publish(), fails("disk_failed"));
  assert.deepEqual(memory.tree("/in").filter((line) => !line.startsWith(STAGING)), []);
  await receiveStaged.abandon();
  assert.deepEqual(published(memory, "/in"), []);
});

Deno.test("bytes of an unexpected file, or not all of them, are detected as defects", async () => {
  const disk = new MemoryDisk();
  const { staged: receiveStaged, files, write } = await staged(disk, ["a", "b"]);
  const { index, bytes } = files.get("b")!;
  await assert.rejects(receiveStaged.writeWhole([{ index, bytes: bytes.subarray(1) }]), fails("internal"));
  await assert.rejects(receiveStaged.writeWhole([{ index: 2, bytes }]), fails("internal"));
  await write("a");
  await assert.rejects(write("a"), fails("internal"));
  await assert.rejects(receiveStaged.publish(), fails("internal"));
  await write("b");
  await receiveStaged.publish();
  assert.deepEqual(disk.tree("/in"), ["a = a", "b = b"]);
});
