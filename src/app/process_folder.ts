// Folders that exist as long as a process: each has a lock beside it, which distinguishes folders in use from those of
// a process that was killed.

import { join } from "node:path";
import { AppError, homeFault } from "./errors.ts";
import { Lock } from "./lock.ts";

const LOCK = ".lock";
/** The form of the names that `create` chooses. */
const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A new private folder. Disposing removes it with its content. */
export class ProcessFolder implements AsyncDisposable {
  /** The only clean-up of a process that exits at once, by a second signal or after its timeout. */
  readonly #removeNow = () => {
    try {
      Deno.removeSync(this.path, { recursive: true });
      this.lock[Symbol.dispose]();
    } catch {
      // The next process removes it.
    }
  };

  private constructor(readonly path: string, readonly lock: Lock) {
    addEventListener("unload", this.#removeNow);
  }

  /** Creates a folder in another one. Throws `home_*`. */
  static async create(parent: string): Promise<ProcessFolder> {
    const path = join(parent, crypto.randomUUID());
    // Locked first, because a folder without a held lock is removed as a leftover.
    const lock = await Lock.tryTake(path + LOCK);
    if (lock === null) throw homeFault(new Error("a new lock is held"), path);
    try {
      await Deno.mkdir(path, { mode: 0o700 });
    } catch (error) {
      lock[Symbol.dispose]();
      throw homeFault(error, path);
    }
    return new ProcessFolder(path, lock);
  }

  /**
   * Removes the folders whose lock is not held. Other entries stay, because the parent may be a link to a folder that
   * is not pli's alone. Throws `home_*`.
   */
  static async removeLeftovers(parent: string): Promise<void> {
    try {
      for await (const { name: found } of Deno.readDir(parent)) {
        const name = found.endsWith(LOCK) ? found.slice(0, -LOCK.length) : found;
        if (NAME.test(name)) await removeIfFree(join(parent, name));
      }
    } catch (error) {
      throw homeFault(error, parent);
    }
  }

  /** Throws `home_*`. */
  async [Symbol.asyncDispose](): Promise<void> {
    removeEventListener("unload", this.#removeNow);
    using _lock = this.lock;
    await removeTree(this.path);
  }
}

/** A folder that cannot be removed stays and does no harm. */
async function removeIfFree(path: string): Promise<void> {
  try {
    using lock = await Lock.tryTake(path + LOCK);
    if (lock !== null) await removeTree(path);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

async function removeTree(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw homeFault(error, folder);
  }
}
