// Checks what an earlier run left in the staging folder before anything is fetched. Foreign entries are removed, and
// every block of the rest is hashed again: nothing is trusted because it exists.

import type { Listed } from "../listed.ts";
import { join } from "../paths.ts";
import { throwIfAborted } from "../abort.ts";
import { type ProvedBlock, provedBlocks } from "../bao/block_proofs.ts";
import { BLOCK_BYTES, BLOCK_CHUNKS, blockCount, HASH_BYTES } from "../bao/geometry.ts";
import { equalBytes } from "../bytes/equal.ts";
import type { Disk, DiskFile, FileStatus, Hasher } from "../ports.ts";
import { Anchor } from "./anchor.ts";
import { batches, eachBounded } from "./bounded.ts";
import { fileKeyOf, type JournalPairs } from "./journal.ts";
import type { TreeFile, TreeFolder } from "./file_tree.ts";
import { outcomeOf } from "./outcome.ts";
import { readFully } from "./read_fully.ts";
import type { Piece } from "./pieces.ts";
import type { IncomingFile } from "./placement.ts";

/** Names in one disk query. */
const QUERY_NAMES = 256;
/** Files that are hashed concurrently. */
const MAXIMUM_HASHING = 4;
/** Blocks that are read and hashed together. The runs of a large file are hashed sequentially. */
const RUN_BLOCKS = 8;

export interface CheckOptions {
  disk: Disk;
  hasher: Hasher;
  files: Listed<IncomingFile>;
  pairs: JournalPairs;
  /** Called with the number of bytes that were hashed. */
  onChecked: (bytes: number) => void;
  signal?: AbortSignal;
}

/** A file that an earlier run has begun or completed. */
export interface StagedFile {
  folder: TreeFolder;
  file: TreeFile;
  status: FileStatus;
  /** Its missing pieces, ascending; none if it is complete. */
  missing: readonly Piece[];
}

/**
 * Walks the staging folders of a tree, whose root is set, and sets `staged` of the existing ones. Returns the files
 * with verified content and removes everything else. Throws `destination_not_folder` or `destination_gone` when a
 * folder is swapped meanwhile, `disk_*`, `cancelled`.
 */
export async function checkStaged(root: TreeFolder, options: CheckOptions): Promise<StagedFile[]> {
  const found = await findStaged(root, options);
  const staged: StagedFile[] = [];
  await eachBounded(found, MAXIMUM_HASHING, async ({ folder, file, status }) => {
    throwIfAborted(options.signal);
    const path = join(folder.staged!.path, file.stagedPart);
    const missing = await missingOf(path, file.index, status, options);
    if (missing === null) await options.disk.removeTree(path);
    else staged.push({ folder, file, status, missing });
  });
  return staged.sort((a, b) => a.file.index - b.file.index);
}

type Found = Omit<StagedFile, "missing">;

/** The files whose status permits verification. Removes the rest. */
async function findStaged(root: TreeFolder, { disk, files, signal }: CheckOptions): Promise<Found[]> {
  const found: Found[] = [];
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const { path } = folder.staged!;
    const folders = new Map(folder.folders.map((child) => [child.stagedPart, child]));
    const expected = new Map(folder.files.map((file) => [file.stagedPart, file]));
    for (const parts of batches(await disk.list(path), QUERY_NAMES)) {
      throwIfAborted(signal);
      const statuses = await disk.statuses(parts.map((part) => join(path, part)));
      for (const [at, part] of parts.entries()) {
        const status = outcomeOf(statuses[at]);
        const [child, file] = [folders.get(part), expected.get(part)];
        if (status === null) continue;
        if (child !== undefined && status.kind === "folder") {
          child.staged = Anchor.of(disk, join(path, part), status);
          waiting.push(child);
        } else if (file !== undefined && isStagedFile(status, files.at(file.index)!)) {
          found.push({ folder, file, status });
        } else {
          await folder.staged!.check();
          await disk.removeTree(join(path, part));
        }
      }
    }
  }
  return found;
}

/** A file with a second hard link was published or belongs to another program: it must not be written to. */
function isStagedFile({ kind, links, sizeBytes }: FileStatus, expected: IncomingFile): boolean {
  return kind === "file" && links <= 1 && sizeBytes <= expected.sizeBytes;
}

/** The missing pieces of a file; null if all of it is missing. */
async function missingOf(
  path: string,
  index: number,
  found: FileStatus,
  options: CheckOptions,
): Promise<Piece[] | null> {
  const { disk, hasher, pairs } = options;
  const { sizeBytes, hash } = options.files.at(index)!;
  const blocks = blockCount(sizeBytes);
  const fileKey = fileKeyOf(hash);
  const proved = provedBlocks(hasher, hash, blocks, (first, end) => pairs.of(fileKey, first, end));
  const file = await disk.open(path, "read");
  if (file === null) return null;
  try {
    const missing: Piece[] = [];
    let nextBlock = 0;
    const runs = runsOf(proved, sizeBytes, found.sizeBytes);
    for await (const block of rightBlocks(file, runs, options)) {
      if (block > nextBlock) missing.push({ index, firstBlock: nextBlock, endBlock: block });
      nextBlock = block + 1;
    }
    if (nextBlock === 0) return null;
    if (nextBlock < blocks) missing.push({ index, firstBlock: nextBlock, endBlock: blocks });
    return missing;
  } finally {
    await file.close();
  }
}

/** Consecutive blocks with proved values, and their position. */
interface Run {
  firstBlock: number;
  values: readonly Uint8Array[];
  sizeBytes: number;
  /** Whether it is the whole file, whose value is the hash. */
  isRoot: boolean;
}

/** The proved blocks of a file of `sizeBytes`, in runs, within its first `presentBytes`. */
function* runsOf(proved: Iterable<ProvedBlock>, sizeBytes: number, presentBytes: number): Generator<Run> {
  const isRoot = blockCount(sizeBytes) === 1;
  let values: Uint8Array[] = [];
  let firstBlock = 0;
  let endBytes = 0;
  const run = (): Run => ({ firstBlock, values, sizeBytes: endBytes - firstBlock * BLOCK_BYTES, isRoot });
  for (const { block, value } of proved) {
    const blockEnd = Math.min((block + 1) * BLOCK_BYTES, sizeBytes);
    if (blockEnd > presentBytes) break;
    if (values.length === RUN_BLOCKS || (values.length > 0 && block !== firstBlock + values.length)) {
      yield run();
      values = [];
    }
    if (values.length === 0) firstBlock = block;
    values.push(value);
    endBytes = blockEnd;
  }
  if (values.length > 0) yield run();
}

/** The blocks of the runs whose bytes match their values. */
async function* rightBlocks(
  file: DiskFile,
  runs: Iterable<Run>,
  { hasher, onChecked, signal }: CheckOptions,
): AsyncGenerator<number, undefined> {
  let buffer = new Uint8Array(0);
  for (const { firstBlock, values, sizeBytes, isRoot } of runs) {
    throwIfAborted(signal);
    if (buffer.length < sizeBytes) buffer = new Uint8Array(sizeBytes);
    const bytes = buffer.subarray(0, sizeBytes);
    await readFully(file, bytes, firstBlock * BLOCK_BYTES);
    const hashed = isRoot ? hasher.leaf(bytes, 0, true) : hasher.hashBlocks(bytes, firstBlock * BLOCK_CHUNKS);
    onChecked(sizeBytes);
    for (const [at, value] of values.entries()) {
      const computed = hashed.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
      if (equalBytes(computed, value)) yield firstBlock + at;
    }
  }
}
