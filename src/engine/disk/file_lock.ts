// A lock on a file: held by one opener at a time, released when the process ends. It never waits, because a waiting
// lock would keep the process alive, and it never creates a file through a symlink.

import type { DiskLock } from "../ports.ts";
import { MISSING, TAKEN } from "./disk_faults.ts";
import { platform } from "./platform.ts";
import type { LockFile } from "./platform_calls.ts";
import { systemCode } from "./system_code.ts";

/** Number of times that a lock file may be replaced during the attempt before it counts as held. */
const MAXIMUM_TRIES = 10;

/** Locks the file of this name and creates it if it is missing; null when it is held. Throws the system's errors. */
export async function lockFile(path: string): Promise<DiskLock | null> {
  for (let attempt = 0; attempt < MAXIMUM_TRIES; attempt++) {
    const file = await openRegular(path);
    if (file === null) continue;
    let isKept = false;
    try {
      if (!await file.tryLock()) return null;
      // The last holder removes the file before it releases the lock. Then this lock is on a file without a name, and
      // another process can lock the next file of this name.
      isKept = await isStillNamed(file, path);
      if (isKept) return { release: () => file.close() };
    } finally {
      if (!isKept) file.close();
    }
  }
  return null;
}

async function openRegular(path: string): Promise<LockFile | null> {
  try {
    return await platform.openLock(path, true);
  } catch (error) {
    if (!TAKEN.has(systemCode(error))) throw error;
  }
  try {
    if ((await platform.status(path)).kind === "file") return await platform.openLock(path, false);
  } catch (error) {
    if (MISSING.has(systemCode(error))) return null;
    throw error;
  }
  throw new Error("not a regular file");
}

async function isStillNamed(file: LockFile, path: string): Promise<boolean> {
  try {
    const [held, named] = [await file.status(), await platform.status(path)];
    return held.inode === named.inode && held.device === named.device;
  } catch (error) {
    if (MISSING.has(systemCode(error))) return false;
    throw error;
  }
}
