// Making many small files, or folders: files on a thread of the native addon, where it is, else by calls that are
// done when they return. A new file is made only where nothing is: the flag for that (O_EXCL, and CREATE_NEW
// without following on Windows) takes no symlink, and it waits for no FIFO either.

import type { PliError } from "../errors.ts";
import type { FileStatus, NewFile, PathOutcome } from "../ports.ts";
import { attempt, attemptSync, diskFault, systemCode, TAKEN } from "./disk_faults.ts";
import { statusOf, statusSync, toStatus } from "./file_status.ts";
import { nativeDisk, STATUS_LENGTH, statusFrom, systemError } from "./native_disk.ts";
import { inSlices } from "./slices.ts";

const NOTHING: ReadonlySet<string> = new Set();
const NEW = { write: true, createNew: true };
/** What the addon tells of a file that it did not begin. */
const NOT_BEGUN = -1;
/** Where a file system has much to tidy up, making a file in it takes half a millisecond by itself. */
const SLICES = { farMs: 1, stopsAtFault: true };
/** The same beside other threads, which may hold the processor for a while, and how many files tell it. */
const FAR_MS = 3;
const TELLING_FILES = 32;

/** Whether the addon, which makes one after the other, took so long that the disk is far. */
let isFar = false;

/** See Disk.createFiles. */
export async function createFiles(files: readonly NewFile[]): Promise<PathOutcome[]> {
  const { createFiles: createNatively } = nativeDisk();
  if (createNatively === undefined || isFar) return await createFilesPortably(files);
  const sizes = Uint32Array.from(files, ({ bytes }) => bytes.length);
  const all = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let end = 0;
  for (const { bytes } of files) {
    all.set(bytes, end);
    end += bytes.length;
  }
  const startMs = performance.now();
  const numbers = await createNatively(files.map(({ path }) => `${path}\0`).join(""), sizes, all);
  isFar = files.length >= TELLING_FILES && performance.now() - startMs > FAR_MS * files.length;
  return outcomesFrom(numbers, files);
}

/** The same without the addon. */
export function createFilesPortably(files: readonly NewFile[]): Promise<PathOutcome[]> {
  return inSlices(files, createSync, create, SLICES);
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
    const fault = diskFault(error, path);
    first ??= fault;
    return fault;
  });
  // Only a fault keeps a file from being begun.
  return outcomes.map((outcome) => outcome === undefined ? first! : outcome);
}

/** See Disk.createFolders. */
export function createFolders(paths: readonly string[]): Promise<PathOutcome[]> {
  return inSlices(paths, createFolderSync, createFolder, SLICES);
}

function createFolderSync(path: string): FileStatus | null {
  const isMade = attemptSync(path, TAKEN, false, () => (Deno.mkdirSync(path), true));
  return isMade ? statusSync(path) : null;
}

async function createFolder(path: string): Promise<FileStatus | null> {
  const isMade = await attempt(path, TAKEN, false, async () => (await Deno.mkdir(path), true));
  return isMade ? await statusOf(path) : null;
}

function createSync({ path, bytes }: NewFile): FileStatus | null {
  const file = attemptSync(path, TAKEN, null, () => Deno.openSync(path, NEW));
  if (file === null) return null;
  try {
    return attemptSync(path, NOTHING, null, () => {
      // A volume that fills takes a part of the bytes first; the next write says that it is full.
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      return toStatus(file.statSync());
    });
  } catch (error) {
    takeBack(file, path);
    throw error;
  } finally {
    file.close();
  }
}

async function create({ path, bytes }: NewFile): Promise<FileStatus | null> {
  const file = await attempt(path, TAKEN, null, () => Deno.open(path, NEW));
  if (file === null) return null;
  try {
    return await attempt(path, NOTHING, null, async () => {
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      return toStatus(await file.stat());
    });
  } catch (error) {
    takeBack(file, path);
    throw error;
  } finally {
    file.close();
  }
}

/** Removes a file that could not be written whole, if it still has its name. */
function takeBack(file: Deno.FsFile, path: string): void {
  try {
    const [made, named] = [toStatus(file.statSync()), statusSync(path)];
    const isSame = made.inode === 0 || (named?.inode === made.inode && named.device === made.device);
    if (isSame) Deno.removeSync(path);
  } catch {
    // The fault that led here is told; this one would only hide it.
  }
}
