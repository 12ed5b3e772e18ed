// The disk as a process of a simulation sees it: it takes time, can be full, and ends with the process. It counts what
// is open, and holds every change against what must be so.

import { PliError } from "../../src/engine/errors.ts";
import type { Disk, DiskFile, NewFile, PathOutcome } from "../../src/engine/ports.ts";
import { readFilesBy } from "../fakes/hooked_disk.ts";
import type { Process } from "./process.ts";

/** What a simulation watches. Each throws when something is not as it must be. */
export interface Watch {
  /** A name is about to be made, changed or removed. */
  changes(path: string): void;
  /** Bytes are about to be written to a file. */
  writes(path: string, bytes: Uint8Array, offsetBytes: number): void;
  /** A file or folder has appeared under a name, by a link or a rename. */
  appeared(path: string): void;
}

export interface DiskConditions {
  isFull: boolean;
  /** How long the next operation takes. */
  delayMs: () => number;
}

export function processDisk(disk: Disk, process: Process, conditions: DiskConditions, watch: Watch): Disk {
  /** Waits for the turn of an operation, and does it unless the process was killed meanwhile. */
  async function step<T>(operation: () => Promise<T>): Promise<T> {
    process.operations++;
    process.onOperation();
    const delayMs = conditions.delayMs();
    if (delayMs > 0) await process.clock.sleep(delayMs);
    if (!process.isAlive) return await new Promise<never>(() => {});
    return await process.own(operation());
  }
  function changing<T>(path: string, operation: () => Promise<T>): Promise<T> {
    return step(() => {
      watch.changes(path);
      return operation();
    });
  }
  function growing<T>(path: string, operation: () => Promise<T>): Promise<T> {
    return changing(path, () => {
      if (conditions.isFull) return Promise.reject(new PliError("disk_full", { path }));
      return operation();
    });
  }
  const open: Disk["open"] = async (path, mode) => {
    const opening = () => disk.open(path, mode);
    const file = await (mode === "create" ? growing(path, opening) : step(opening));
    if (file === null) return null;
    const opened: DiskFile = {
      opened: file.opened,
      status: () => step(() => file.status()),
      readAt: (buffer, offsetBytes) => step(() => file.readAt(buffer, offsetBytes)),
      writeAt: (bytes, offsetBytes) =>
        growing(path, () => {
          watch.writes(path, bytes, offsetBytes);
          return file.writeAt(bytes, offsetBytes);
        }),
      sync: () => step(() => file.sync()),
      close: () => {
        if (process.isAlive) process.openFiles.delete(opened);
        return step(() => file.close());
      },
    };
    process.openFiles.add(opened);
    return opened;
  };
  async function each<T>(
    items: readonly T[],
    make: (item: T) => Promise<PathOutcome[]>,
    path: (item: T) => string,
  ) {
    const outcomes: PathOutcome[] = [];
    for (const item of items) {
      const last = outcomes.at(-1);
      if (last instanceof PliError) outcomes.push(last);
      else {
        const made = growing(path(item), () => make(item));
        const [outcome] = await made.catch((error) =>
          error instanceof PliError ? [error] : Promise.reject(error)
        );
        outcomes.push(outcome);
      }
    }
    return outcomes;
  }
  const appearing = async (path: string, operation: () => Promise<boolean | null>) => {
    const isDone = await operation();
    if (isDone === true) watch.appeared(path);
    return isDone;
  };
  return {
    open,
    readFiles: (paths, maximumBytes) => readFilesBy(open, paths, maximumBytes),
    status: (path) => step(() => disk.status(path)),
    statuses: (paths) => step(() => disk.statuses(paths)),
    realPath: (path) => step(() => disk.realPath(path)),
    freeBytes: (path) => step(() => disk.freeBytes(path)),
    list: (path) => step(() => disk.list(path)),
    makeFolder: (path, isPrivate) => growing(path, () => disk.makeFolder(path, isPrivate)),
    createFolders: (paths) => each(paths, (path) => disk.createFolders([path]), (path) => path),
    createFiles: (files) =>
      each<NewFile>(files, (file) => {
        watch.writes(file.path, file.bytes, 0);
        return disk.createFiles([file]);
      }, ({ path }) => path),
    link: (existing, name) => changing(name, () => appearing(name, () => disk.link(existing, name))),
    rename: (from, to) =>
      changing(from, () => {
        watch.changes(to);
        return appearing(to, () => disk.rename(from, to)) as Promise<boolean>;
      }),
    remove: (path) => changing(path, () => disk.remove(path)),
    removeTree: (path) => changing(path, () => disk.removeTree(path)),
    syncFolder: (path) => step(() => disk.syncFolder(path)),
    syncVolume: (path) => step(() => disk.syncVolume(path)),
    lock: async (path) => {
      // It is the process's as soon as the system gave it, whatever the process learns of that.
      const locking = async () => {
        const lock = await disk.lock(path);
        if (lock === null) return null;
        const own = {
          release: () => {
            process.locks.delete(own);
            lock.release();
          },
        };
        if (process.isAlive) process.locks.add(own);
        else lock.release();
        return own;
      };
      return await changing(path, locking);
    },
  };
}
