// The owner of a folder, and whether other users can enter it. Its open descriptor is queried, so that the answer
// concerns one folder even if the path is replaced.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { FolderAccess } from "../ports.ts";
import { SYSTEM } from "../system.ts";
import { diskFault, MISSING, systemCode, withKnownError } from "./disk_faults.ts";
import { statusOf } from "./file_status.ts";
import { ownUser } from "./own_user.ts";
import { fileStatus } from "./stats.ts";
import { windowsAccess } from "./windows_access.ts";

const FLAGS = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);
/** The system's codes for opening a symlink, or what is no folder. */
const NO_FOLDER: ReadonlySet<string> = new Set([...MISSING, "ELOOP", "EMLINK"]);
/** A folder that this user may not open belongs to another user. */
const NOT_PERMITTED: ReadonlySet<string> = new Set(["EACCES", "EPERM"]);
const OTHERS = 0o077;

/** See Disk.folderAccess. */
export async function folderAccess(path: string, isNew = false): Promise<FolderAccess | null> {
  if (SYSTEM === "windows") {
    const status = await statusOf(path);
    if (status?.kind !== "folder") return null;
    if (isNew) return { status, isOwn: true, isClosed: true, isKnown: true };
    return { status, ...await windowsAccess(path) };
  }
  const handle = await openFolder(path);
  if (handle === null) return null;
  if (handle === "closed") {
    const status = await statusOf(path);
    return status?.kind === "folder" ? { status, isOwn: false, isClosed: true, isKnown: true } : null;
  }
  try {
    const found = await handle.stat();
    const isOwn = found.uid === ownUser();
    return { status: fileStatus(found), isOwn, isClosed: (found.mode & OTHERS) === 0, isKnown: true };
  } finally {
    await handle.close();
  }
}

/** The open folder; null if it is none, "closed" if this user may not open it. */
async function openFolder(path: string): Promise<FileHandle | "closed" | null> {
  try {
    return await withKnownError(path, () => open(path, FLAGS));
  } catch (error) {
    if (NO_FOLDER.has(systemCode(error))) return null;
    if (NOT_PERMITTED.has(systemCode(error))) return "closed";
    throw diskFault(error, path);
  }
}
