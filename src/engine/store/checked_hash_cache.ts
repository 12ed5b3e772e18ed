// Looks files up in the hash cache and stores new ones: decides which may be stored and validates what is found. The
// key is path, size, times, inode and device. A file that was changed just before it was hashed is not stored, because
// another change could yield the same times on a clock with coarse steps.

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

/** Minimum age of a file's last change when it was hashed. FAT counts times in steps of 2 s. */
const SETTLED_MS = 2_000;
/** Files in one lookup or store, so that a million are never in memory at once. */
const BATCH_FILES = 1_024;

/** A new hash and the path of its file. */
export interface NewHash {
  path: string;
  file: HashedFile;
}

type KeyStatus = Pick<FileStatus, "sizeBytes" | "modifiedMs" | "changedMs" | "inode" | "device">;

export class CheckedHashCache {
  readonly #ports: Omit<Ports, "bind">;
  readonly #fresh: { key: HashKey; values: FileValues }[] = [];

  constructor(ports: Omit<Ports, "bind">) {
    this.#ports = ports;
  }

  /** Calls `onFound` with the number and the values of each file that is unchanged since it was hashed. */
  find(sources: readonly SourceFile[], onFound: (index: number, values: FileValues) => void): void {
    const { hashes } = this.#ports;
    if (hashes === undefined) return;
    // Hashing an empty file is faster than looking it up.
    const asked = [...sources.keys()].filter((index) => sources[index].sizeBytes > 0);
    for (const batch of batches(asked, BATCH_FILES)) {
      const found = hashes.find(batch.map((index) => this.#key(sources[index].path, sources[index])));
      batch.forEach((index, i) => {
        const values = found[i];
        if (values !== null && fits(values, sources[index].sizeBytes)) onFound(index, values);
      });
    }
  }

  /**
   * Notes new hashes. Those of files that had settled and are unchanged will be stored.
   *
   * @param startedEpochMs when reading the files began, by the clock that file times come from
   */
  async note(hashed: readonly NewHash[], startedEpochMs: number): Promise<void> {
    const { hashes, disk } = this.#ports;
    const settled = hashed.filter(({ file: { opened } }) =>
      opened.sizeBytes > 0 && Math.max(opened.modifiedMs, opened.changedMs) < startedEpochMs - SETTLED_MS
    );
    if (hashes === undefined || settled.length === 0) return;
    // By name, as in the next walk: a status from an open descriptor can differ.
    const after = await disk.statuses(settled.map(({ path }) => path));
    for (const [at, { path, file: { opened, values } }] of settled.entries()) {
      const status = after[at];
      if (status === null || isPliError(status) || !isSame(opened, status)) continue;
      this.#fresh.push({ key: this.#key(path, opened), values });
    }
    if (this.#fresh.length >= BATCH_FILES) this.keep();
  }

  /** Stores the noted hashes. */
  keep(): void {
    if (this.#fresh.length > 0) this.#ports.hashes?.keep(this.#fresh.splice(0));
  }

  /** Deletes the entry of a file whose content differs from its hash. */
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

/** Whether values have the lengths for a file of this size. */
function fits({ blockValues, sizeProof }: FileValues, sizeBytes: number): boolean {
  return blockValues.length === blockCount(sizeBytes) * HASH_BYTES &&
    sizeProof.length === sizeProofLength(sizeBytes) * HASH_BYTES;
}

/** Number of left siblings between the root of the last block and the last chunk group. */
function sizeProofLength(sizeBytes: number): number {
  let count = 0;
  let chunks = chunkCount(sizeBytes) - (blockCount(sizeBytes) - 1) * BLOCK_CHUNKS;
  for (; chunks > GROUP_CHUNKS; chunks -= leftChunks(chunks)) count++;
  return count;
}
