// The disk of a process of a simulation: its calls take time, can fail, can find it full, and end with the process. It
// counts open files, and checks the invariants at every change.

import { PliError } from "../../src/engine/errors.ts";
import type { Disk, DiskFile, NewFile, PathOutcome } from "../../src/engine/ports.ts";
import { readFilesBy } from "../fakes/hooked_disk.ts";
import type { Process } from "./process.ts";

/** Checks of a simulation. Each throws after a violation. */
export interface Watch {
  /** A name is about to be made, changed or removed. */
  changes(path: string): void;
  /** Bytes are about to be written to a file. */
  writes(path: string, bytes: Uint8Array, offsetBytes: number): void;
  /** A file or folder has appeared under a name, by a link or a rename. */
  appeared(path: string): void;
}

/** The kinds of calls that can fail. */
export const DISK_CALLS = [
  "open",
  "read",
  "write",
  "stat",
  "list",
  "mkdir",
  "rename",
  "link",
  "remove",
  "fsync",
  "lock",
  "close",
] as const;
export type DiskCall = typeof DISK_CALLS[number];

/** The system error of an injected failure. */
const INJECTED = Object.assign(new Error("input/output error"), { code: "EIO" });

/** Failing calls of one kind: `count` calls after the next `skipped`. */
export interface FailingCalls {
  call: DiskCall;
  skipped: number;
  count: number;
}

export interface DiskConditions {
  isFull: boolean;
  /** Failures to come; the counts decrease with each call. */
  failing: FailingCalls[];
  /** Number of calls that failed. */
  failedCalls: number;
  /** Duration of the next operation. */
  delayMs: () => number;
}

export function processDisk(disk: Disk, process: Process, conditions: DiskConditions, watch: Watch): Disk {
  /** Runs an operation after its delay, unless the process was killed or this call must fail. */
  async function step<T>(call: DiskCall | null, path: string, operation: () => Promise<T>): Promise<T> {
    process.operations++;
    process.onOperation();
    const delayMs = conditions.delayMs();
    if (delayMs > 0) await process.clock.sleep(delayMs);
    if (!process.isAlive) return await new Promise<never>(() => {});
    if (call !== null && isFailing(conditions, call)) {
      // A file is closed also when the system reports an error.
      if (call === "close") await operation();
      return await process.own(Promise.reject(failed(path)));
    }
    return await process.own(operation());
  }
  function changing<T>(call: DiskCall, path: string, operation: () => Promise<T>): Promise<T> {
    return step(call, path, () => {
      watch.changes(path);
      return operation();
    });
  }
  function growing<T>(call: DiskCall, path: string, operation: () => Promise<T>): Promise<T> {
    return changing(call, path, () => {
      if (conditions.isFull) return Promise.reject(new PliError("disk_full", { path }));
      return operation();
    });
  }
  const open: Disk["open"] = async (path, mode) => {
    const opening = () => disk.open(path, mode);
    const file = await (mode === "create" ? growing("open", path, opening) : step("open", path, opening));
    if (file === null) return null;
    const opened: DiskFile = {
      opened: file.opened,
      status: () => step("stat", path, () => file.status()),
      readAt: (buffer, offsetBytes) => step("read", path, () => file.readAt(buffer, offsetBytes)),
      writeAt: (bytes, offsetBytes) =>
        growing("write", path, () => {
          watch.writes(path, bytes, offsetBytes);
          return file.writeAt(bytes, offsetBytes);
        }),
      sync: () => step("fsync", path, () => file.sync()),
      close: () => {
        if (process.isAlive) process.openFiles.delete(opened);
        return step("close", path, () => file.close());
      },
    };
    process.openFiles.add(opened);
    return opened;
  };
  async function each<T>(
    items: readonly T[],
    make: (item: T) => Promise<PathOutcome[]>,
    path: (item: T) => string,
    call: DiskCall,
  ) {
    const outcomes: PathOutcome[] = [];
    for (const item of items) {
      const last = outcomes.at(-1);
      if (last instanceof PliError) outcomes.push(last);
      else outcomes.push(await outcome(growing(call, path(item), () => make(item))));
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
    status: (path) => step("stat", path, () => disk.status(path)),
    statuses: async (paths) => {
      const found = await step(null, "", () => disk.statuses(paths));
      return found.map((status, at) => isFailing(conditions, "stat") ? failed(paths[at]) : status);
    },
    statusBehind: (path) => step("stat", path, () => disk.statusBehind(path)),
    realPath: (path) => step("stat", path, () => disk.realPath(path)),
    room: (path) => step(null, path, () => disk.room(path)),
    list: (path) => step("list", path, () => disk.list(path)),
    makeFolder: (path, isPrivate) => growing("mkdir", path, () => disk.makeFolder(path, isPrivate)),
    createFolders: (paths) => each(paths, (path) => disk.createFolders([path]), (path) => path, "mkdir"),
    createFiles: (files) =>
      each<NewFile>(files, (file) => {
        watch.writes(file.path, file.bytes, 0);
        return disk.createFiles([file]);
      }, ({ path }) =>
        path, "write"),
    folderAccess: (path) => step("stat", path, () => disk.folderAccess(path)),
    link: (existing, name, within) =>
      changing("link", name, () => appearing(name, () => disk.link(existing, name, within))),
    rename: (from, to, within) =>
      changing("rename", from, () => {
        watch.changes(to);
        return appearing(to, () => disk.rename(from, to, within)) as Promise<boolean>;
      }),
    remove: (path) => changing("remove", path, () => disk.remove(path)),
    removeTree: (path) => changing("remove", path, () => disk.removeTree(path)),
    syncFolder: (path) => step("fsync", path, () => disk.syncFolder(path)),
    syncVolume: (path) => step("fsync", path, () => disk.syncVolume(path)),
    lock: async (path) => {
      // The lock belongs to the process once the system has granted it, whether or not the process got the result.
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
      return await changing("lock", path, locking);
    },
  };
}

/** Whether this call must fail. Counts it. */
function isFailing(conditions: DiskConditions, call: DiskCall): boolean {
  const next = conditions.failing.find((each) => each.call === call && each.count > 0);
  if (next === undefined) return false;
  if (next.skipped-- > 0) return false;
  next.skipped = 0;
  next.count--;
  conditions.failedCalls++;
  return true;
}

function failed(path: string): PliError {
  return new PliError("disk_failed", { path }, { cause: INJECTED });
}

/** The error of one call as its outcome. */
async function outcome(calls: Promise<PathOutcome[]>): Promise<PathOutcome> {
  try {
    return (await calls)[0];
  } catch (error) {
    if (error instanceof PliError) return error;
    throw error;
  }
}
