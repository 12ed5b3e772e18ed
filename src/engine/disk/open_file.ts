// Opens files: never through a symlink in the last part of the path, never waiting for the other end of a FIFO, and
// new files only under free names.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { DiskFile, OpenMode } from "../ports.ts";
import { SYSTEM } from "../system.ts";
import { attempt, MISSING, systemCode, TAKEN, withKnownError } from "./disk_faults.ts";
import { statusOf } from "./file_status.ts";
import { platform } from "./platform.ts";
import { SystemFile } from "./system_file.ts";

/** Windows has neither flag: there `openFile` checks for a symlink first, and no path is a FIFO. */
const NO_FOLLOW: number | undefined = constants.O_NOFOLLOW;
const SAFE = (NO_FOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The flags for reading an existing file. */
export const READ_FLAGS = constants.O_RDONLY | SAFE;

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: READ_FLAGS,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | SAFE,
  update: constants.O_RDWR | SAFE,
};

/** The system's codes for opening what is no regular file: a symlink, a folder, a socket or a FIFO. */
export const NO_FILE: ReadonlySet<string> = new Set([
  ...MISSING,
  "ELOOP",
  "EISDIR",
  "ENXIO",
  "EOPNOTSUPP",
  "ENOTSUP",
  "ENODEV",
]);

/** The codes of an error that another call makes clear. On Windows an invalid name has that of a missing file. */
const UNCLEAR: ReadonlySet<string> = new Set(SYSTEM === "windows" ? ["", "ENOENT"] : [""]);

/** The handle of an opened file. An unclear error is reproduced by another call. */
async function openHandle(path: string, mode: OpenMode): Promise<FileHandle> {
  if (mode !== "create") return await withKnownError(path, () => open(path, FLAGS[mode]));
  try {
    return await open(path, FLAGS.create, 0o666);
  } catch (error) {
    if (!UNCLEAR.has(systemCode(error))) throw error;
    (await platform.create(path)).close();
    // The other call succeeded, so the file is the one that it created.
    return await open(path, FLAGS.update);
  }
}

/** See Disk.open. */
export async function openFile(path: string, mode: OpenMode): Promise<DiskFile | null> {
  if (NO_FOLLOW === undefined && (await statusOf(path))?.kind === "symlink") return null;
  const handle = await attempt(
    path,
    mode === "create" ? TAKEN : NO_FILE,
    null,
    () => openHandle(path, mode),
    mode === "create" ? "new_name" : "old_name",
  );
  if (handle === null) return null;
  const file = new SystemFile(handle, path);
  if (mode === "create") return file;
  try {
    file.opened = await file.status();
    if (file.opened.kind === "file") return file;
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return null;
}
