// The schema of a download's record, and the validation of a stored one, which may be of another version or edited by
// hand.

import { basename, join } from "node:path";
import * as v from "valibot";
import {
  EXISTING_POLICIES,
  type ExistingPolicy,
  formatTicket,
  isPliError,
  isStagingNameOf,
  parseTicket,
  type Ticket,
} from "../../engine/mod.ts";
import { isGlob } from "../globs.ts";
import { recordKey } from "../records.ts";
import { ABSOLUTE, COUNT, storedAs, storedItems, TIME } from "../stored.ts";

/** The folder of the records in PLI_HOME. */
export const RECORDS_FOLDER = "downloads";
export const RECORD_VERSION = 2;

/** The folder of the files in a staging folder. */
const STAGED_FILES = "files";

/** A folder that a ticket's files are received into. */
export interface DownloadPlace {
  folder: string;
  /** The name of its one file there; absent if names are kept. */
  name?: string;
  /** The first received name at the top. */
  title: string;
  /** The number of further names; absent in a record of an earlier version, whose title contains it. */
  otherNames?: number;
  files: number;
  bytes: number;
  receivedBytes: number;
  isExact: boolean;
  /** Whether the folder was created for this download. */
  isFolderNew: boolean;
  existing: ExistingPolicy;
  only: readonly string[];
  /** A hash of the offer's parts that the user consented to. */
  consent: string;
  startedAtMs: number;
  updatedAtMs: number;
  /** The number of lost files, and the names of some; absent if there were none. */
  lostFiles?: number;
  lostNames?: readonly string[];
}

export interface DownloadRecord {
  ticket: Ticket;
  /** Null if the key was the user's own. */
  secretKey: string | null;
  places: readonly DownloadPlace[];
}

/** Further fields, of another version, stay. */
const PLACE = v.looseObject({
  folder: ABSOLUTE,
  name: v.exactOptional(v.pipe(v.string(), v.check(isFileName, "a file's name"))),
  title: v.string(),
  otherNames: v.exactOptional(COUNT),
  files: COUNT,
  bytes: COUNT,
  receivedBytes: COUNT,
  isExact: v.boolean(),
  isFolderNew: v.boolean(),
  existing: v.picklist(EXISTING_POLICIES),
  only: v.array(v.pipe(v.string(), v.check(isGlob, "a glob"))),
  consent: v.string(),
  startedAtMs: TIME,
  updatedAtMs: TIME,
  lostFiles: v.exactOptional(COUNT),
  lostNames: v.exactOptional(v.array(v.string())),
}) satisfies v.GenericSchema<unknown, DownloadPlace>;
const STORED = v.object({
  version: v.picklist([1, RECORD_VERSION]),
  ticket: v.string(),
  secretKey: v.nullable(v.string()),
  places: v.fallback(v.array(v.unknown()), []),
});

/** A stored record; of an earlier version only the key. Null if it is invalid. */
export function asDownloadRecord(value: unknown): DownloadRecord | null {
  const stored = storedAs(STORED, value);
  const ticket = stored === null ? null : ticketOrNull(stored.ticket);
  if (stored === null || ticket === null) return null;
  const { version, secretKey, places } = stored;
  return { ticket, secretKey, places: version === RECORD_VERSION ? storedItems(PLACE, places) : [] };
}

/** The stored form of a record. */
export function writtenRecord({ ticket, secretKey, places }: DownloadRecord): object {
  return { version: RECORD_VERSION, ticket: formatTicket(ticket), secretKey, places };
}

/** The key of the record of a ticket. */
export function keyOfTicket(ticket: Ticket): Promise<string> {
  return recordKey([formatTicket(ticket)]);
}

/**
 * What a folder has of a download. The whole folder may be missing because its volume is not mounted: then its data may
 * come back.
 */
export async function stagedIn(folder: string, hash: Uint8Array): Promise<"data" | "nothing" | "no_folder"> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory && isStagingNameOf(name, hash)) return "data";
    }
    return "nothing";
  } catch (error) {
    // An unreadable folder may have data.
    return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory
      ? "no_folder"
      : "data";
  }
}

/** Maximum number of files whose sizes are read for a list. */
const MEASURED_FILES = 10_000;
const BLOCK_BYTES = 1024 * 1024;

/**
 * The bytes that the staging folder of a download has on its volume, of files larger than a block in whole blocks. A
 * lower amount if it has very many files, or where the system does not report what a file takes.
 */
export async function stagedBytes(folder: string, hash: Uint8Array): Promise<number> {
  let [bytes, files] = [0, 0];
  const waiting: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory && isStagingNameOf(name, hash)) waiting.push(join(folder, name, STAGED_FILES));
    }
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for await (const { name, isDirectory, isFile } of Deno.readDir(at)) {
        const path = join(at, name);
        if (isDirectory) waiting.push(path);
        if (!isFile) continue;
        if (++files > MEASURED_FILES) return bytes;
        const { size, blocks } = await Deno.lstat(path);
        const takenBytes = Math.min(size, (blocks ?? 0) * 512);
        bytes += size > BLOCK_BYTES ? takenBytes - takenBytes % BLOCK_BYTES : takenBytes;
      }
    }
  } catch {
    // It is only shown.
  }
  return bytes;
}

function ticketOrNull(text: string): Ticket | null {
  try {
    return parseTicket(text);
  } catch (error) {
    if (isPliError(error)) return null;
    throw error;
  }
}

function isFileName(name: string): boolean {
  return basename(name) === name && !["", ".", ".."].includes(name);
}
