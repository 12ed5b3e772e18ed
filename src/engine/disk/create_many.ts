// Creates many small files or folders: files on a thread of the native addon if it is loaded, else by synchronous
// calls. A new file is created only under a free name: the flag for that (O_EXCL, and CREATE_NEW without following on
// Windows) accepts no symlink and does not wait for a FIFO.

import type { PliError } from "../errors.ts";
import type { FileStatus, NewFile, PathOutcome } from "../ports.ts";
import { attempt, attemptSync, diskFault, systemCode, TAKEN } from "./disk_faults.ts";
import { statusOf, statusSync } from "./file_status.ts";
import { type NativeDisk, STATUS_LENGTH, statusFrom, systemError } from "./native_disk.ts";
import { platform } from "./platform.ts";
import type { NewPlatformFile } from "./platform_calls.ts";
import { inSlices } from "./slices.ts";

const NOTHING: ReadonlySet<string> = new Set();
/** The addon's number for a file that it did not begin. */
const NOT_BEGUN = -1;
/** On a file system with pending maintenance, creating a file takes half a millisecond. */
const SLICES = { farMs: 1, stopsAtFault: true };
/** The same beside other threads, which may occupy the processor, and the number of files that is measured. */
const FAR_MS = 3;
const MEASURED_FILES = 32;

/** Whether the addon, which creates the files sequentially, was so slow that the disk counts as far. */
let isFar = false;

/** See Disk.createFiles. */
export async function createFiles(native: NativeDisk, files: readonly NewFile[]): Promise<PathOutcome[]> {
  if (native.createFiles === undefined || isFar) return await inSlices(files, createSync, create, SLICES);
  const sizes = Uint32Array.from(files, ({ bytes }) => bytes.length);
  const all = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let end = 0;
  for (const { bytes } of files) {
    all.set(bytes, end);
    end += bytes.length;
  }
  const startMs = performance.now();
  const numbers = await native.createFiles(files.map(({ path }) => `${path}\0`).join(""), sizes, all);
  isFar = files.length >= MEASURED_FILES && performance.now() - startMs > FAR_MS * files.length;
  return outcomesFrom(numbers, files);
}

function outcomesFrom(numbers: Float64Array, files: readonly NewFile[]): PathOutcome[] {
  let first: PliError | undefined;
  const outcomes = files.map(({ path }, at): PathOutcome | undefined => {
    const begin = at * (1 + STATUS_LENGTH);
    const number = numbers[begin];
    if (number === 0) return statusFrom(numbers, begin + 1);
    if (number === NOT_BEGUN) return undefined;
    const error = systemError(number);
    if (TAKEN.has(systemCode(error))) return null;
    const fault = diskFault(error, path, "new_name");
    first ??= fault;
    return fault;
  });
  // Only an error prevents a file from being begun.
  return outcomes.map((outcome) => outcome === undefined ? first! : outcome);
}

/** See Disk.createFolders. */
export function createFolders(paths: readonly string[]): Promise<PathOutcome[]> {
  return inSlices(paths, createFolderSync, createFolder, SLICES);
}

function createFolderSync(path: string): FileStatus | null {
  const isMade = attemptSync(path, TAKEN, false, () => (platform.makeFolderSync(path), true), "new_name");
  return isMade ? statusSync(path) : null;
}

async function createFolder(path: string): Promise<FileStatus | null> {
  const isMade = await attempt(
    path,
    TAKEN,
    false,
    async () => (await platform.makeFolder(path), true),
    "new_name",
  );
  return isMade ? await statusOf(path) : null;
}

function createSync({ path, bytes }: NewFile): FileStatus | null {
  const file = attemptSync(path, TAKEN, null, () => platform.createSync(path), "new_name");
  if (file === null) return null;
  try {
    return attemptSync(path, NOTHING, null, () => {
      // A volume that becomes full takes a part of the bytes first; the next write fails.
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      return file.statusSync();
    });
  } catch (error) {
    removeCreated(file, path);
    throw error;
  } finally {
    file.close();
  }
}

async function create({ path, bytes }: NewFile): Promise<FileStatus | null> {
  const file = await attempt(path, TAKEN, null, () => platform.create(path), "new_name");
  if (file === null) return null;
  try {
    return await attempt(path, NOTHING, null, async () => {
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      return await file.status();
    });
  } catch (error) {
    removeCreated(file, path);
    throw error;
  } finally {
    file.close();
  }
}

/** Removes a file that could not be written completely, if it still has its name. */
function removeCreated(file: NewPlatformFile, path: string): void {
  try {
    const [made, named] = [file.statusSync(), statusSync(path)];
    const isSame = made.inode === 0 || (named?.inode === made.inode && named.device === made.device);
    if (isSame) platform.removeSync(path);
  } catch {
    // Ignored, because it would hide the first error.
  }
}
