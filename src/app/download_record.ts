// The shape of what is written about a download, and what of a file that may be of another version, or was edited
// by hand, is believed.

import { isAbsolute, join } from "node:path";
import { type ExistingPolicy, isPliError, parseTicket, stagingName } from "../engine/mod.ts";

const EXISTING: readonly unknown[] = ["merge", "overwrite", "rename", "skip"] satisfies ExistingPolicy[];

/** A folder that a ticket's files are received into. */
export interface DownloadPlace {
  folder: string;
  /** The first name at the top of what is received. */
  title: string;
  /** How many more there are; absent in a record of an earlier version, whose title says it. */
  otherNames?: number;
  files: number;
  bytes: number;
  receivedBytes: number;
  isExact: boolean;
  /** Whether the folder was made for this download. */
  isFolderNew: boolean;
  existing: ExistingPolicy;
  only: readonly string[];
  /** A hash of what was consented to. */
  consent: string;
  startedAtMs: number;
  updatedAtMs: number;
}

export interface DownloadRecord {
  version: 2;
  ticket: string;
  /** Null when the key was the user's own. */
  secretKey: string | null;
  places: readonly DownloadPlace[];
}

/** A record as it was read; of one by an earlier version, the key. Null when it is none. */
export function asDownloadRecord(value: unknown): DownloadRecord | null {
  if (typeof value !== "object" || value === null) return null;
  const { version, ticket, secretKey, places } = value as Record<string, unknown>;
  if (version !== 1 && version !== 2) return null;
  if (typeof ticket !== "string" || !isTicket(ticket)) return null;
  if (secretKey !== null && typeof secretKey !== "string") return null;
  const known = version === 2 && Array.isArray(places) ? places.filter(isPlace) : [];
  return { version: 2, ticket, secretKey, places: known };
}

/** Whether there is something in a folder that a download of a collection can go on with. */
export async function isStaged(folder: string, hash: Uint8Array): Promise<boolean> {
  try {
    return (await Deno.lstat(join(folder, stagingName(hash)))).isDirectory;
  } catch (error) {
    // What cannot be looked at now may be there.
    return !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory);
  }
}

function isTicket(text: string): boolean {
  try {
    return parseTicket(text).format === "hash_sequence";
  } catch (error) {
    if (isPliError(error)) return false;
    throw error;
  }
}

function isPlace(value: unknown): value is DownloadPlace {
  if (typeof value !== "object" || value === null) return false;
  const place = value as Record<keyof DownloadPlace, unknown>;
  const { files, bytes, receivedBytes, startedAtMs, updatedAtMs, otherNames = 0 } = place;
  return typeof place.folder === "string" && isAbsolute(place.folder) && typeof place.title === "string" &&
    [files, bytes, receivedBytes, startedAtMs, updatedAtMs, otherNames].every((number) =>
      Number.isSafeInteger(number)
    ) &&
    typeof place.isExact === "boolean" && typeof place.isFolderNew === "boolean" &&
    typeof place.consent === "string" &&
    EXISTING.includes(place.existing) && Array.isArray(place.only) &&
    place.only.every((glob) => typeof glob === "string");
}
