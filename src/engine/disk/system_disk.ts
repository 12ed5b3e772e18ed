// The Disk port on the real file system, on Deno and on Node.js. A name may be a symlink, a FIFO or be replaced at any
// time, so files are opened without following and without waiting, and new ones only under free names.

import { readdir } from "node:fs/promises";
import { PliError } from "../errors.ts";
import type { Disk, DiskLock, FileIdentity, FileStatus } from "../ports.ts";
import { SYSTEM } from "../system.ts";
import { attempt, diskFault, MISSING, systemCode, TAKEN, withKnownError } from "./disk_faults.ts";
import { lockFile } from "./file_lock.ts";
import { statusesOf, statusOf } from "./file_status.ts";
import { createFiles, createFolders } from "./create_many.ts";
import { folderAccess } from "./folder_access.ts";
import { room } from "./volume_room.ts";
import type { NativeDisk } from "./native_disk.ts";
import { openFile } from "./open_file.ts";
import { platform } from "./platform.ts";
import { publish } from "./publish_from.ts";
import { readFiles } from "./read_files.ts";
import { syncFolder } from "./sync_folder.ts";
import { syncVolume } from "./sync_volume.ts";

/**
 * The codes of link on volumes without hard links, or if none is permitted for this file (EMLINK) or user (EPERM,
 * EACCES).
 */
const NO_LINKS = new Set([
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EINVAL",
  "EISDIR",
  "EPERM",
  "EACCES",
  "EMLINK",
]);
/** The codes of rename for a target folder that is not empty, and for a file and a folder that exclude each other. */
const RENAME_CONFLICTS = new Set(["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR", "EBUSY"]);

/** The system's codes for a path that leads to nothing or into a loop. */
const UNRESOLVED: ReadonlySet<string> = new Set([...MISSING, "ELOOP"]);

const NOTHING: ReadonlySet<string> = new Set();

/**
 * The disk of this computer. Paths are those of the system.
 *
 * @param native faster or safer calls of the native addon; without it those of the runtime are used
 */
export function systemDisk(native: NativeDisk = {}): Disk {
  return {
    status: statusOf,

    statuses: statusesOf,

    async realPath(path: string): Promise<string | null> {
      try {
        const real = await platform.realPath(path);
        if (real !== null) return real;
      } catch (cause) {
        if (UNRESOLVED.has(systemCode(cause))) return null;
        throw diskFault(cause, path);
      }
      throw new PliError("path_not_unicode", { path });
    },

    statusBehind(path: string): Promise<FileStatus | null> {
      return attempt(path, UNRESOLVED, null, () => platform.statusBehind(path));
    },

    list(path: string): Promise<string[]> {
      return attempt(path, NOTHING, [], () => withKnownError(path, () => readdir(path)));
    },

    open: openFile,

    readFiles: (paths, maximumBytes) => readFiles(native, paths, maximumBytes),

    makeFolder(path: string, isPrivate = false): Promise<boolean> {
      return attempt(path, TAKEN, false, async () => {
        await platform.makeFolder(path, isPrivate ? 0o700 : 0o777);
        return true;
      }, "new_name");
    },

    folderAccess,

    createFolders,

    createFiles: (files) => createFiles(native, files),

    async link(existing: string, name: string, within?: FileIdentity): Promise<boolean | null> {
      try {
        await publish(native, existing, name, within, false);
        return true;
      } catch (error) {
        if (TAKEN.has(systemCode(error))) return false;
        if (NO_LINKS.has(systemCode(error))) return null;
        throw diskFault(error, name, "new_name");
      }
    },

    async rename(from: string, to: string, within?: FileIdentity): Promise<boolean> {
      try {
        await publish(native, from, to, within, true);
        return true;
      } catch (error) {
        if (RENAME_CONFLICTS.has(systemCode(error))) return false;
        // Windows denies access where other systems report that a folder has the name.
        if (SYSTEM === "windows" && (await statusOf(to))?.kind === "folder") return false;
        throw diskFault(error, to, "new_name");
      }
    },

    remove(path: string): Promise<void> {
      return attempt(path, MISSING, undefined, () => platform.remove(path));
    },

    removeTree(path: string): Promise<void> {
      return attempt(path, MISSING, undefined, () => platform.removeTree(path));
    },

    syncFolder(path: string): Promise<void> {
      return attempt(path, NOTHING, undefined, () => syncFolder(path));
    },

    syncVolume: (path) => syncVolume(native, path),

    room,

    lock(path: string): Promise<DiskLock | null> {
      return attempt(path, NOTHING, null, () => lockFile(path));
    },
  };
}
