// The Disk port on the real file system. Which names a symlink, a FIFO or a race may have is not trusted:
// files are opened without following and without waiting, and new ones only where nothing is.

import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import type { Disk, DiskLock } from "../ports.ts";
import { attempt, diskFault, MISSING, systemCode, TAKEN } from "./disk_faults.ts";
import { lockFile } from "./file_lock.ts";
import { statusesOf, statusOf } from "./file_status.ts";
import { createFiles, createFolders } from "./create_many.ts";
import { freeBytes } from "./free_bytes.ts";
import { openFile } from "./open_file.ts";
import { readFiles } from "./read_files.ts";
import { syncVolume } from "./sync_volume.ts";

/** What link says where there are no links, or none for this file (EMLINK) or user (EPERM, EACCES). */
const NO_LINKS = new Set([
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EINVAL",
  "EISDIR",
  "EPERM",
  "EACCES",
  "EMLINK",
  "EXDEV",
]);
/** What rename says of a folder that is not empty, and of a file and a folder in each other's way. */
const IN_THE_WAY = new Set(["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR", "EBUSY"]);
/** What systems that cannot flush a folder say. */
const NO_FOLDER_SYNC = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EISDIR", "EBADF", "EPERM", "EACCES"]);

const NOTHING: ReadonlySet<string> = new Set();

/** The disk of this computer. Paths are the system's own. */
export const denoDisk: Disk = {
  status: statusOf,

  statuses: statusesOf,

  realPath(path: string): Promise<string | null> {
    return attempt(path, new Set([...MISSING, "ELOOP"]), null, () => Deno.realPath(path));
  },

  list(path: string): Promise<string[]> {
    return attempt(path, NOTHING, [], () => readdir(path));
  },

  open: openFile,

  readFiles,

  makeFolder(path: string, isPrivate = false): Promise<boolean> {
    return attempt(path, TAKEN, false, async () => {
      await Deno.mkdir(path, { mode: isPrivate ? 0o700 : 0o777 });
      return true;
    });
  },

  createFolders,

  createFiles,

  async link(existing: string, name: string): Promise<boolean | null> {
    try {
      await Deno.link(existing, name);
      return true;
    } catch (error) {
      if (TAKEN.has(systemCode(error))) return false;
      if (NO_LINKS.has(systemCode(error))) return null;
      throw diskFault(error, name);
    }
  },

  async rename(from: string, to: string): Promise<boolean> {
    try {
      await Deno.rename(from, to);
      return true;
    } catch (error) {
      if (IN_THE_WAY.has(systemCode(error))) return false;
      // Windows denies access where others say that a folder is in the way.
      if (Deno.build.os === "windows" && (await statusOf(to))?.kind === "folder") return false;
      throw diskFault(error, to);
    }
  },

  remove(path: string): Promise<void> {
    return attempt(path, MISSING, undefined, () => Deno.remove(path));
  },

  removeTree(path: string): Promise<void> {
    return attempt(path, MISSING, undefined, () => Deno.remove(path, { recursive: true }));
  },

  syncFolder(path: string): Promise<void> {
    return attempt(path, NO_FOLDER_SYNC, undefined, async () => {
      const handle = await open(path, constants.O_RDONLY);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  },

  syncVolume,

  freeBytes,

  lock(path: string): Promise<DiskLock | null> {
    return attempt(path, NOTHING, null, () => lockFile(path));
  },
};
