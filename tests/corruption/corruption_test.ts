// D.29: the data of an interrupted download is damaged, and the download continued. After each damage no wrong file
// appears, pli does not crash, and only damaged or missing blocks are fetched. A slow reference decides which blocks are
// usable; the engine must come to the same result. PLI_LONG=1 tries 1,000, PLI_CORRUPTION_SEED repeats one.

import assert from "node:assert/strict";
import { BLOCK_BYTES, blockCount, leftChunks } from "../../src/engine/bao/geometry.ts";
import { isPliError } from "../../src/engine/errors.ts";
import { MemoryDisk } from "../fakes/memory_disk.ts";
import { Chance } from "../fuzz/mutation.ts";
import { damage } from "./damage.ts";
import { HEADER_BYTES, RECORD_BYTES, recordsOf, Served, type Staged } from "./interrupted.ts";

const SEED = Deno.env.get("PLI_CORRUPTION_SEED");
const FIRST_SEED = Number(SEED ?? 1);
const SEEDS = SEED !== undefined ? 1 : Deno.env.get("PLI_LONG") ? 1000 : 20;

/** Number of sent bytes at the interruption, and the round trip: longer ones have more streams. */
const STOPS: [stopBytes: number, rttMs: number][] = [
  [2_500_000, 1],
  [4_800_000, 1],
  [6_300_000, 1],
  [7_600_000, 1],
  [5_000_000, 20],
  [6_500_000, 20],
  [7_300_000, 20],
  [7_800_000, 20],
];

Deno.test(`D.29 ${SEEDS} damages: no wrong file, no crash, only damaged blocks are fetched again`, async () => {
  const served = await new Served(1).start();
  const other = await new Served(2).start();
  // Bytes besides those of files: the manifest, pairs, requests, receipts.
  const { sentBytes } = await served.fetch(emptyDestination());
  const overheadBytes = sentBytes - served.sizeBytes;
  const states: Staged[] = [];
  for (const [stopBytes, rttMs] of STOPS) states.push(await served.interrupted(stopBytes, rttMs));
  const foreign = await other.interrupted(7_000_000, 20);
  await other.stop();
  const reference = new Reference(served, states.find((state) => state.has("journal"))!);

  const counts = {
    fetchedBytes: 0,
    missingBytes: 0,
    damagedBytes: 0,
    foreign: 0,
    refused: new Map<string, number>(),
  };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const chance = new Chance(seed);
    const at = chance.below(states.length);
    const disk = emptyDestination();
    for (const [path, bytes] of states[at]) disk.writeFile(`${served.staging}/${path}`, bytes);
    disk.writeFile(`${served.staging}/lock`, "");
    disk.setAccess(served.staging, { isOwn: true, isClosed: true });
    const beforeBytes = await reference.missingBytes(disk);
    const done = damage({
      disk,
      chance,
      staging: served.staging,
      staged: states[at],
      earlier: states[chance.below(at + 1)],
      foreign,
      stagedAs: (record) => served.stagedAs(record),
      valueOf: (bytes, block) => served.fixture.hasher.leaf(bytes, block * 1024, false),
    });
    const missingBytes = await reference.missingBytes(disk);
    const outside = disk.tree("/other");
    // A folder without its lock is not one of pli's: it is left unchanged, and everything is fetched again.
    if ((await disk.status(`${served.staging}/lock`))?.kind !== "file") {
      const { resumedBytes } = await served.fetch(disk);
      assertArrived(served, disk);
      assert.deepEqual(disk.tree("/other"), outside, "the target of a link or symlink");
      assert.equal(resumedBytes, 0);
      counts.foreign++;
      continue;
    }
    try {
      const { resumedBytes, sentBytes } = await served.fetch(disk);
      assertArrived(served, disk);
      assert.ok(!disk.has(served.staging), "the staging folder is left");
      assert.deepEqual(disk.tree("/other"), outside, "the target of a link or symlink");
      assert.equal(served.sizeBytes - resumedBytes, missingBytes, "exactly the unusable bytes were fetched");
      assert.ok(sentBytes <= missingBytes * 1.01 + overheadBytes, `${sentBytes} came for ${missingBytes}`);
      counts.fetchedBytes += sentBytes;
      counts.missingBytes += beforeBytes;
      counts.damagedBytes += missingBytes - beforeBytes;
    } catch (error) {
      const isRefusal = isPliError(error) && !isPliError(error, "internal");
      if (!isRefusal) throw new Error(`seed ${seed} (PLI_CORRUPTION_SEED): ${done}`, { cause: error });
      // Refused are only replacements of the staging folder's own files.
      assert.match(done, / at (lock|files|unknown)/, `seed ${seed}: ${done}: ${error.message}`);
      counts.refused.set(error.code, (counts.refused.get(error.code) ?? 0) + 1);
    }
  }
  await served.stop();
  const mib = (bytes: number): string => (bytes / BLOCK_BYTES).toFixed(0);
  print(
    `corruption: ${SEEDS} damages, 0 wrong files, 0 crashes, ${mib(counts.fetchedBytes)} MiB fetched for ` +
      `${mib(counts.missingBytes)} missing and ${mib(counts.damagedBytes)} damaged, ` +
      `${counts.foreign} folders without their lock, refused: ${
        JSON.stringify(Object.fromEntries(counts.refused))
      }`,
  );
});

/** Determines the usable part of a staging folder from the true files and their pairs, independent of the engine. */
class Reference {
  readonly #records: Map<string, string>;
  readonly #header: string;

  constructor(readonly served: Served, state: Staged) {
    const records = recordsOf(served.files, served.fixture.hasher);
    this.#records = new Map([...records].map(([node, record]) => [node, record.toHex()]));
    this.#header = state.get("journal")!.subarray(0, HEADER_BYTES).toHex();
  }

  async missingBytes(disk: MemoryDisk): Promise<number> {
    const known = await this.#known(disk);
    let missingBytes = 0;
    for (const [index, [name, bytes]] of [...this.served.files].entries()) {
      const found = await this.#file(disk, name, bytes.length);
      for (let block = 0; block < blockCount(bytes.length); block++) {
        const span = [block * BLOCK_BYTES, Math.min((block + 1) * BLOCK_BYTES, bytes.length)];
        const isRight = found !== null && found.length >= span[1] &&
          Buffer.compare(found.subarray(...span), bytes.subarray(...span)) === 0;
        const isUsable = isRight && this.#isProved(known, index, block, 0, blockCount(bytes.length));
        if (!isUsable) missingBytes += span[1] - span[0];
      }
    }
    return missingBytes;
  }

  #isProved(known: ReadonlySet<string>, index: number, block: number, first: number, end: number): boolean {
    if (end - first === 1) return true;
    if (!known.has(this.#records.get(`${index} ${first} ${end}`)!)) return false;
    const middle = first + leftChunks(end - first);
    return block < middle
      ? this.#isProved(known, index, block, first, middle)
      : this.#isProved(known, index, block, middle, end);
  }

  async #known(disk: MemoryDisk): Promise<ReadonlySet<string>> {
    const path = `${this.served.staging}/journal`;
    const status = await disk.status(path);
    const bytes = disk.bytesOf(path);
    if (bytes === null || status?.links !== 1) return new Set();
    if (bytes.subarray(0, HEADER_BYTES).toHex() !== this.#header) return new Set();
    const whole = Math.floor((bytes.length - HEADER_BYTES) / RECORD_BYTES);
    return new Set(Array.from({ length: whole }, (_, at) => {
      const start = HEADER_BYTES + at * RECORD_BYTES;
      return bytes.subarray(start, start + RECORD_BYTES).toHex();
    }));
  }

  /** The bytes of a staged file that may be used: one whose folders are folders, with one hard link. */
  async #file(disk: MemoryDisk, name: string, sizeBytes: number): Promise<Uint8Array | null> {
    let path = this.served.staging;
    const parts = ["files", ...name.split("/")];
    for (const part of parts.slice(0, -1)) {
      path += `/${part}`;
      if ((await disk.status(path))?.kind !== "folder") return null;
    }
    path += `/${parts.at(-1)}`;
    const status = await disk.status(path);
    if (status?.kind !== "file" || status.links !== 1 || status.sizeBytes > sizeBytes) return null;
    return disk.bytesOf(path);
  }
}

function emptyDestination(): MemoryDisk {
  const disk = new MemoryDisk();
  disk.makeFolders("/dst");
  return disk;
}

function assertArrived(served: Served, disk: MemoryDisk): void {
  for (const [name, bytes] of served.files) {
    const found = disk.bytesOf(`/dst/${name}`);
    assert.ok(found !== null && Buffer.compare(found, bytes) === 0, `${name} is wrong`);
  }
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
