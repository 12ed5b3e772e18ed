// The lock on a file: held by one opener at a time, gone with the process. It never waits, because a waiting
// lock would keep the process alive for ever, and it never makes a file through a symlink.

import type { DiskLock } from "../ports.ts";

/** How often a lock file may be replaced under our hands before that counts as "held". */
const MAXIMUM_TRIES = 10;

/** Locks the file of this name, made when missing; null when it is held. Throws the system's errors. */
export async function lockFile(path: string): Promise<DiskLock | null> {
  for (let attempt = 0; attempt < MAXIMUM_TRIES; attempt++) {
    const file = await openRegular(path);
    if (file === null) continue;
    if (!await file.tryLock(true)) {
      file.close();
      return null;
    }
    // The last holder removes the file before letting go: then this lock is on a file without a name, and
    // somebody else can lock the next file of this name.
    if (await isStillNamed(file, path)) return { release: () => file.close() };
    file.close();
  }
  return null;
}

async function openRegular(path: string): Promise<Deno.FsFile | null> {
  try {
    return await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  try {
    if ((await Deno.lstat(path)).isFile) return await Deno.open(path, { write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  throw new Deno.errors.InvalidData("not a regular file");
}

async function isStillNamed(file: Deno.FsFile, path: string): Promise<boolean> {
  try {
    const [ours, named] = [await file.stat(), await Deno.lstat(path)];
    return ours.ino === named.ino && ours.dev === named.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
