// A lock between processes: a file that one of them holds open and locked. It never waits (a waiting lock
// keeps a process alive for ever), ends with its process, and leaves no file behind when it is released.

import { homeFault } from "./errors.ts";

/** How often the file may be replaced under our hands before that counts as held. */
const MAXIMUM_TRIES = 10;

export class Lock implements Disposable {
  readonly #file: Deno.FsFile;

  private constructor(readonly path: string, file: Deno.FsFile) {
    this.#file = file;
  }

  /** Takes the lock; null when another process, or this one, holds it. Throws `home_*`. */
  static async tryTake(path: string): Promise<Lock | null> {
    try {
      for (let attempt = 0; attempt < MAXIMUM_TRIES; attempt++) {
        const file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
        const isTaken = await file.tryLock(true);
        // The holder before us removes the file, then lets go: a lock on a file without a name is none.
        if (isTaken && await isNamed(file, path)) return new Lock(path, file);
        file.close();
        if (!isTaken) return null;
      }
      return null;
    } catch (error) {
      throw homeFault(error, path);
    }
  }

  /** Removes the file, then lets go of it. */
  [Symbol.dispose](): void {
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      // A file that stays is no harm: nobody holds it.
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    } finally {
      this.#file.close();
    }
  }
}

async function isNamed(file: Deno.FsFile, path: string): Promise<boolean> {
  try {
    const [ours, named] = [await file.stat(), await Deno.lstat(path)];
    return ours.ino === named.ino && ours.dev === named.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
