// The folder `.pli-…` in a destination, with incomplete files: on the same volume, so that publishing copies nothing,
// and locked, so that two processes cannot use it. It stays when a download is interrupted, and with its journal it is
// all that resuming needs. staging_search.ts finds it.

import { dirname, join } from "../paths.ts";
import { isPliError, PliError } from "../errors.ts";
import type { Disk, DiskLock } from "../ports.ts";
import { Anchor } from "./anchor.ts";
import { STAGING_LOCK } from "../staging_name.ts";
import { type LockedFolder, lockExistingStaging, lockStaging, type SearchOptions } from "./staging_search.ts";

const FILES = "files";

/** A destination folder's real path, and the folders that were created for it, the innermost first. */
export interface DestinationFolder {
  path: string;
  made: readonly string[];
}

/**
 * Creates a folder and its missing parents. If one cannot be created, those before it are removed. Throws
 * `destination_not_folder`, `disk_*`.
 */
export async function makeDestination(disk: Disk, folder: string): Promise<DestinationFolder> {
  const made: string[] = [];
  try {
    return { path: await makeMissing(disk, folder, made), made };
  } catch (error) {
    await removeDestination(disk, made).catch(() => undefined);
    throw error;
  }
}

/** The real path of a folder, which is created if it is missing and then added to `made`. */
async function makeMissing(disk: Disk, folder: string, made: string[]): Promise<string> {
  if (await disk.realPath(folder) === null) {
    const parent = await makeMissing(disk, dirname(folder), made);
    if (await disk.makeFolder(folder)) made.unshift(folder);
    await disk.syncFolder(parent);
  }
  const path = await disk.realPath(folder);
  if (path === null || (await disk.status(path))?.kind !== "folder") {
    throw new PliError("destination_not_folder", { path: folder });
  }
  return path;
}

/** Removes the folders that were created for a destination, if they are empty. */
export async function removeDestination(disk: Disk, made: readonly string[]): Promise<void> {
  for (const folder of made) {
    if ((await disk.list(folder)).length > 0) return;
    await disk.remove(folder);
  }
}

export class Staging {
  #lock: DiskLock | null;

  private constructor(
    readonly disk: Disk,
    readonly folder: Anchor,
    /** The folder that mirrors the destination. */
    readonly files: Anchor,
    lock: DiskLock,
  ) {
    this.#lock = lock;
  }

  /**
   * Locks the staging folder of a collection in a destination, with its content, and creates it if there is none.
   * Throws `destination_busy` when another process, or this one, uses it, `disk_*`.
   */
  static async take(options: SearchOptions): Promise<Staging> {
    return await Staging.#of(options.disk, await lockStaging(options));
  }

  /** Locks the staging folder of an earlier run; null if there is none. Throws as `take` does. */
  static async takeExisting(options: SearchOptions): Promise<Staging | null> {
    const locked = await lockExistingStaging(options);
    return locked === null ? null : await Staging.#of(options.disk, locked);
  }

  static async #of(disk: Disk, { folder, lock }: LockedFolder): Promise<Staging> {
    try {
      const files = join(folder.path, FILES);
      // A symlink, or anything else that is no folder, is removed and not followed.
      if ((await disk.status(files))?.kind !== "folder") await disk.removeTree(files);
      await disk.makeFolder(files);
      return new Staging(disk, folder, await folder.child(FILES), lock);
    } catch (error) {
      await removeUnused(folder).catch(() => undefined);
      lock.release();
      throw error;
    }
  }

  /** Releases the lock in every case. The folder stays unless it is empty. */
  async release(): Promise<void> {
    if (this.#lock === null) return;
    try {
      const isEmpty = await this.files.isUnchanged() && (await this.disk.list(this.files.path)).length === 0;
      if (isEmpty) await this.remove();
    } finally {
      this.#lock?.release();
      this.#lock = null;
    }
  }

  /** Removes the folder with its content and releases the lock. Does nothing in a second call. */
  async remove(): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    if (lock === null) return;
    try {
      // A folder that was replaced must not be cleared.
      if (!await this.folder.isUnchanged()) return;
      await clear(this.folder);
      await this.disk.remove(join(this.folder.path, STAGING_LOCK));
    } finally {
      lock.release();
    }
    try {
      await this.disk.remove(this.folder.path);
    } catch (error) {
      // Another process that receives the same collection uses the folder already.
      if (!isPliError(error, "disk_failed")) throw error;
    }
  }
}

/** Removes a folder that contains only the lock. */
async function removeUnused({ disk, path }: Anchor): Promise<void> {
  if ((await disk.list(path)).some((name) => name !== STAGING_LOCK)) return;
  await disk.remove(join(path, STAGING_LOCK));
  await disk.remove(path);
}

/** Removes everything except the lock. */
async function clear(folder: Anchor): Promise<void> {
  for (const name of await folder.disk.list(folder.path)) {
    if (name !== STAGING_LOCK) await folder.disk.removeTree(join(folder.path, name));
  }
}
