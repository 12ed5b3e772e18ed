// Reading a small file whole, by calls that are done when they return: what it costs by an open file and four
// turns of the event loop is several times that.

import { closeSync, fstatSync, openSync, readSync, type Stats } from "node:fs";
import type { ReadFile } from "../ports.ts";
import { attempt, attemptSync } from "./disk_faults.ts";
import { fileStatus } from "./file_status.ts";
import { NO_FILE, openFile, READ_FLAGS } from "./open_file.ts";
import { inSlices } from "./slices.ts";

/** A near disk takes a tenth of that. */
const SLICES = { farMs: 1 };

/** See Disk.readWhole. */
export async function readWhole(path: string, maximumBytes: number): Promise<ReadFile | null> {
  const patient = (path: string) => readPatiently(path, maximumBytes);
  const [outcome] = await inSlices([path], (path) => readSyncWhole(path, maximumBytes), patient, SLICES);
  if (outcome instanceof Error) throw outcome;
  return outcome;
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
