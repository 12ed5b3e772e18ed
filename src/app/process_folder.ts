// Folders that exist as long as a process: each has a lock beside it, which distinguishes folders in use from those of
// a process that was killed. A folder with a record beside it exists longer: until it is removed, or the record was not
// written for 90 days.

import { join } from "node:path";
import { AppError, homeFault } from "./errors.ts";
import { Lock } from "./lock.ts";
import type { OnNotice } from "./notices.ts";
import {
  MAXIMUM_RECORD_AGE_MS,
  modifiedMs,
  namesIn,
  readJson,
  removeInterruptedWrites,
  removePrivate,
  writePrivate,
} from "./private_files.ts";
import { kindOf } from "./set_aside.ts";

const LOCK = ".lock";
const RECORD = ".json";
/** The form of the names that `create` chooses. */
const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A folder that its process has left, locked again. */
export interface LeftFolder {
  folder: ProcessFolder;
  record: unknown;
}

/** A private folder. Disposing removes it with its content and its record. */
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

  /** The folders with a record whose lock is not held. A record is null if it is unreadable. Throws `home_*`. */
  static async reopenLeft(parent: string, notify?: OnNotice): Promise<LeftFolder[]> {
    const left: LeftFolder[] = [];
    for (const name of (await namesIn(parent)).filter((name) => name.endsWith(RECORD))) {
      const path = join(parent, name.slice(0, -RECORD.length));
      if (!NAME.test(name.slice(0, -RECORD.length))) continue;
      const lock = await Lock.tryTake(path + LOCK);
      if (lock === null) continue;
      const folder = new ProcessFolder(path, lock);
      folder.#cancelRemoval();
      left.push({ folder, record: await readJson(path + RECORD, notify) });
    }
    return left;
  }

  /**
   * Removes the folders whose lock is not held, except those with a record. Other entries stay, because the parent may
   * be a link to a folder that is not pli's alone. Throws `home_*`.
   */
  static async removeLeftovers(parent: string, nowMs: number): Promise<void> {
    const oldestMs = nowMs - MAXIMUM_RECORD_AGE_MS;
    try {
      const isRecord = (name: string) => name.endsWith(RECORD) && NAME.test(name.slice(0, -RECORD.length));
      await removeInterruptedWrites(parent, nowMs, isRecord);
      for await (const { name: found } of Deno.readDir(parent)) {
        const end = [LOCK, RECORD].find((end) => found.endsWith(end)) ?? "";
        const name = found.slice(0, found.length - end.length);
        if (NAME.test(name)) await removeIfFree(join(parent, name), oldestMs);
      }
    } catch (error) {
      throw homeFault(error, parent);
    }
  }

  /** Writes the record: from now on the folder outlives its process. Throws `home_*`. */
  async record(record: object): Promise<void> {
    await writePrivate(this.path + RECORD, JSON.stringify(record, null, 2) + "\n");
    this.#cancelRemoval();
  }

  /** Leaves a folder with a record to a later process. */
  leave(): void {
    this.lock[Symbol.dispose]();
  }

  /** Throws `home_*`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelRemoval();
    using _lock = this.lock;
    await removeFolder(this.path);
  }

  /** The end of the process no longer removes the folder. */
  #cancelRemoval(): void {
    removeEventListener("unload", this.#removeNow);
  }
}

/** A folder that cannot be removed stays and does no harm. */
async function removeIfFree(path: string, oldestMs: number): Promise<void> {
  try {
    // Checked before the lock is taken, because a process may be reopening the folder.
    if (await hasRecord(path, oldestMs)) return;
    using lock = await Lock.tryTake(path + LOCK);
    if (lock !== null && !await hasRecord(path, oldestMs)) await removeFolder(path);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

async function hasRecord(path: string, oldestMs: number): Promise<boolean> {
  return kindOf(path + RECORD) === "file" && await modifiedMs(path + RECORD) >= oldestMs;
}

/** The record first: a folder without one is a leftover. */
async function removeFolder(path: string): Promise<void> {
  await removePrivate(path + RECORD);
  await removeTree(path);
}

async function removeTree(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw homeFault(error, folder);
  }
}
