// Making many small files, or folders, by calls that are done when they return. A new file is made only where
// nothing is: the flag for that (O_EXCL, and CREATE_NEW without following on Windows) takes no symlink, and it
// waits for no FIFO either.

import type { FileStatus, NewFile, PathOutcome } from "../ports.ts";
import { attempt, attemptSync, TAKEN } from "./disk_faults.ts";
import { statusOf, statusSync, toStatus } from "./file_status.ts";
import { inSlices } from "./slices.ts";

const NOTHING: ReadonlySet<string> = new Set();
const NEW = { write: true, createNew: true };
/** Where a file system has much to tidy up, making a file in it takes half a millisecond by itself. */
const SLICES = { farMs: 1, stopsAtFault: true };

/** See Disk.createFiles. */
export function createFiles(files: readonly NewFile[]): Promise<PathOutcome[]> {
  return inSlices(files, createSync, create, SLICES);
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
