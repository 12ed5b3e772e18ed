// What is remembered of the files that were hashed before: decides what may be kept, and checks what comes
// back. A file is known by its path, size, times, inode and device. One that was changed just before it was
// hashed is not kept: the next change could get the same times from a clock with coarse steps.

import {
  BLOCK_CHUNKS,
  blockCount,
  chunkCount,
  GROUP_CHUNKS,
  HASH_BYTES,
  leftChunks,
} from "../bao/geometry.ts";
import { isPliError } from "../errors.ts";
import type { Ports } from "../options.ts";
import type { FileStatus, FileValues, HashKey } from "../ports.ts";
import { batches } from "./bounded.ts";
import type { HashedFile } from "./hash_file.ts";
import type { SourceFile } from "./walk.ts";

/** How long a file must have been left alone before it was hashed. FAT counts times in steps of 2 s. */
const SETTLED_MS = 2_000;
/** So many files are asked for, or noted before they are kept: of a million not all are in memory at once. */
const TOGETHER = 1_024;

/** What hashing a file gave, and where the file is. */
export interface NewHash {
  path: string;
  file: HashedFile;
}

type KeyStatus = Pick<FileStatus, "sizeBytes" | "modifiedMs" | "changedMs" | "inode" | "device">;

export class HashMemory {
  readonly #ports: Omit<Ports, "bind">;
  readonly #fresh: { key: HashKey; values: FileValues }[] = [];

  constructor(ports: Omit<Ports, "bind">) {
    this.#ports = ports;
  }

  /** Tells the values of those files that are as they were when they were hashed, by their number. */
  find(sources: readonly SourceFile[], onFound: (index: number, values: FileValues) => void): void {
    const { hashes } = this.#ports;
    if (hashes === undefined) return;
    // An empty file is hashed faster than it is found.
    const asked = [...sources.keys()].filter((index) => sources[index].sizeBytes > 0);
    for (const batch of batches(asked, TOGETHER)) {
      const found = hashes.find(batch.map((index) => this.#key(sources[index].path, sources[index])));
      batch.forEach((index, i) => {
        const values = found[i];
        if (values !== null && fits(values, sources[index].sizeBytes)) onFound(index, values);
      });
    }
  }

  /**
   * Notes what hashing files gave, to be kept of those that had settled and are still what they were.
   * @param startedEpochMs when their reading began, by the clock that the times of files come from
   */
  async note(hashed: readonly NewHash[], startedEpochMs: number): Promise<void> {
    const { hashes, disk } = this.#ports;
    const settled = hashed.filter(({ file: { opened } }) =>
      opened.sizeBytes > 0 && Math.max(opened.modifiedMs, opened.changedMs) < startedEpochMs - SETTLED_MS
    );
    if (hashes === undefined || settled.length === 0) return;
    // Asked for by name, as the next walk will: what differs only by the way it is asked is not kept.
    const after = await disk.statuses(settled.map(({ path }) => path));
    for (const [at, { path, file: { opened, values } }] of settled.entries()) {
      const status = after[at];
      if (status === null || isPliError(status) || !isSame(opened, status)) continue;
      this.#fresh.push({ key: this.#key(path, opened), values });
    }
    if (this.#fresh.length >= TOGETHER) this.keep();
  }

  /** Keeps what was noted. */
  keep(): void {
    if (this.#fresh.length > 0) this.#ports.hashes?.keep(this.#fresh.splice(0));
  }

  /** Forgets a file that turned out not to be what was hashed. */
  forget(path: string): void {
    this.#ports.hashes?.forget([this.#hashOf(path)]);
  }

  #key(path: string, { sizeBytes, modifiedMs, changedMs, inode, device }: KeyStatus): HashKey {
    return { path: this.#hashOf(path), sizeBytes, modifiedMs, changedMs, inode, device };
  }

  #hashOf(path: string): Uint8Array {
    return this.#ports.hasher.leaf(new TextEncoder().encode(path), 0, true);
  }
}

function isSame(one: KeyStatus, other: KeyStatus): boolean {
  return one.sizeBytes === other.sizeBytes && one.modifiedMs === other.modifiedMs &&
    one.changedMs === other.changedMs && one.inode === other.inode && one.device === other.device;
}

/** Whether values have the lengths that those of a file of this size have. */
function fits({ units, edge }: FileValues, sizeBytes: number): boolean {
  return units.length === blockCount(sizeBytes) * HASH_BYTES &&
    edge.length === edgeCount(sizeBytes) * HASH_BYTES;
}

/** How many left siblings there are between the top of the last block and the last group. */
function edgeCount(sizeBytes: number): number {
  let count = 0;
  let chunks = chunkCount(sizeBytes) - (blockCount(sizeBytes) - 1) * BLOCK_CHUNKS;
  for (; chunks > GROUP_CHUNKS; chunks -= leftChunks(chunks)) count++;
  return count;
}
