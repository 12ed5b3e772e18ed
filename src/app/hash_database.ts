// The SQLite file of the hash cache, opened on first use. Errors, such as a lock that another process holds for long,
// are not reported; the work is skipped. A damaged file is removed and created again by the next work. A file of a
// newer pli is not changed.

import type { DatabaseSync } from "node:sqlite";
import {
  type DatabaseOptions,
  inTransaction,
  isDamage,
  LOG_SUFFIXES,
  type OpenDatabase,
  openDatabase,
} from "./database.ts";

/** Timeout of the wait for another process. It is short, because a skipped work costs little. */
const BUSY_MS = 200;

const MIGRATIONS = [
  [
    `CREATE TABLE files (
      path BLOB PRIMARY KEY,
      status TEXT NOT NULL,
      units BLOB NOT NULL,
      edge BLOB NOT NULL,
      bytes INTEGER NOT NULL,
      used INTEGER NOT NULL
    )`,
    "CREATE INDEX files_by_use ON files (used, bytes)",
  ],
];
const OPTIONS: DatabaseOptions = { migrations: MIGRATIONS, busyMs: BUSY_MS, isDurable: false };

export class HashDatabase implements Disposable {
  readonly #path: string;
  readonly #openDatabase: OpenDatabase;
  #database: DatabaseSync | null = null;

  constructor(path: string, openDatabase: OpenDatabase) {
    this.#path = path;
    this.#openDatabase = openDatabase;
  }

  /** Reads in one transaction; `otherwise` is the result when that fails. */
  read<T>(work: (database: DatabaseSync) => T, otherwise: T): T {
    return this.#attempt("BEGIN", work, otherwise);
  }

  /** Writes in one transaction. Does nothing if that fails. */
  write(work: (database: DatabaseSync) => void): void {
    this.#attempt("BEGIN IMMEDIATE", work, undefined);
  }

  [Symbol.dispose](): void {
    try {
      this.#database?.close();
    } catch {
      // It is closed with the process.
    }
    this.#database = null;
  }

  #attempt<T>(begin: "BEGIN" | "BEGIN IMMEDIATE", work: (database: DatabaseSync) => T, otherwise: T): T {
    try {
      this.#database ??= openDatabase(this.#path, OPTIONS, this.#openDatabase);
      return inTransaction(this.#database, begin, work);
    } catch (error) {
      if (isDamage(error)) this.#remove();
      return otherwise;
    }
  }

  #remove(): void {
    this[Symbol.dispose]();
    // The database is removed last, because a log without it would be applied to the next one.
    for (const suffix of [...LOG_SUFFIXES, ""]) {
      try {
        Deno.removeSync(this.#path + suffix);
      } catch {
        // It does not exist, or it stays and is found damaged again.
      }
    }
  }
}
