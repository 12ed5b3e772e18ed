// The folder `.pli-<hash>` in a destination, where files are until they are whole: on the same volume, so
// that publishing copies nothing, and locked, so that two processes cannot receive the same thing into it. It
// stays when a download is interrupted: with its journal it is all that going on needs.

import { dirname, join } from "node:path";
import { isPliError, PliError } from "../errors.ts";
import type { Disk, DiskLock } from "../ports.ts";
import { Anchor } from "./anchor.ts";
import { STAGING_LOCK, stagingName } from "../staging_name.ts";

const FILES = "files";
/** How often the folder may vanish between being made and being locked. */
const MAXIMUM_TRIES = 10;

/** A destination folder's real path, and the folders that were made for it, the innermost first. */
export interface DestinationFolder {
  path: string;
  made: readonly string[];
}

/**
 * Makes a folder, and those above it, where they are missing. Throws `destination_not_folder`, `disk_*`.
 */
export async function makeDestination(disk: Disk, folder: string): Promise<DestinationFolder> {
  let made: readonly string[] = [];
  if (await disk.realPath(folder) === null) {
    const parent = await makeDestination(disk, dirname(folder));
    const isMade = await disk.makeFolder(folder);
    await disk.syncFolder(parent.path);
    made = isMade ? [folder, ...parent.made] : parent.made;
  }
  const path = await disk.realPath(folder);
  if (path === null || (await disk.status(path))?.kind !== "folder") {
    throw new PliError("destination_not_folder", { path: folder });
  }
  return { path, made };
}

/** Removes the folders that were made for a destination, as far as nothing is in them. */
export async function unmakeDestination(disk: Disk, made: readonly string[]): Promise<void> {
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
   * Makes and locks the staging folder in a destination's real path; what is in it stays. Throws
   * `destination_busy` when another process, or this one, has it, `destination_not_folder` when its name is
   * taken by something else, `disk_*`.
   */
  static async take(disk: Disk, destination: string, rootHash: Uint8Array): Promise<Staging> {
    const path = join(destination, stagingName(rootHash));
    const { folder, lock } = await takeFolder(disk, path);
    try {
      const files = join(path, FILES);
      // A symlink, or anything else that is no folder, is not followed but removed.
      if ((await disk.status(files))?.kind !== "folder") await disk.removeTree(files);
      await disk.makeFolder(files);
      return new Staging(disk, folder, await folder.child(FILES), lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Lets go of the lock; what is in the folder stays, unless that is nothing. */
  async release(): Promise<void> {
    if (this.#lock === null) return;
    const isEmpty = await this.files.holds() && (await this.disk.list(this.files.path)).length === 0;
    if (isEmpty) return await this.remove();
    this.#lock.release();
    this.#lock = null;
  }

  /** Removes the folder with all that is in it, and lets go of the lock. Does nothing the second time. */
  async remove(): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    if (lock === null) return;
    try {
      // What is no longer our folder, but a symlink or somebody's new folder, is not ours to clear.
      if (!await this.folder.holds()) return;
      await clear(this.folder);
      await this.disk.remove(join(this.folder.path, STAGING_LOCK));
    } finally {
      lock.release();
    }
    try {
      await this.disk.remove(this.folder.path);
    } catch (error) {
      // The next process that receives the same thing has taken the folder already.
      if (!isPliError(error, "disk_failed")) throw error;
    }
  }
}

async function takeFolder(disk: Disk, path: string): Promise<{ folder: Anchor; lock: DiskLock }> {
  for (let attempt = 0; attempt < MAXIMUM_TRIES; attempt++) {
    await disk.makeFolder(path, true);
    const folder = await Anchor.at(disk, path);
    const lock = await lockIn(folder);
    if (lock === "gone") continue;
    if (lock === null) break;
    return { folder, lock };
  }
  throw new PliError("destination_busy", { path });
}

/** The lock, null when it is held, or that the folder was removed by the process that had it. */
async function lockIn(folder: Anchor): Promise<DiskLock | null | "gone"> {
  try {
    return await folder.disk.lock(join(folder.path, STAGING_LOCK));
  } catch (error) {
    if (!await folder.holds()) return "gone";
    throw error;
  }
}

/** Removes all but the lock. */
async function clear(folder: Anchor): Promise<void> {
  for (const name of await folder.disk.list(folder.path)) {
    if (name !== STAGING_LOCK) await folder.disk.removeTree(join(folder.path, name));
  }
}
