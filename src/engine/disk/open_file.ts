// Opening files: never through a symlink in the last part of the path, never waiting for the other end of a
// FIFO, and a new one only where nothing is.

import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { DiskFile, OpenMode } from "../ports.ts";
import { DenoFile } from "./deno_file.ts";
import { attempt, MISSING, TAKEN } from "./disk_faults.ts";
import { statusOf } from "./file_status.ts";

/** Windows has neither flag: there `openFile` looks for a symlink first, and no path is a FIFO. */
const NO_FOLLOW: number | undefined = constants.O_NOFOLLOW;
const SAFE = (NO_FOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** How an existing file is opened to be read. */
export const READ_FLAGS = constants.O_RDONLY | SAFE;

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: READ_FLAGS,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | SAFE,
  update: constants.O_RDWR | SAFE,
};

/** What opening says of something that is no regular file: a symlink, a folder, a socket or a FIFO. */
export const NO_FILE: ReadonlySet<string> = new Set([
  ...MISSING,
  "ELOOP",
  "EISDIR",
  "ENXIO",
  "EOPNOTSUPP",
  "ENODEV",
]);

/** See Disk.open. */
export async function openFile(path: string, mode: OpenMode): Promise<DiskFile | null> {
  if (NO_FOLLOW === undefined && (await statusOf(path))?.kind === "symlink") return null;
  const handle = await attempt(
    path,
    mode === "create" ? TAKEN : NO_FILE,
    null,
    () => open(path, FLAGS[mode], 0o666),
  );
  if (handle === null) return null;
  const file = new DenoFile(handle, path);
  if (mode === "create") return file;
  file.opened = await file.status();
  if (file.opened.kind === "file") return file;
  await file.close();
  return null;
}
