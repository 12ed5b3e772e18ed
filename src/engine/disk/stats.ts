// Converts the statuses of `node:fs` and of Deno to equal numbers for the same file, because the status of an open
// file is compared with that of its name.

import type { Stats } from "node:fs";
import type { FileKind, FileStatus } from "../ports.ts";

/** From a status of `node:fs`. */
export function fileStatus(found: Stats): FileStatus {
  return {
    kind: kindOf(found.isSymbolicLink(), found.isFile(), found.isDirectory()),
    sizeBytes: found.size,
    modifiedMs: Math.floor(found.mtimeMs),
    changedMs: wholeSeconds(found.ctimeMs),
    inode: found.ino,
    device: found.dev,
    links: found.nlink,
  };
}

/** From a status of Deno, with whole milliseconds; on Windows for the time of the last change too. */
export function toStatus(found: Deno.FileInfo): FileStatus {
  return {
    kind: kindOf(found.isSymlink, found.isFile, found.isDirectory),
    sizeBytes: found.size,
    modifiedMs: found.mtime?.getTime() ?? 0,
    changedMs: wholeSeconds(found.ctime?.getTime() ?? 0),
    inode: found.ino ?? 0,
    device: found.dev,
    links: found.nlink ?? 1,
  };
}

/** A time in milliseconds, rounded down to its second. */
export function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}

function kindOf(isSymlink: boolean, isFile: boolean, isFolder: boolean): FileKind {
  if (isSymlink) return "symlink";
  if (isFile) return "file";
  return isFolder ? "folder" : "other";
}
