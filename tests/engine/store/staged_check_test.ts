import assert from "node:assert/strict";
import { BLOCK_BYTES } from "../../../src/engine/bao/geometry.ts";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import { Anchor } from "../../../src/engine/store/anchor.ts";
import { fileKeyOf, JournalPairs } from "../../../src/engine/store/journal.ts";
import { buildTree } from "../../../src/engine/store/file_tree.ts";
import { checkStaged } from "../../../src/engine/store/staged_check.ts";
import { blockTree } from "../bao/encoding.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";

const hasher = wasmHasher();
const FILES: [name: string, bytes: Uint8Array][] = [
  ["a/one", Uint8Array.of(1)],
  ["a/b/some", new Uint8Array(70_000).fill(2)],
  ["empty", new Uint8Array(0)],
  ["large", new Uint8Array(3 * BLOCK_BYTES + 9).map((_, i) => i >> 12)],
];

/** The records of a journal for the whole large file, and for its first half. */
function records(): Uint8Array {
  const bytes = FILES[3][1];
  const value = (block: number) =>
    hasher.leaf(bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES), block * 1024, false);
  const halves = [hasher.parent(value(0), value(1), false), hasher.parent(value(2), value(3), false)];
  const list = new Uint8Array(2 * 76);
  const view = new DataView(list.buffer);
  const fileKey = fileKeyOf(blockTree(hasher, bytes).top);
  [[fileKey, 0, 4], [fileKey, 0, 2]].forEach((fields, record) =>
    fields.forEach((field, at) => view.setUint32(76 * record + 4 * at, field, true))
  );
  [halves[0], halves[1]].forEach((half, at) => list.set(half, 12 + 32 * at));
  [value(0), value(1)].forEach((half, at) => list.set(half, 76 + 12 + 32 * at));
  return list;
}

async function check(disk: MemoryDisk, journal = records(), signal?: AbortSignal) {
  const names = FILES.map(([name]) => name);
  const root = buildTree(names, names);
  root.staged = await Anchor.at(disk, "/in");
  const files = FILES.map(([name, bytes]) => ({
    name,
    sizeBytes: bytes.length,
    hash: blockTree(hasher, bytes).top,
  }));
  let checkedBytes = 0;
  const staged = await checkStaged(root, {
    disk,
    hasher,
    files,
    pairs: new JournalPairs(journal),
    onChecked: (bytes) => checkedBytes += bytes,
    signal,
  });
  const missing = staged.map(({ file, missing }) => [
    FILES[file.index][0],
    ...missing.map(({ firstBlock, endBlock }) => `${firstBlock}-${endBlock}`),
  ]);
  return { missing, checkedBytes };
}

/** A staging folder with all files complete. */
function wholeDisk(): MemoryDisk {
  const disk = new MemoryDisk();
  disk.makeFolders("/in");
  for (const [name, bytes] of FILES) disk.writeFile(`/in/${name}`, bytes);
  return disk;
}

const names = (disk: MemoryDisk) => disk.tree("/in").map((line) => line.split(" ")[0]);

Deno.test("D.29 complete files are used, and the proved blocks of a large file", async () => {
  const { missing, checkedBytes } = await check(wholeDisk());
  assert.deepEqual(missing, [["a/one"], ["a/b/some"], ["empty"], ["large", "2-4"]]);
  assert.equal(checkedBytes, 70_001 + 2 * BLOCK_BYTES);
});

Deno.test("D.29 unknown entries are removed, but not the targets of links", async () => {
  const disk = wholeDisk();
  disk.writeFile("/in/foreign", "x");
  disk.writeFile("/in/a/foreign/at/all", "x");
  disk.writeFile("/in/large.old", "x");
  disk.special("/in/a/fifo");
  disk.writeFile("/elsewhere/file", "kept");
  disk.symlink("/elsewhere", "/in/a/away");
  const { missing } = await check(disk);
  assert.equal(missing.length, 4);
  assert.deepEqual(names(disk), ["a/", "a/b/", "a/b/some", "a/one", "empty", "large"]);
  assert.equal(disk.readFile("/elsewhere/file"), "kept");
});

for (
  const [what, plant] of Object.entries<(disk: MemoryDisk) => void | Promise<void>>({
    "a symlink": (disk) => disk.symlink("/elsewhere", "/in/a"),
    "a file": (disk) => disk.writeFile("/in/a", "x"),
    "something else": (disk) => disk.special("/in/a"),
  })
) {
  Deno.test(`D.29 ${what} where a folder should be is removed`, async () => {
    const disk = wholeDisk();
    disk.writeFile("/elsewhere/one", Uint8Array.of(1));
    await disk.removeTree("/in/a");
    await plant(disk);
    assert.deepEqual((await check(disk)).missing, [["empty"], ["large", "2-4"]]);
    assert.deepEqual(names(disk), ["empty", "large"]);
    assert.ok(disk.has("/elsewhere/one"));
  });
}

Deno.test("D.29 a wrong or too long file, a link and a special file are removed", async () => {
  const disk = wholeDisk();
  disk.writeFile("/in/a/one", Uint8Array.of(2));
  disk.writeFile("/in/empty", "x");
  await disk.removeTree("/in/a/b/some");
  disk.makeFolders("/in/a/b/some/folder");
  await disk.link("/in/large", "/copy");
  assert.deepEqual((await check(disk)).missing, []);
  assert.deepEqual(names(disk), ["a/", "a/b/"]);
  assert.equal(disk.bytesOf("/copy")?.length, FILES[3][1].length);
});

Deno.test("D.29 wrong and unwritten blocks of a large file are missing", async () => {
  const [, bytes] = FILES[3];
  for (
    const [found, expected] of [
      [bytes.with(BLOCK_BYTES + 5, 0xee), ["large", "1-4"]],
      [bytes.with(5, 0xee), ["large", "0-1", "2-4"]],
      [bytes.subarray(0, 2 * BLOCK_BYTES), ["large", "2-4"]],
      [bytes.subarray(0, 2 * BLOCK_BYTES - 1), ["large", "1-4"]],
      [bytes.subarray(0, BLOCK_BYTES - 1), undefined],
    ] as const
  ) {
    const disk = wholeDisk();
    disk.writeFile("/in/large", found);
    assert.deepEqual((await check(disk)).missing[3], expected);
    assert.equal(disk.has("/in/large"), expected !== undefined);
  }
});

Deno.test("D.29 no block of a large file is proved without pairs, a file of one block needs none", async () => {
  const disk = wholeDisk();
  const { missing } = await check(disk, new Uint8Array(0));
  assert.deepEqual(missing, [["a/one"], ["a/b/some"], ["empty"]]);
  assert.ok(!disk.has("/in/large"));
});

Deno.test("D.29 a cancelled check removes nothing", async () => {
  const disk = wholeDisk();
  await assert.rejects(
    check(disk, records(), AbortSignal.abort()),
    (error) => isPliError(error, "cancelled"),
  );
  assert.equal(names(disk).length, 6);
});
