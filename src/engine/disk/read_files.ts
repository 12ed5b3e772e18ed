// Reading small files whole, each by one call of the native addon, where it is, else by four that are done when they
// return: what it costs by an open file and four turns of the event loop is several times that.

import { closeSync, fstatSync, openSync, readSync, type Stats } from "node:fs";
import type { ReadFile, ReadOutcome } from "../ports.ts";
import { attempt, attemptSync, diskFault, systemCode } from "./disk_faults.ts";
import { fileStatus } from "./file_status.ts";
import { nativeDisk, STATUS_LENGTH, statusFrom, systemError } from "./native_disk.ts";
import { NO_FILE, openFile, READ_FLAGS } from "./open_file.ts";
import { inSlices } from "./slices.ts";

/** A near disk takes a tenth of that. */
const SLICES = { farMs: 1 };

/** What the addon reads into; it is copied before anybody else has a turn. */
let scratch = new Uint8Array(0);
const numbers = new Float64Array(STATUS_LENGTH + 1);

/** See Disk.readFiles. */
export function readFiles(paths: readonly string[], maximumBytes: number): Promise<ReadOutcome[]> {
  return readBy(nativeDisk().readWhole === undefined ? readSyncWhole : readNatively, paths, maximumBytes);
}

/** The same without the addon. */
export function readFilesPortably(paths: readonly string[], maximumBytes: number): Promise<ReadOutcome[]> {
  return readBy(readSyncWhole, paths, maximumBytes);
}

type Read = (path: string, maximumBytes: number) => ReadFile | null;

function readBy(read: Read, paths: readonly string[], maximumBytes: number): Promise<ReadOutcome[]> {
  const quick = (path: string) => read(path, maximumBytes);
  return inSlices(paths, quick, (path) => readPatiently(path, maximumBytes), SLICES);
}

function readNatively(path: string, maximumBytes: number): ReadFile | null {
  if (scratch.length < maximumBytes) scratch = new Uint8Array(maximumBytes);
  const number = nativeDisk().readWhole!(path, scratch.subarray(0, maximumBytes), numbers);
  if (number !== 0) {
    const error = systemError(number);
    if (NO_FILE.has(systemCode(error))) return null;
    throw diskFault(error, path);
  }
  const readBytes = numbers[STATUS_LENGTH];
  if (readBytes < 0) return null;
  const status = statusFrom(numbers, 0);
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
      const bytes = new Uint8Array(status.sizeBytes);
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

async function readPatiently(path: string, maximumBytes: number): Promise<ReadFile | null> {
  const file = await openFile(path, "read");
  if (file === null) return null;
  try {
    const status = file.opened ?? await file.status();
    if (status.sizeBytes > maximumBytes) return { status, bytes: null };
    const bytes = new Uint8Array(status.sizeBytes);
    const done = await attempt(path, new Set(), 0, () => file.readAt(bytes, 0));
    return { status, bytes: bytes.subarray(0, done) };
  } finally {
    await file.close();
  }
}
