// A lock between processes: a file that one of them has open and locked. It never waits (a waiting lock keeps a
// process alive), ends with its process, and its file is removed when it is released.

import { lockFile } from "../engine/disk/file_lock.ts";
import type { DiskLock } from "../engine/mod.ts";
import { homeFault } from "./errors.ts";
import { kindOf, setAside } from "./set_aside.ts";

export class Lock implements Disposable {
  readonly #lock: DiskLock;

  private constructor(readonly path: string, lock: DiskLock) {
    this.#lock = lock;
  }

  /** Takes the lock; null when another process, or this one, holds it. Throws `home_*`. */
  static async tryTake(path: string): Promise<Lock | null> {
    try {
      // A folder or a FIFO is no lock file.
      const kind = kindOf(path);
      if (kind === "folder" || kind === "other") setAside(path);
      const lock = await lockFile(path);
      return lock === null ? null : new Lock(path, lock);
    } catch (error) {
      throw homeFault(error, path);
    }
  }

  /** Removes the file, then releases the lock. */
  [Symbol.dispose](): void {
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      // A file that stays is not locked and does no harm.
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    } finally {
      this.#lock.release();
    }
  }
}
