// A lock between processes: a file that one of them holds open and locked. It never waits (a waiting lock
// keeps a process alive for ever), ends with its process, and leaves no file behind when it is released.

import { lockFile } from "../engine/disk/file_lock.ts";
import type { DiskLock } from "../engine/mod.ts";
import { homeFault } from "./errors.ts";

export class Lock implements Disposable {
  readonly #lock: DiskLock;

  private constructor(readonly path: string, lock: DiskLock) {
    this.#lock = lock;
  }

  /** Takes the lock; null when another process, or this one, holds it. Throws `home_*`. */
  static async tryTake(path: string): Promise<Lock | null> {
    try {
      const lock = await lockFile(path);
      return lock === null ? null : new Lock(path, lock);
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
      this.#lock.release();
    }
  }
}
