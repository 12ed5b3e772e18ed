// What has a name, without following it: asked for alone, where others may be asked meanwhile, or at once,
// which takes a tenth of the time where the disk is near.

import type { Stats } from "node:fs";
import type { FileKind, FileStatus, PathOutcome } from "../ports.ts";
import { attempt, attemptSync, MISSING } from "./disk_faults.ts";
import { inSlices } from "./slices.ts";

/** A near disk takes a hundredth of that, one across a network more. */
const SLICES = { farMs: 0.2 };

/** See Disk.status. */
export function statusOf(path: string): Promise<FileStatus | null> {
  return attempt(path, MISSING, null, async () => toStatus(await Deno.lstat(path)));
}

/** The same, and the program waits. */
export function statusSync(path: string): FileStatus | null {
  return attemptSync(path, MISSING, null, () => toStatus(Deno.lstatSync(path)));
}

/** See Disk.statuses. */
export function statusesOf(paths: readonly string[]): Promise<PathOutcome[]> {
  return inSlices(paths, statusSync, statusOf, SLICES);
}

export function toStatus(found: Deno.FileInfo): FileStatus {
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

/** The same of an open file, which node:fs asks. */
export function fileStatus(found: Stats): FileStatus {
  return {
    kind: found.isFile() ? "file" : found.isDirectory() ? "folder" : "other",
    sizeBytes: found.size,
    // Whole milliseconds, as a status by name has them: the two are compared.
    modifiedMs: Math.floor(found.mtimeMs),
    changedMs: Math.floor(found.ctimeMs),
    inode: found.ino,
    device: found.dev,
    links: found.nlink,
  };
}

function kindOf(found: Deno.FileInfo): FileKind {
  if (found.isSymlink) return "symlink";
  if (found.isFile) return "file";
  return found.isDirectory ? "folder" : "other";
}
