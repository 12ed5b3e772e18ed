// Hashes the files of a share's paths, or takes their hashes from the cache. Small files are read and hashed in
// batches; several batches and larger files are hashed at the same time. The memory for their bytes is bounded.

import { basename } from "../../paths.ts";
import type { SkipReason } from "../../skip_reason.ts";
import { isPliError, PliError } from "../../errors.ts";
import type { OnEvent } from "../../events.ts";
import type { Ports, ShareOptions } from "../../options.ts";
import type { Clock } from "../../ports.ts";
import { Backlog } from "../../store/bounded.ts";
import { reasonOf as diskReasonOf } from "../../store/given_paths.ts";
import { SMALL_BYTES } from "../../store/file_blob.ts";
import {
  hashFile,
  hashingBytes,
  type HashOptions,
  hashSmallFiles,
  RING_BYTES,
  toPliError,
} from "../../store/hash_file.ts";
import { FolderSet } from "../../store/folder_set.ts";
import { CheckedHashCache, type NewHash } from "../../store/checked_hash_cache.ts";
import { maximumFolders } from "../../store/names.ts";
import { type SourceFile, walk } from "../../store/walk.ts";
import {
  COLLECTION_MAXIMUM_FILES,
  decodeNames,
  encodeNames,
  METADATA_MAXIMUM_BYTES,
} from "../../wire/collection.ts";
import { HashedFiles } from "./hashed_files.ts";
import { SkippedPaths } from "./skipped_paths.ts";

/** Maximum number of concurrent batches. A file that is not small is a batch of its own. */
const MAXIMUM_BATCHES = 8;
const BATCH_FILES = 64;
const EVENT_INTERVAL_MS = 100;

export interface HashedSources {
  /** In the order of their names. */
  files: HashedFiles;
  /** Removes a file from the hash cache, because its content differed from its hash while it was served. */
  forget(name: string): void;
}

type HashingPorts = Omit<Ports, "bind">;
type HashingOptions = Pick<ShareOptions, "paths" | "exclude" | "skipUnreadable" | "onEvent" | "signal">;

/**
 * Throws `path_missing`, `source_denied`, `source_unsendable`, `share_too_large`, `too_many_folders`,
 * `nothing_to_send`, `disk_*`, `cancelled`.
 */
export async function hashSources(ports: HashingPorts, options: HashingOptions): Promise<HashedSources> {
  const { disk, hasher, clock } = ports;
  const { onEvent, signal, exclude, paths } = options;
  const skippedPaths = new SkippedPaths(options);
  const sources = await walk(disk, paths, {
    exclude,
    onSkip: skippedPaths.report,
    onGivenExamined: skippedPaths.throwFaults,
    signal,
  });
  checkSize(sources);
  const progress = new HashingProgress(clock, onEvent, sources);
  const cache = new CheckedHashCache(ports);
  const files = new HashedFiles(ports, sources);
  cache.find(sources, (index, values) => {
    const { sizeBytes } = sources[index];
    progress.addCached(sizeBytes);
    files.note(index, sizeBytes, values);
  });
  const hash = async (batch: readonly number[]): Promise<void> => {
    const startedEpochMs = clock.epochMs();
    const reads = batch.map((index): HashOptions => {
      const { name, path } = sources[index];
      return { disk, hasher, name, path, onHashed: progress.onHashed, signal };
    });
    const isSmall = sources[batch[0]].sizeBytes <= SMALL_BYTES;
    const outcomes = isSmall ? await hashSmallFiles(reads) : [await hashFile(reads[0]).catch(toPliError)];
    const hashed: NewHash[] = [];
    for (const [at, index] of batch.entries()) {
      const [file, { name, path }] = [outcomes[at], reads[at]];
      if (!isPliError(file)) {
        files.note(index, file.opened.sizeBytes, file.values);
        progress.fileDone();
        hashed.push({ path, file });
        continue;
      }
      // A file that is unreadable, or was removed since the walk, is left out like other unsendable files.
      const shown = paths.find((given) => basename(given) === name) ?? path;
      skippedPaths.report({ name, path: shown, reason: reasonOf(file), fault: file });
    }
    await cache.note(hashed, startedEpochMs);
    skippedPaths.throwFaults();
  };
  const backlog = new Backlog(MAXIMUM_BATCHES, RING_BYTES);
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
      // Also after a failure, so that what was hashed need not be hashed again.
      cache.keep();
    }
  }
  files.settle();
  if (files.length === 0) throw skippedPaths.nothingToSend();
  progress.report();
  const forget = (name: string) => {
    const path = files.pathOf(name);
    if (path !== undefined) cache.forget(path);
  };
  return { files, forget };
}

/** The reason for leaving out a file that could not be hashed. Throws an error that is not about one file. */
function reasonOf(fault: PliError): SkipReason {
  if (isPliError(fault, "source_unsendable")) return fault.parameters.reason;
  return isPliError(fault, "source_changed") ? "unreadable" : diskReasonOf(fault);
}

/** Batches: successive small files together, every other file alone. */
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

/** Reports the progress of hashing, at most every 100 ms. */
class HashingProgress {
  readonly #clock: Clock;
  readonly #onEvent: OnEvent;
  readonly #totalBytes: number;
  #bytes = 0;
  #files = 0;
  #reportedMs = 0;

  constructor(clock: Clock, onEvent: OnEvent, sources: readonly SourceFile[]) {
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#totalBytes = sources.reduce((sum, source) => sum + source.sizeBytes, 0);
    this.report();
  }

  /** Counts a file whose hash is cached. */
  addCached(sizeBytes: number): void {
    this.#bytes += sizeBytes;
    this.#files++;
  }

  readonly onHashed = (bytes: number): void => {
    this.#bytes += bytes;
    if (this.#clock.nowMs() - this.#reportedMs >= EVENT_INTERVAL_MS) this.report();
  };

  fileDone(): void {
    this.#files++;
  }

  report(): void {
    this.#reportedMs = this.#clock.nowMs();
    this.#onEvent({ type: "hashing", bytes: this.#bytes, total: this.#totalBytes, files: this.#files });
  }
}

/** What receivers would refuse is reported before anything is hashed. */
function checkSize(sources: readonly SourceFile[]): void {
  const metadata = encodeNames(sources.map((source) => source.name));
  if (sources.length > COLLECTION_MAXIMUM_FILES || metadata.length > METADATA_MAXIMUM_BYTES) {
    throw new PliError("share_too_large", { files: sources.length });
  }
  const names = decodeNames(metadata);
  const folders = new FolderSet(names);
  for (let index = 0; index < names.length; index++) folders.add(index);
  const maximum = maximumFolders(names.length);
  if (folders.size > maximum) throw new PliError("too_many_folders", { folders: folders.size, maximum });
}
