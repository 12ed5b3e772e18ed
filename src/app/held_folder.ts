// Folders for what lives as long as a process: each with a lock beside it, which tells those that are in use from
// what a process that died has left.

import { join } from "node:path";
import { homeFault } from "./errors.ts";
import { Lock } from "./lock.ts";

const LOCK = ".lock";

/** A fresh private folder; disposing removes it with all that is in it. */
export class HeldFolder implements AsyncDisposable {
  private constructor(readonly path: string, readonly lock: Lock) {}

  /** Makes one in another folder. Throws `home_*`. */
  static async create(parent: string): Promise<HeldFolder> {
    const path = join(parent, crypto.randomUUID());
    // The lock comes first: a folder whose lock is free is a leftover.
    const lock = await Lock.tryTake(path + LOCK);
    if (lock === null) throw homeFault(new Error("a new lock is held"), path);
    try {
      await Deno.mkdir(path, { mode: 0o700 });
    } catch (error) {
      lock[Symbol.dispose]();
      throw homeFault(error, path);
    }
    return new HeldFolder(path, lock);
  }

  /** Removes those in a folder that nobody holds any more. Throws `home_*`. */
  static async removeLeftovers(parent: string): Promise<void> {
    try {
      for await (const { name } of Deno.readDir(parent)) {
        const path = join(parent, name.endsWith(LOCK) ? name.slice(0, -LOCK.length) : name);
        using lock = await Lock.tryTake(path + LOCK);
        if (lock !== null) await removeTree(path);
      }
    } catch (error) {
      throw homeFault(error, parent);
    }
  }

  /** Throws `home_*`. */
  async [Symbol.asyncDispose](): Promise<void> {
    using _lock = this.lock;
    await removeTree(this.path);
  }
}

async function removeTree(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw homeFault(error, folder);
  }
}
