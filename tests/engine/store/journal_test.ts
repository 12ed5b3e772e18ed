import assert from "node:assert/strict";
import fc from "fast-check";
import type { BlockPair } from "../../../src/engine/bao/block_proofs.ts";
import { Anchor } from "../../../src/engine/store/anchor.ts";
import { Journal, type JournalPairs } from "../../../src/engine/store/journal.ts";
import { hookedReads } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";

const ROOT = new Uint8Array(32).fill(0xab);
const PATH = "/in/journal";
const HEADER_BYTES = 48;
const RECORD_BYTES = 76;

interface Noted {
  index: number;
  pair: BlockPair;
}

const u32 = fc.oneof(fc.nat(3), fc.nat(2 ** 31 - 1).map((value) => 2 * value + 1));
const value = fc.uint8Array({ minLength: 32, maxLength: 32 });
const noted: fc.Arbitrary<Noted> = fc.record({
  index: u32,
  pair: fc.record({ firstBlock: u32, endBlock: u32, left: value, right: value }),
});

function emptyDisk(): MemoryDisk {
  const disk = new MemoryDisk();
  disk.makeFolders("/in");
  return disk;
}

async function journalOn(disk: MemoryDisk, root = ROOT): Promise<{ journal: Journal; pairs: JournalPairs }> {
  const journal = new Journal(disk, await Anchor.at(disk, "/in"), root);
  return { journal, pairs: await journal.load() };
}

/** Records pairs in a separate run. */
async function note(disk: MemoryDisk, list: readonly Noted[]): Promise<void> {
  const { journal } = await journalOn(disk);
  for (const { index, pair } of list) journal.note(index, pair);
  await journal.close();
}

function found(pairs: JournalPairs, { index, pair }: Noted): BlockPair[] {
  return [...pairs.of(index, pair.firstBlock, pair.endBlock)].map(({ left, right, ...span }) => ({
    ...span,
    left: left.slice(),
    right: right.slice(),
  }));
}

/** The records for the nodes of one file in a journal of these, in any order. */
function assertFound(pairs: JournalPairs, list: readonly Noted[], about: Noted): void {
  const isAbout = ({ index, pair }: Noted) =>
    index === about.index && pair.firstBlock === about.pair.firstBlock &&
    pair.endBlock === about.pair.endBlock;
  const text = ({ left, right }: BlockPair) => left.toHex() + right.toHex();
  assert.deepEqual(
    found(pairs, about).map(text).sort(),
    list.filter(isAbout).map(({ pair }) => text(pair)).sort(),
  );
}

Deno.test("D.29 records of any number of runs are found by a later one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(noted, { maxLength: 12 }), { maxLength: 4 }), async (runs) => {
      const disk = emptyDisk();
      for (const run of runs) await note(disk, run);
      const { journal, pairs } = await journalOn(disk);
      for (const each of runs.flat()) assertFound(pairs, runs.flat(), each);
      await journal.close();
    }),
    { numRuns: 100 },
  );
});

Deno.test("D.29 a torn journal yields its complete records, and is continued after them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(noted, { minLength: 1, maxLength: 9 }),
      fc.nat(),
      noted,
      async (list, cut, later) => {
        const disk = emptyDisk();
        await note(disk, list);
        const bytes = disk.bytesOf(PATH)!;
        const cutAt = HEADER_BYTES + cut % (bytes.length - HEADER_BYTES + 1);
        disk.writeFile(PATH, bytes.slice(0, cutAt));
        const whole = list.slice(0, Math.floor((cutAt - HEADER_BYTES) / RECORD_BYTES));
        await note(disk, [later]);
        const { journal, pairs } = await journalOn(disk);
        for (const each of [...list, later]) assertFound(pairs, [...whole, later], each);
        await journal.close();
      },
    ),
    { numRuns: 100 },
  );
});

const pair: BlockPair = {
  firstBlock: 0,
  endBlock: 2,
  left: new Uint8Array(32),
  right: new Uint8Array(32).fill(1),
};
const one: Noted = { index: 7, pair };

for (
  const [what, spoil] of Object.entries<(disk: MemoryDisk) => void | Promise<void>>({
    "of another collection": (disk) => spoilByte(disk, 20),
    "with another head": (disk) => spoilByte(disk, 3),
    "cut in its head": (disk) => disk.writeFile(PATH, disk.bytesOf(PATH)!.slice(0, HEADER_BYTES - 1)),
    "with a second name": async (disk) => void await disk.link(PATH, "/in/copy"),
    "that is a folder": (disk) => replaced(disk, () => disk.makeFolders(`${PATH}/x`)),
    "that is a symlink": (disk) => replaced(disk, () => disk.symlink("/in/other", PATH)),
    "that is a FIFO": (disk) => replaced(disk, () => disk.special(PATH)),
  })
) {
  Deno.test(`D.29 a journal ${what} is removed, and a new one created with the next record`, async () => {
    const disk = emptyDisk();
    await note(disk, [one]);
    disk.writeFile("/in/other", disk.bytesOf(PATH)!);
    await spoil(disk);
    const copy = disk.readFile("/in/copy");
    const { journal, pairs } = await journalOn(disk);
    assert.deepEqual(found(pairs, one), []);
    assert.ok(!disk.has(PATH));
    journal.note(7, { ...pair, endBlock: 3 });
    await journal.close();
    assert.equal(disk.bytesOf(PATH)?.length, HEADER_BYTES + RECORD_BYTES);
    assert.equal(disk.readFile("/in/copy"), copy);
  });
}

function spoilByte(disk: MemoryDisk, at: number): void {
  const bytes = disk.bytesOf(PATH)!.slice();
  bytes[at] ^= 1;
  disk.writeFile(PATH, bytes);
}

async function replaced(disk: MemoryDisk, plant: () => void): Promise<void> {
  await disk.removeTree(PATH);
  plant();
}

Deno.test("D.29 a journal of 100,000 records is read, in any order", async () => {
  const disk = emptyDisk();
  await note(disk, [one]);
  const count = 100_000;
  const bytes = new Uint8Array(HEADER_BYTES + count * RECORD_BYTES);
  bytes.set(disk.bytesOf(PATH)!.subarray(0, HEADER_BYTES));
  const view = new DataView(bytes.buffer);
  for (let record = 0; record < count; record++) {
    // A step without a common factor with the count visits every number once.
    const number = (record * 7919) % count;
    [number % 100, number, number + 1, number].forEach((field, at) =>
      view.setUint32(HEADER_BYTES + record * RECORD_BYTES + 4 * at, field, true)
    );
  }
  disk.writeFile(PATH, bytes);
  const { journal, pairs } = await journalOn(disk);
  for (let number = 0; number < count; number += 997) {
    const [claim, ...others] = [...pairs.of(number % 100, number, number + 1)];
    assert.deepEqual(others, []);
    assert.equal(new DataView(claim.left.buffer, claim.left.byteOffset).getUint32(0, true), number);
  }
  assert.deepEqual([...pairs.of(1, 0, 1)], []);
  await journal.close();
});

Deno.test("D.36 a journal whose header cannot be written is closed", async () => {
  // Simulation 4738: the disk was full at the first pair.
  const disk = new MemoryDisk({ capacityBytes: HEADER_BYTES - 1 });
  disk.makeFolders("/in");
  let closed = 0;
  const watched = hookedReads(disk, () => {}, () => void closed++);
  const journal = new Journal(watched, await Anchor.at(watched, "/in"), ROOT);
  await journal.load();
  journal.note(0, pair);
  await journal.close();
  assert.ok(disk.has(PATH));
  assert.equal(closed, 1);
});

Deno.test("D.29 a journal that cannot be written does not affect the download", async () => {
  const disk = new MemoryDisk({ capacityBytes: HEADER_BYTES + RECORD_BYTES });
  disk.makeFolders("/in");
  const { journal } = await journalOn(disk);
  for (let i = 0; i < 10; i++) journal.note(i, pair);
  await journal.close();
  const { journal: later, pairs } = await journalOn(disk);
  assert.equal(found(pairs, { index: 9, pair }).length, 0);
  await later.close();
});
