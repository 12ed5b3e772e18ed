// Random damages of staged data, independent of the engine.

import { BLOCK_BYTES } from "../../src/engine/bao/geometry.ts";
import type { MemoryDisk } from "../fakes/memory_disk.ts";
import type { Chance } from "../fuzz/mutation.ts";
import { HEADER_BYTES, RECORD_BYTES, type Staged } from "./interrupted.ts";

/** The data of a damage. Paths are relative to the staging folder. */
export interface Scene {
  disk: MemoryDisk;
  chance: Chance;
  staging: string;
  /** The staged files. */
  staged: Staged;
  /** Files staged earlier by the same download, and by a download of other content of the same sizes. */
  earlier: Staged;
  foreign: Staged;
  /** The staged path of the file of a journal's record; null if there is none. */
  stagedAs(record: Uint8Array): string | null;
  /** The value of a block, for a consistent journal. */
  valueOf(bytes: Uint8Array, block: number): Uint8Array;
}

/** The files that have pairs or part files, in the order of the collection. */
const LARGE = ["a/four", "a/three", "b/block", "b/most", "b/two"].map((name) => `files/src/${name}`);

/** Returns a short description. */
type Damage = (scene: Scene) => string;

const CHANGES: Record<string, (bytes: Uint8Array, chance: Chance) => Uint8Array> = {
  cut: (bytes, chance) => bytes.slice(0, chance.below(bytes.length)),
  emptied: () => new Uint8Array(0),
  "bit flipped": (bytes, chance) => {
    const changed = bytes.slice();
    changed[chance.below(bytes.length)] ^= 1 << chance.below(8);
    return changed;
  },
  "bytes replaced": (bytes, chance) => {
    const changed = bytes.slice();
    const at = chance.below(bytes.length);
    changed.set(chance.bytes(Math.min(1 + chance.below(3000), bytes.length - at)), at);
    return changed;
  },
  zeroed: (bytes, chance) => {
    const at = chance.below(bytes.length);
    return bytes.slice().fill(0, at, at + chance.below(BLOCK_BYTES));
  },
  "garbage appended": (bytes, chance) => joined(bytes, chance.bytes(1 + chance.below(200))),
  "middle lost": (bytes, chance) => {
    const at = chance.below(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + chance.below(200)));
  },
};

const RECORD_CHANGES: Record<string, (records: Uint8Array[], chance: Chance) => Uint8Array[]> = {
  "records twice": (records, chance) => [...records, ...records.filter(() => chance.below(2) === 0)],
  "records lost": (records, chance) => records.filter(() => chance.below(3) > 0),
  "records shuffled": (records, chance) => records.toSorted(() => chance.below(3) - 1),
  "fields changed": (records, chance) => {
    const record = records[chance.below(records.length)].slice();
    new DataView(record.buffer).setUint32(
      4 * chance.below(3),
      chance.pick([0, 1, 2, 3, 5, 1000, 2 ** 31, 2 ** 32 - 1]),
      true,
    );
    return records.with(chance.below(records.length), record);
  },
  "halves swapped": (records, chance) => {
    const at = chance.below(records.length);
    const record = records[at];
    return records.with(at, joined(record.subarray(0, 12), record.subarray(44), record.subarray(12, 44)));
  },
  "wrong record before the right one": (records, chance) => {
    const record = records[chance.below(records.length)].slice();
    record[12 + chance.below(64)] ^= 1;
    return [record, ...records];
  },
};

const DAMAGES: Record<string, Damage> = {
  file: (scene) => changeOne(scene, anyFile(scene)),
  journal: (scene) => changeOne(scene, "journal"),
  records: (scene) => {
    const { chance } = scene;
    const records = recordsIn(scene);
    if (records.length === 0) return "no records";
    const what = chance.pick(Object.keys(RECORD_CHANGES));
    writeRecords(scene, RECORD_CHANGES[what](records, chance));
    return what;
  },
  "lost or stale": (scene) => {
    const { chance, earlier, foreign } = scene;
    const path = chance.below(3) === 0 ? "journal" : anyFile(scene);
    const what = chance.pick(["missing", "stale", "foreign"]);
    const other = what === "missing" ? undefined : (what === "stale" ? earlier : foreign).get(path);
    if (other === undefined) scene.disk.removeTree(at(scene, path));
    else write(scene, path, other);
    return `${path} ${other === undefined ? "missing" : what}`;
  },
  "all foreign": (scene) => {
    for (const [path, bytes] of scene.foreign) {
      if (path !== "journal" || scene.chance.below(2) === 0) write(scene, path, bytes);
    }
    return "all of another transfer";
  },
  swapped: (scene) => {
    const [one, other] = [anyFile(scene), anyFile(scene)];
    const [ones, others] = [read(scene, one), read(scene, other)];
    if (ones === null || others === null) return "nothing to swap";
    write(scene, one, others);
    write(scene, other, ones);
    return `${one} and ${other} swapped`;
  },
  "made to agree": (scene) => {
    // A block is changed, and its value in the pair that contains it.
    const { chance, stagedAs, valueOf } = scene;
    const records = recordsIn(scene);
    const pairs = records.filter((record) => spanOf(record) <= 2);
    if (pairs.length === 0) return "no pair of blocks";
    const record = chance.pick(pairs);
    const [, first] = fieldsOf(record);
    const half = chance.below(spanOf(record));
    const target = stagedAs(record) ?? LARGE[0];
    const bytes = read(scene, target)?.slice() ?? new Uint8Array(0);
    const start = (first + half) * BLOCK_BYTES;
    if (start >= bytes.length) return "no block there";
    bytes[start + chance.below(Math.min(BLOCK_BYTES, bytes.length - start))] ^= 0x55;
    write(scene, target, bytes);
    const changed = record.slice();
    changed.set(valueOf(bytes.subarray(start, start + BLOCK_BYTES), first + half), 12 + 32 * half);
    writeRecords(scene, records.map((each) => each === record ? changed : each));
    return `${target} and the journal agree on a wrong block`;
  },
  linked: (scene) => {
    const path = chance(scene, 4) ? "journal" : anyFile(scene);
    if (read(scene, path) === null) return "nothing to link";
    scene.disk.makeFolders("/other");
    scene.disk.link(at(scene, path), `/other/${scene.chance.below(1e9)}`);
    return `${path} has a second name`;
  },
  planted: (scene) => {
    const path = scene.chance.pick([
      "journal",
      "lock",
      "files",
      "files/src",
      "files/src/a",
      anyFile(scene),
      anyFile(scene),
      "files/src/unknown",
      "unknown",
    ]);
    scene.disk.removeTree(at(scene, path));
    const kind = scene.chance.pick(["folder", "symlink", "fifo", "file"]);
    if (kind === "folder") scene.disk.makeFolders(`${at(scene, path)}/planted`);
    else if (kind === "symlink") {
      scene.disk.symlink(scene.chance.pick(["/other", "/nowhere"]), at(scene, path));
    } else if (kind === "fifo") scene.disk.special(at(scene, path));
    else write(scene, path, scene.chance.bytes(100));
    return `${kind} at ${path}`;
  },
};

/** Applies one to three damages. Returns their description. */
export function damage(scene: Scene): string {
  const times = scene.chance.pick([1, 1, 1, 2, 3]);
  return Array.from({ length: times }, () => DAMAGES[scene.chance.pick(Object.keys(DAMAGES))](scene)).join(
    ", ",
  );
}

function changeOne(scene: Scene, path: string): string {
  const bytes = read(scene, path);
  if (bytes === null || bytes.length === 0) return `${path} has nothing`;
  const what = scene.chance.pick(Object.keys(CHANGES));
  write(scene, path, CHANGES[what](bytes, scene.chance));
  return `${path} ${what}`;
}

/** True once in `times` calls, on average. */
function chance({ chance }: Scene, times: number): boolean {
  return chance.below(times) === 0;
}

function anyFile({ chance, staged }: Scene): string {
  const files = [...staged.keys()].filter((path) => path !== "journal");
  const large = files.filter((path) => /\/[ab]\//.test(path));
  return chance.pick(large.length > 0 && chance.below(3) > 0 ? large : files);
}

function recordsIn(scene: Scene): Uint8Array[] {
  const journal = read(scene, "journal") ?? new Uint8Array(0);
  const records: Uint8Array[] = [];
  for (let end = HEADER_BYTES + RECORD_BYTES; end <= journal.length; end += RECORD_BYTES) {
    records.push(journal.slice(end - RECORD_BYTES, end));
  }
  return records;
}

function writeRecords(scene: Scene, records: readonly Uint8Array[]): void {
  write(scene, "journal", joined(read(scene, "journal")!.subarray(0, HEADER_BYTES), ...records));
}

function fieldsOf(record: Uint8Array): [number, number, number] {
  const view = new DataView(record.buffer, record.byteOffset);
  return [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
}

function spanOf(record: Uint8Array): number {
  const [, first, end] = fieldsOf(record);
  return end - first;
}

function at({ staging }: Scene, path: string): string {
  return `${staging}/${path}`;
}

function read(scene: Scene, path: string): Uint8Array | null {
  return scene.disk.bytesOf(at(scene, path));
}

/** Replaces what is at a path by a file, and creates its folders. */
function write(scene: Scene, path: string, bytes: Uint8Array): void {
  const copy = bytes.slice();
  const parts = at(scene, path).split("/");
  for (let length = 2; length <= parts.length; length++) {
    const above = parts.slice(0, length).join("/");
    if (scene.disk.bytesOf(above) !== null || (length === parts.length && scene.disk.has(above))) {
      scene.disk.removeTree(above);
    }
  }
  try {
    scene.disk.writeFile(at(scene, path), copy);
  } catch {
    // A parent is not a folder, so nothing can be written there.
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
