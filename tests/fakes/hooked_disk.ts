// A Disk that lets a test do something just before any operation of another Disk: the moment in which
// somebody else plants a file, swaps a folder, or the system fails.

import type { Disk } from "../../src/engine/ports.ts";

export type DiskOperation = keyof Disk;

/** Calls `before` with the operation's name and its arguments; what that throws, the operation throws. */
export function hookedDisk(
  disk: Disk,
  before: (operation: DiskOperation, ...given: unknown[]) => void | Promise<void>,
): Disk {
  function hook<A extends unknown[], R>(
    operation: DiskOperation,
    method: (...given: A) => Promise<R>,
  ): (...given: A) => Promise<R> {
    return async (...given) => {
      await before(operation, ...given);
      return await method.apply(disk, given);
    };
  }
  return {
    status: hook("status", disk.status),
    realPath: hook("realPath", disk.realPath),
    list: hook("list", disk.list),
    open: hook("open", disk.open),
    makeFolder: hook("makeFolder", disk.makeFolder),
    link: hook("link", disk.link),
    rename: hook("rename", disk.rename),
    remove: hook("remove", disk.remove),
    removeTree: hook("removeTree", disk.removeTree),
    syncFolder: hook("syncFolder", disk.syncFolder),
    lock: hook("lock", disk.lock),
  };
}
