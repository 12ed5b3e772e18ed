// A Disk that calls a hook just before each operation of another Disk, or before each read of its files, in which
// another program creates a file, swaps a folder, or the system fails.

import { isPliError } from "../../src/engine/errors.ts";
import type { Disk, DiskFile, PathOutcome, ReadFile, ReadOutcome } from "../../src/engine/ports.ts";
import { slashed } from "./slashes.ts";

export type DiskOperation = keyof Disk;

/**
 * Calls `before` with the operation's name and its arguments; the operation throws what the hook throws. For
 * operations on many paths the hook is called with each path, just before its operation: as `status` for `statuses`, as
 * `makeFolder` for `createFolders`.
 */
export function hookedDisk(
  disk: Disk,
  before: (operation: DiskOperation, ...given: unknown[]) => void | Promise<void>,
): Disk {
  function hook<A extends unknown[], R>(
    operation: DiskOperation,
    method: (...given: A) => Promise<R>,
  ): (...given: A) => Promise<R> {
    return async (...given) => {
      await before(operation, ...given.map((each) => typeof each === "string" ? slashed(each) : each));
      return await method.apply(disk, given);
    };
  }
  /** An operation on many paths, one after the other, with the hook before each. */
  function many<T>(
    stopsAtFault: boolean,
    step: (item: T) => [[DiskOperation, string], () => Promise<PathOutcome[]>],
  ): (items: readonly T[]) => Promise<PathOutcome[]> {
    return async (items) => {
      const outcomes: PathOutcome[] = [];
      for (const item of items) {
        const last = outcomes.at(-1);
        if (stopsAtFault && isPliError(last)) outcomes.push(last);
        else outcomes.push(await one(...step(item)));
      }
      return outcomes;
    };
  }
  async function one(
    [operation, path]: [DiskOperation, string],
    method: () => Promise<PathOutcome[]>,
  ): Promise<PathOutcome> {
    try {
      await before(operation, slashed(path));
      return (await method())[0];
    } catch (error) {
      if (isPliError(error)) return error;
      throw error;
    }
  }
  const open = hook("open", disk.open);
  return {
    status: hook("status", disk.status),
    readFiles: (paths, maximumBytes) => readFilesBy(open, paths, maximumBytes),
    statuses: many(false, (path) => [["status", path], () => disk.statuses([path])]),
    realPath: hook("realPath", disk.realPath),
    statusBehind: hook("statusBehind", disk.statusBehind),
    list: hook("list", disk.list),
    open,
    makeFolder: hook("makeFolder", disk.makeFolder),
    folderAccess: hook("folderAccess", disk.folderAccess),
    createFolders: many(true, (path) => [["makeFolder", path], () => disk.createFolders([path])]),
    createFiles: many(true, (file) => [["createFiles", file.path], () => disk.createFiles([file])]),
    link: hook("link", disk.link),
    rename: hook("rename", disk.rename),
    remove: hook("remove", disk.remove),
    removeTree: hook("removeTree", disk.removeTree),
    syncFolder: hook("syncFolder", disk.syncFolder),
    syncVolume: hook("syncVolume", disk.syncVolume),
    room: hook("room", disk.room),
    lock: hook("lock", disk.lock),
  };
}

/** Files read whole through open files, so that hooks of these apply. */
export async function readFilesBy(
  open: Disk["open"],
  paths: readonly string[],
  maximumBytes: number,
): Promise<ReadOutcome[]> {
  const outcomes: ReadOutcome[] = [];
  for (const path of paths) {
    outcomes.push(
      await readWhole(open, path, maximumBytes).catch((error) => {
        if (isPliError(error)) return error;
        throw error;
      }),
    );
  }
  return outcomes;
}

async function readWhole(open: Disk["open"], path: string, maximumBytes: number): Promise<ReadFile | null> {
  const file = await open(path, "read");
  if (file === null) return null;
  try {
    const status = await file.status();
    if (status.sizeBytes > maximumBytes) return { status, bytes: null };
    const bytes = new Uint8Array(status.sizeBytes);
    const count = bytes.length === 0 ? 0 : await file.readAt(bytes, 0);
    return { status, bytes: bytes.subarray(0, count) };
  } finally {
    await file.close();
  }
}

/** One read of an open file. */
export interface HookedRead {
  path: string;
  buffer: Uint8Array;
  offsetBytes: number;
}

/** Calls `before` with every read of a file, and `closed` with every file that is closed. */
export function hookedReads(
  disk: Disk,
  before: (read: HookedRead) => void | Promise<void>,
  closed: (path: string) => void = () => {},
): Disk {
  const hook = (file: DiskFile, path: string): DiskFile => ({
    ...file,
    readAt: async (buffer, offsetBytes) => {
      await before({ path: slashed(path), buffer, offsetBytes });
      return await file.readAt(buffer, offsetBytes);
    },
    close: () => {
      closed(slashed(path));
      return file.close();
    },
  });
  const open: Disk["open"] = async (path, mode) => {
    const file = await disk.open(path, mode);
    return file === null ? null : hook(file, path);
  };
  return {
    ...hookedDisk(disk, () => {}),
    open,
    readFiles: (paths, maximumBytes) => readFilesBy(open, paths, maximumBytes),
  };
}
