// From the paths of a share to its files, hashed or found in the memory of hashes. Small files are read and hashed by
// the batch, several batches and larger files at the same time: the memory for their bytes is bounded.

import { isPliError, PliError } from "../errors.ts";
import type { OnEvent, SkipReason } from "../events.ts";
import type { Ports, ShareOptions } from "../options.ts";
import type { Clock } from "../ports.ts";
import { Backlog } from "../store/bounded.ts";
import { SMALL_BYTES } from "../store/file_blob.ts";
import {
  hashFile,
  hashingBytes,
  type HashOptions,
  hashSmallFiles,
  RING_BYTES,
  told,
} from "../store/hash_file.ts";
import { HashMemory, type NewHash } from "../store/hash_memory.ts";
import { type SourceFile, walk } from "../store/walk.ts";
import { COLLECTION_MAXIMUM_FILES, encodeNames, METADATA_MAXIMUM_BYTES } from "../wire/collection.ts";
import { HashedFiles } from "./hashed_files.ts";

/** How many batches are hashed together. A file that is not small is one. */
const TOGETHER = 8;
const BATCH_FILES = 64;
const EVENT_INTERVAL_MS = 100;

export interface HashedSources {
  /** In the order of their names. */
  files: HashedFiles;
  /** Forgets what is remembered of a file: while it was served it was not what was hashed. */
  forget(name: string): void;
}

type HashingPorts = Omit<Ports, "bind">;
type HashingOptions = Pick<ShareOptions, "paths" | "exclude" | "onEvent" | "signal">;

/** Throws `path_missing`, `share_too_large`, `nothing_to_send`, `disk_*`, `cancelled`. */
export async function hashSources(ports: HashingPorts, options: HashingOptions): Promise<HashedSources> {
  const { disk, hasher, clock } = ports;
  const { onEvent, signal, exclude, paths } = options;
  const skip = (name: string, reason: SkipReason) => onEvent({ type: "skipped", name, reason });
  const sources = await walk(disk, paths, { exclude, onSkip: skip, signal });
  checkSize(sources);
  const progress = new HashingProgress(clock, onEvent, sources);
  const memory = new HashMemory(ports);
  const files = new HashedFiles(ports, sources);
  memory.find(sources, (index, values) => {
    const { sizeBytes } = sources[index];
    progress.known(sizeBytes);
    files.note(index, sizeBytes, values);
  });
  const hash = async (batch: readonly number[]): Promise<void> => {
    const startedEpochMs = clock.epochMs();
    const wishes = batch.map((index): HashOptions => {
      const { name, path } = sources[index];
      return { disk, hasher, name, path, onHashed: progress.onHashed, signal };
    });
    const isSmall = sources[batch[0]].sizeBytes <= SMALL_BYTES;
    const outcomes = isSmall ? await hashSmallFiles(wishes) : [await hashFile(wishes[0]).catch(told)];
    const hashed: NewHash[] = [];
    for (const [at, index] of batch.entries()) {
      const [file, { name, path }] = [outcomes[at], wishes[at]];
      if (!isPliError(file)) {
        files.note(index, file.opened.sizeBytes, file.values);
        progress.fileDone();
        hashed.push({ path, file });
        continue;
      }
      // What cannot be read, or is gone since it was listed, is left out like the rest that cannot be sent.
      if (file.code !== "disk_denied" && file.code !== "source_changed") throw file;
      skip(name, "unreadable");
    }
    await memory.note(hashed, startedEpochMs);
  };
  const backlog = new Backlog(TOGETHER, RING_BYTES);
  try {
    const unknown = [...sources.keys()].filter((index) => !files.isHashed(index));
    for (const batch of hashingBatches(unknown, sources)) {
      const bytes = batch.reduce((sum, index) => sum + hashingBytes(sources[index].sizeBytes), 0);
      await backlog.add(() => hash(batch), bytes);
    }
  } finally {
    try {
      await backlog.drain();
    } finally {
      // Also when it is broken off: what was hashed need not be hashed again.
      memory.keep();
    }
  }
  files.settle();
  if (files.length === 0) throw new PliError("nothing_to_send", {});
  progress.tell();
  const forget = (name: string) => {
    const path = files.pathOf(name);
    if (path !== undefined) memory.forget(path);
  };
  return { files, forget };
}

/** Small files that follow each other, many together; every other file alone. */
function* hashingBatches(indices: readonly number[], sources: readonly SourceFile[]): Generator<number[]> {
  let batch: number[] = [];
  for (const index of indices) {
    const isSmall = sources[index].sizeBytes <= SMALL_BYTES;
    if (batch.length === BATCH_FILES || (!isSmall && batch.length > 0)) {
      yield batch;
      batch = [];
    }
    if (isSmall) batch.push(index);
    else yield [index];
  }
  if (batch.length > 0) yield batch;
}

/** Tells how far hashing is, at most every 100 ms. */
class HashingProgress {
  readonly #clock: Clock;
  readonly #onEvent: OnEvent;
  readonly #totalBytes: number;
  #bytes = 0;
  #files = 0;
  #toldMs = 0;

  constructor(clock: Clock, onEvent: OnEvent, sources: readonly SourceFile[]) {
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#totalBytes = sources.reduce((sum, source) => sum + source.sizeBytes, 0);
    this.tell();
  }

  /** A file that need not be hashed. */
  known(sizeBytes: number): void {
    this.#bytes += sizeBytes;
    this.#files++;
  }

  readonly onHashed = (bytes: number): void => {
    this.#bytes += bytes;
    if (this.#clock.nowMs() - this.#toldMs >= EVENT_INTERVAL_MS) this.tell();
  };

  fileDone(): void {
    this.#files++;
  }

  tell(): void {
    this.#toldMs = this.#clock.nowMs();
    this.#onEvent({ type: "hashing", bytes: this.#bytes, total: this.#totalBytes, files: this.#files });
  }
}

/** What receivers would refuse is told before anything is hashed. */
function checkSize(sources: readonly SourceFile[]): void {
  const metadata = encodeNames(sources.map((source) => source.name));
  if (sources.length > COLLECTION_MAXIMUM_FILES || metadata.length > METADATA_MAXIMUM_BYTES) {
    throw new PliError("share_too_large", { files: sources.length });
  }
}
