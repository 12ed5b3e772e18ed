// The stored downloads that can be continued, by any process.

import type { Ticket } from "../../engine/mod.ts";
import type { Home } from "../home.ts";
import { MAXIMUM_RECORD_AGE_MS } from "../private_files.ts";
import {
  HeldRecord,
  isNewer,
  listRecords,
  pruneRecords,
  readRecord,
  type RecordKind,
  setRecordAside,
} from "../records.ts";
import {
  asDownloadRecord,
  type DownloadPlace,
  type DownloadRecord,
  keyOfTicket,
  RECORD_VERSION,
  RECORDS_FOLDER,
  stagedBytes,
  stagedIn,
  writtenRecord,
} from "./download_record.ts";
import type { DownloadTarget } from "./open_download.ts";

/** A provider keeps a claim for this long, so its key is kept too, even without received data. */
const CLAIM_MS = 10 * 60 * 1000;

/** A download that was interrupted, or runs in another process. */
export interface UnfinishedDownload extends DownloadTarget {
  folder: string;
  /** The first name at the top of what it brings. */
  title: string;
  /** Number of further names. */
  otherNames: number;
  files: number;
  bytes: number;
  receivedBytes: number;
  /** Whether the received amount is exact: not after a process was killed, or while it runs. */
  isExact: boolean;
  startedAtMs: number;
  updatedAtMs: number;
  isRunning: boolean;
  /** The number of lost files at the last attempt, and the names of some. */
  lostFiles: number;
  lostNames: readonly string[];
}

/**
 * The downloads that can be continued, the oldest first. Records without staged data, and those that were not
 * continued for 90 days, are removed. Data in a missing folder is not listed until the folder is back. Throws `home_*`.
 */
export async function listDownloads(home: Home): Promise<UnfinishedDownload[]> {
  await pruneRecords(home, RECORDS_FOLDER, MAXIMUM_RECORD_AGE_MS);
  const downloads: UnfinishedDownload[] = [];
  for (const { key, record: value, isHeld, modifiedMs } of await listRecords(home, RECORDS_FOLDER)) {
    const record = asDownloadRecord(value);
    if (record === null) {
      if (value !== null && !isHeld && !isNewer(value, RECORD_VERSION)) {
        await setRecordAside(home, RECORDS_FOLDER, key);
      }
      continue;
    }
    const { staged, kept } = await placesOf(record);
    for (const { consent: _, isFolderNew: __, ...place } of staged) {
      const isExact = place.isExact && !isHeld;
      // The record of a process that was killed, or on a disk that was full, has less than there is.
      const foundBytes = isExact ? 0 : await stagedBytes(place.folder, record.ticket.hash);
      const { otherNames = 0, lostFiles = 0, lostNames = [] } = place;
      downloads.push({
        ...place,
        otherNames,
        lostFiles,
        lostNames,
        receivedBytes: Math.max(place.receivedBytes, Math.min(foundBytes, place.bytes)),
        ticket: record.ticket,
        isExact,
        isRunning: isHeld,
      });
    }
    const isOver = kept.length === 0 && home.clock.epochMs() - modifiedMs >= CLAIM_MS;
    if (!isHeld && (isOver || kept.length < record.places.length)) await pruneRecord(home, key, isOver);
  }
  return downloads.sort((a, b) => a.startedAtMs - b.startedAtMs);
}

/** Whether a download is in the records, also one whose folder is missing. Throws `home_*`. */
export async function isRecorded(home: Home, ticket: Ticket, folder: string | null): Promise<boolean> {
  const value = await readRecord(home, RECORDS_FOLDER, await keyOfTicket(ticket));
  if (isNewer(value, RECORD_VERSION)) return true;
  return asDownloadRecord(value)?.places.some((place) => place.folder === folder) ?? false;
}

/** Removes stale places from a record, or the record, unless another process holds it. */
async function pruneRecord(home: Home, key: string, isOver: boolean): Promise<void> {
  using held = await HeldRecord.tryHold(await home.folder(RECORDS_FOLDER), key, kindOf(home));
  const record = asDownloadRecord(await held?.read());
  if (held === null || record === null) return;
  const { kept: places } = await placesOf(record);
  if (isOver && places.length === 0) await held.remove();
  else if (places.length < record.places.length) await held.write(writtenRecord({ ...record, places }));
}

function kindOf(home: Home): RecordKind {
  return { version: RECORD_VERSION, notify: home.notify };
}

/** The places of a record with data, and those that stay in the record: also those of missing folders. */
async function placesOf(
  { ticket, places }: DownloadRecord,
): Promise<Record<"staged" | "kept", DownloadPlace[]>> {
  const found = await Promise.all(places.map(({ folder }) => stagedIn(folder, ticket.hash)));
  return {
    staged: places.filter((_, index) => found[index] === "data"),
    kept: places.filter((_, index) => found[index] !== "nothing"),
  };
}
