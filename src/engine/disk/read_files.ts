// Reads small files whole: each by one call of the native addon if it is loaded, else by four synchronous calls. An
// open file and four turns of the event loop cost several times that.

import { closeSync, fstatSync, openSync, readSync, type Stats } from "node:fs";
import type { FileStatus, ReadFile, ReadOutcome } from "../ports.ts";
import { attempt, attemptSync, diskFault, systemCode } from "./disk_faults.ts";
import { type NativeDisk, STATUS_LENGTH, statusFrom, systemError } from "./native_disk.ts";
import { NO_FILE, openFile, READ_FLAGS } from "./open_file.ts";
import { inSlices } from "./slices.ts";
import { fileStatus } from "./stats.ts";

/** A near disk takes a tenth of that. */
const SLICES = { farMs: 1 };

/** The addon's buffer. It is copied before other code can run. */
let scratch = new Uint8Array(0);
const numbers = new Float64Array(STATUS_LENGTH + 1);

/** See Disk.readFiles. */
export function readFiles(
  { readWhole }: NativeDisk,
  paths: readonly string[],
  maximumBytes: number,
): Promise<ReadOutcome[]> {
  const quick = readWhole === undefined
    ? (path: string) => readSyncWhole(path, maximumBytes)
    : (path: string) => readNatively(readWhole, path, maximumBytes);
  return inSlices(paths, quick, (path) => readPatiently(path, maximumBytes), SLICES);
}

function readNatively(
  readWhole: NonNullable<NativeDisk["readWhole"]>,
  path: string,
  maximumBytes: number,
): ReadFile | null {
  if (scratch.length < maximumBytes) scratch = new Uint8Array(maximumBytes);
  const number = readWhole(path, scratch.subarray(0, maximumBytes), numbers);
  if (number !== 0) {
    const error = systemError(number);
    if (NO_FILE.has(systemCode(error))) return null;
    throw diskFault(error, path);
  }
  const readBytes = numbers[STATUS_LENGTH];
  if (readBytes < 0) return null;
  const status = statusFrom(numbers, 0);
  if (status.sizeBytes === 0) return readSyncWhole(path, maximumBytes);
  return { status, bytes: status.sizeBytes > maximumBytes ? null : scratch.slice(0, readBytes) };
}

function readSyncWhole(path: string, maximumBytes: number): ReadFile | null {
  const descriptor = attemptSync(path, NO_FILE, null, () => openSync(path, READ_FLAGS));
  if (descriptor === null) return null;
  try {
    return attemptSync(path, new Set(), null, () => {
      const found: Stats = fstatSync(descriptor);
      if (!found.isFile()) return null;
      const status = fileStatus(found);
      if (status.sizeBytes > maximumBytes) return { status, bytes: null };
      const bytes = new Uint8Array(bytesToRead(status));
      let done = 0;
      for (let count = -1; count !== 0 && done < bytes.length; done += count) {
        count = readSync(descriptor, bytes, done, bytes.length - done, done);
      }
      return { status, bytes: bytes.subarray(0, done) };
    });
  } finally {
    closeSync(descriptor);
  }
}

/** Of a file of size 0 one byte is requested, because files of /proc report that size whatever their content. */
function bytesToRead({ sizeBytes }: FileStatus): number {
  return Math.max(1, sizeBytes);
}

async function readPatiently(path: string, maximumBytes: number): Promise<ReadFile | null> {
  const file = await openFile(path, "read");
  if (file === null) return null;
  try {
    const status = file.opened ?? await file.status();
    if (status.sizeBytes > maximumBytes) return { status, bytes: null };
    const bytes = new Uint8Array(bytesToRead(status));
    const done = await attempt(path, new Set(), 0, () => file.readAt(bytes, 0));
    return { status, bytes: bytes.subarray(0, done) };
  } finally {
    await file.close();
  }
}
