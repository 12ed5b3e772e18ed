// The SQLite file of the history. A file of an older pli is migrated. A damaged one is set aside and replaced. One
// that a newer pli has written, or that cannot be used, is not changed, and the history of this run is kept in memory.

import { basename, dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../engine/mod.ts";
import {
  DatabaseNewer,
  type DatabaseOptions,
  isDamage,
  LOG_SUFFIXES,
  migrate,
  type OpenDatabase,
  openDatabase,
} from "./database.ts";
import { homeFault } from "./errors.ts";
import type { Home } from "./home.ts";
import { Lock } from "./lock.ts";
import { isSetAside, kindOf, setAside } from "./set_aside.ts";

const FILE = "history.db";
const MEMORY = ":memory:";
/** Timeout of the wait for another process that sets a damaged file aside. */
const WAIT_MS = 2_000;
const RETRY_MS = 20;

/** A further migration needs a file of the new version: `deno run -A tests/app/stored_history.ts` writes it. */
export const HISTORY_OPTIONS: DatabaseOptions = {
  migrations: [
    [
      `CREATE TABLE entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        title TEXT,
        files INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        ended_at INTEGER NOT NULL,
        paths TEXT NOT NULL
      )`,
    ],
    [
      "ALTER TABLE entries ADD COLUMN missing INTEGER NOT NULL DEFAULT 0",
      "ALTER TABLE entries ADD COLUMN not_chosen INTEGER NOT NULL DEFAULT 0",
    ],
  ],
  busyMs: 2_000,
  isDurable: true,
};

export function historyPath(home: Home): string {
  return join(home.path, FILE);
}

/** The database, and whether it is in the file or in memory. */
export interface OpenedHistory {
  database: DatabaseSync;
  isFile: boolean;
}

/** Opens the history's file, creates it if it is missing and migrates an older one. Throws `home_*`. */
export async function openHistoryDatabase(home: Home): Promise<OpenedHistory> {
  const path = historyPath(home);
  const { DatabaseSync } = await import("node:sqlite");
  const open: OpenDatabase = (path) => new DatabaseSync(path);
  try {
    return { database: openDatabase(path, HISTORY_OPTIONS, open), isFile: true };
  } catch (error) {
    if (error instanceof DatabaseNewer) {
      home.notify({ code: "history_newer", parameters: { path } });
      return { database: await memoryDatabase(), isFile: false };
    }
    if (!isDamage(error)) throw homeFault(error, path);
    return { database: await replaceDamaged(home, path, open), isFile: true };
  }
}

/** A history that ends with the process. */
export async function memoryDatabase(): Promise<DatabaseSync> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(MEMORY);
  migrate(database, HISTORY_OPTIONS.migrations);
  return database;
}

/** Removes the history's files and those that were set aside; returns how many were. Throws `home_*`. */
export function removeHistoryFiles(home: Home): number {
  const path = historyPath(home);
  try {
    // The database is removed last, because a log without it would be applied to the next one.
    for (const suffix of [...LOG_SUFFIXES, ""]) removeFile(path + suffix);
    return removeSetAside(home);
  } catch (error) {
    throw homeFault(error, path);
  }
}

/**
 * Removes the history's files that were set aside. Returns how many of them were databases, not their logs. Throws the
 * system's errors.
 */
export function removeSetAside(home: Home): number {
  const path = historyPath(home);
  let count = 0;
  for (const { name } of Deno.readDirSync(dirname(path))) {
    const isHistoryFile = ["", ...LOG_SUFFIXES].some((suffix) => isSetAside(name, basename(path) + suffix));
    if (isHistoryFile && removeFile(join(dirname(path), name)) && isSetAside(name, basename(path))) count++;
  }
  return count;
}

/** Sets the damaged file aside, unless another process has done so, and opens a new one. */
async function replaceDamaged(home: Home, path: string, open: OpenDatabase): Promise<DatabaseSync> {
  using _lock = await lockWithin(`${path}.lock`, WAIT_MS, home.clock);
  try {
    return openDatabase(path, HISTORY_OPTIONS, open);
  } catch (error) {
    if (!isDamage(error)) throw homeFault(error, path);
  }
  try {
    for (const suffix of LOG_SUFFIXES) if (kindOf(path + suffix) !== "nothing") setAside(path + suffix);
    const kept = kindOf(path) === "nothing" ? null : setAside(path);
    const database = openDatabase(path, HISTORY_OPTIONS, open);
    if (kept !== null) home.notify({ code: "file_set_aside", parameters: { path, kept } });
    return database;
  } catch (error) {
    throw homeFault(error, path);
  }
}

async function lockWithin(path: string, limitMs: number, clock: Clock): Promise<Lock> {
  const untilMs = clock.nowMs() + limitMs;
  for (;;) {
    const lock = await Lock.tryTake(path);
    if (lock !== null) return lock;
    if (clock.nowMs() > untilMs) throw homeFault(new Error("another process holds the lock"), path);
    await clock.sleep(RETRY_MS);
  }
}

/** False for anything that is no file: it does not belong to the history. */
function removeFile(path: string): boolean {
  if (kindOf(path) !== "file") return false;
  Deno.removeSync(path);
  return true;
}
