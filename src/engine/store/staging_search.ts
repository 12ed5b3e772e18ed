// Finds the staging folder of a collection in a destination, or creates a new one. Other users may be able to write to
// the destination. So a found folder is used only when it belongs to this user and is closed to others, by its
// descriptor and not its name. A new one has an unguessable name. On a volume without owners or modes (FAT) a found
// folder must have the access of a new one.

import { join } from "../paths.ts";
import { isPliError, PliError } from "../errors.ts";
import type { OnEvent, StagingFault } from "../events.ts";
import type { Disk, DiskLock, FolderAccess } from "../ports.ts";
import { isStagingNameOf, newStagingName, STAGING_LOCK } from "../staging_name.ts";
import { Anchor } from "./anchor.ts";
import { folderError } from "./shown_path.ts";

/** Maximum number of collisions with another process that creates or locks a folder. */
const MAXIMUM_TRIES = 10;

export interface SearchOptions {
  disk: Disk;
  /** The real path of the destination. */
  destination: string;
  rootHash: Uint8Array;
  /** Name of a new folder; a random one each time if undefined. */
  newName?: string;
  onEvent: OnEvent;
}

export interface LockedFolder {
  folder: Anchor;
  lock: DiskLock;
}

/**
 * Locks the folder of an earlier run, or a new one. Emits `staging_refused`. Throws `destination_busy` when another
 * process, or this one, receives the same collection there, `disk_*` of the destination.
 */
export async function lockStaging(options: SearchOptions): Promise<LockedFolder> {
  for (let attempt = 0; attempt < MAXIMUM_TRIES; attempt++) {
    const search = new StagingSearch(options, attempt === 0);
    const locked = await search.withCleanUp(async () =>
      await search.lockExisting() ?? await search.lockNew()
    );
    if (locked !== null) return locked;
  }
  throw new PliError("destination_busy", { path: options.destination });
}

/** Locks the folder of an earlier run; null if there is none. Throws as `lockStaging` does. */
export async function lockExistingStaging(options: SearchOptions): Promise<LockedFolder | null> {
  const search = new StagingSearch(options, false);
  return await search.withCleanUp(() => search.lockExisting());
}

class StagingSearch {
  /** An empty, unused folder that this search has created. */
  #made: Anchor | null = null;
  /** The access of a folder that this user creates on this volume. */
  #ownAccess: FolderAccess | null = null;

  constructor(readonly options: SearchOptions, readonly isReporting: boolean) {}

  /** Runs a step of the search, then removes a folder that was created and is not used. */
  async withCleanUp<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } finally {
      const made = this.#made;
      this.#made = null;
      if (made !== null) await this.options.disk.remove(made.path).catch(() => undefined);
    }
  }

  async lockExisting(): Promise<LockedFolder | null> {
    for (const path of await this.#listed()) {
      const access = await this.#usable(path);
      if (access === null) continue;
      const locked = await this.#lock(Anchor.of(this.options.disk, path, access.status));
      if (locked === null || (locked !== "gone" && !await this.#isAlone(locked))) {
        throw new PliError("destination_busy", { path: this.options.destination });
      }
      if (locked !== "gone") return locked;
    }
    return null;
  }

  /** Locks a new folder; null after a collision with another process. */
  async lockNew(): Promise<LockedFolder | null> {
    const made = await this.#make();
    const { path } = made;
    this.#made = null;
    const locked = await this.#lock(made);
    if (locked === null || locked === "gone") return null;
    if (await this.#isAlone(locked)) return locked;
    // The other process may be looking for a lock in it now: then it stays for the next search.
    await this.options.disk.remove(join(path, STAGING_LOCK)).catch(() => undefined);
    await this.options.disk.remove(path).catch(() => undefined);
    return null;
  }

  /** The paths of possible staging folders of the collection. */
  async #listed(): Promise<string[]> {
    const { disk, destination, rootHash } = this.options;
    try {
      const names = await disk.list(destination);
      return names.filter((name) => isStagingNameOf(name, rootHash)).sort().map((name) =>
        join(destination, name)
      );
    } catch (error) {
      // The user can write to the folder but not list it, so nothing is found again there.
      if (isPliError(error, "disk_denied")) return [];
      throw error;
    }
  }

  /** The access of a usable folder; null for another one, whose reason is reported. */
  async #usable(path: string): Promise<FolderAccess | null> {
    const { disk, onEvent } = this.options;
    const access = await disk.folderAccess(path);
    const fault = access === null ? "not_folder" : await this.#faultOf(access);
    if (access !== null && fault === null) return await this.#isStaging(path) ? access : null;
    const isGone = access === null && await disk.status(path) === null;
    if (!isGone && this.isReporting) onEvent({ type: "staging_refused", path, reason: fault! });
    return null;
  }

  async #faultOf(access: FolderAccess): Promise<StagingFault | null> {
    if (access.isOwn && access.isClosed) return null;
    if (!access.isKnown) return "other_owner";
    const own = this.#ownAccess ??= await this.options.disk.folderAccess((await this.#make()).path);
    if (own === null) throw new PliError("destination_changed", { path: this.options.destination });
    if (access.isOwn !== own.isOwn) return "other_owner";
    return access.isClosed || !own.isClosed ? null : "open_to_others";
  }

  /**
   * Whether a folder contains the lock of a staging folder, or nothing. Any other folder of that name is left alone.
   */
  async #isStaging(path: string): Promise<boolean> {
    const { disk } = this.options;
    try {
      if ((await disk.status(join(path, STAGING_LOCK)))?.kind === "file") return true;
      return (await disk.list(path)).length === 0;
    } catch (error) {
      if (await disk.status(path) === null) return false;
      throw error;
    }
  }

  /** A new, empty folder. Throws `destination_changed` when its name leads to another one already. */
  async #make(): Promise<Anchor> {
    if (this.#made !== null) return this.#made;
    const { disk, destination, rootHash, newName = newStagingName(rootHash) } = this.options;
    const path = join(destination, newName);
    if (!await this.#makeFolder(path)) throw new PliError("destination_changed", { path });
    this.#made = await Anchor.at(disk, path);
    const access = await disk.folderAccess(path, true);
    const isUsable = access !== null && (access.isOwn && access.isClosed || !await this.#hasModes());
    if (!isUsable || !this.#made.isSameFolder(access.status)) {
      throw new PliError("destination_changed", { path });
    }
    return this.#made;
  }

  /** Creates a folder; false if the name is taken. Errors name the destination, which the user knows. */
  async #makeFolder(path: string): Promise<boolean> {
    const { disk, destination } = this.options;
    return await disk.makeFolder(path, true).catch((error) => {
      throw folderError(error, path, destination);
    });
  }

  /** Whether another new folder is reported as this user's and closed to others. */
  async #hasModes(): Promise<boolean> {
    const { disk, destination, rootHash } = this.options;
    const path = join(destination, newStagingName(rootHash));
    if (!await this.#makeFolder(path)) throw new PliError("destination_changed", { path });
    const access = await disk.folderAccess(path, true);
    await disk.remove(path);
    return access === null || (access.isOwn && access.isClosed);
  }

  /** The lock; null if it is held, "gone" if the folder does not exist any more. */
  async #lock(folder: Anchor): Promise<LockedFolder | null | "gone"> {
    const { disk, path } = folder;
    let lock: DiskLock | null = null;
    try {
      lock = await disk.lock(join(path, STAGING_LOCK));
      if (lock === null) return null;
      if (await folder.isUnchanged()) return { folder, lock };
    } catch (error) {
      lock?.release();
      if (await folder.isUnchanged()) throw error;
      return "gone";
    }
    lock.release();
    return "gone";
  }

  /**
   * Whether no other folder of the collection is locked. If not, or if that is unknown, the lock is released. Of two
   * processes that begin at the same moment, the later check finds the other one's lock.
   */
  async #isAlone({ folder, lock }: LockedFolder): Promise<boolean> {
    let isAlone = false;
    try {
      isAlone = await this.#isOnlyLocked(folder.path);
    } finally {
      if (!isAlone) lock.release();
    }
    return isAlone;
  }

  async #isOnlyLocked(own: string): Promise<boolean> {
    for (const path of await this.#listed()) {
      if (path === own) continue;
      const { disk } = this.options;
      const access = await disk.folderAccess(path);
      // Before a look inside, which the folder of another user may refuse.
      if (access === null || await this.#faultOf(access) !== null) continue;
      // A process without a lock yet will still find this one.
      if ((await disk.status(join(path, STAGING_LOCK)))?.kind !== "file") continue;
      const other = await this.#lock(Anchor.of(disk, path, access.status));
      if (other === null) return false;
      if (other !== "gone") other.lock.release();
    }
    return true;
  }
}
