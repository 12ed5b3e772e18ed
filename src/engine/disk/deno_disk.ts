// The Disk port on the real file system. Which names a symlink, a FIFO or a race may have is not trusted:
// files are opened without following and without waiting, and new ones only where nothing is.

import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import type { Disk, DiskFile, DiskLock, FileKind, FileStatus, OpenMode } from "../ports.ts";
import { DenoFile } from "./deno_file.ts";
import { diskFault, systemCode } from "./disk_faults.ts";
import { lockFile } from "./file_lock.ts";

/** Windows has neither flag: there `open` looks for a symlink first, and no path is a FIFO. */
const NO_FOLLOW: number | undefined = constants.O_NOFOLLOW;
const SAFE = (NO_FOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY | SAFE,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | SAFE,
  update: constants.O_RDWR | SAFE,
};

const MISSING = new Set(["ENOENT", "ENOTDIR"]);
const TAKEN = new Set(["EEXIST"]);
/** What opening says of something that is no regular file: a symlink, a folder, a socket or a FIFO. */
const NO_FILE = new Set([...MISSING, "ELOOP", "EISDIR", "ENXIO", "EOPNOTSUPP", "ENODEV"]);
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

/**
 * Runs an operation; an error with one of the codes of `expected` is its result `otherwise`, any other one
 * a PliError.
 */
async function attempt<T, E>(
  path: string,
  expected: ReadonlySet<string>,
  otherwise: E,
  operation: () => Promise<T>,
): Promise<T | E> {
  try {
    return await operation();
  } catch (error) {
    if (expected.has(systemCode(error))) return otherwise;
    throw diskFault(error, path);
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** The disk of this computer. Paths are the system's own. */
export const denoDisk: Disk = {
  status(path: string): Promise<FileStatus | null> {
    return attempt(path, MISSING, null, async () => toStatus(await Deno.lstat(path)));
  },

  realPath(path: string): Promise<string | null> {
    return attempt(path, new Set([...MISSING, "ELOOP"]), null, () => Deno.realPath(path));
  },

  list(path: string): Promise<string[]> {
    return attempt(path, NOTHING, [], () => readdir(path));
  },

  async open(path: string, mode: OpenMode): Promise<DiskFile | null> {
    if (NO_FOLLOW === undefined && (await denoDisk.status(path))?.kind === "symlink") return null;
    const handle = await attempt(
      path,
      mode === "create" ? TAKEN : NO_FILE,
      null,
      () => open(path, FLAGS[mode], 0o666),
    );
    if (handle === null) return null;
    const file = new DenoFile(handle, path);
    if (mode === "create" || (await file.status()).kind === "file") return file;
    await file.close();
    return null;
  },

  makeFolder(path: string, isPrivate = false): Promise<boolean> {
    return attempt(path, TAKEN, false, async () => {
      await Deno.mkdir(path, { mode: isPrivate ? 0o700 : 0o777 });
      return true;
    });
  },

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
      if (Deno.build.os === "windows" && (await denoDisk.status(to))?.kind === "folder") return false;
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

  lock(path: string): Promise<DiskLock | null> {
    return attempt(path, NOTHING, null, () => lockFile(path));
  },
};

function toStatus(found: Deno.FileInfo): FileStatus {
  return {
    kind: kindOf(found),
    sizeBytes: found.size,
    modifiedMs: found.mtime?.getTime() ?? 0,
    changedMs: found.ctime?.getTime() ?? 0,
    inode: found.ino ?? 0,
    device: found.dev,
    links: found.nlink ?? 1,
  };
}

function kindOf(found: Deno.FileInfo): FileKind {
  if (found.isSymlink) return "symlink";
  if (found.isFile) return "file";
  return found.isDirectory ? "folder" : "other";
}
