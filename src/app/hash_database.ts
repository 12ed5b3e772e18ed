// The SQLite file under the memory of hashes, opened when it is first needed. A fault of it, such as another
// process that holds it for long, is nobody's concern: the work is not done. One that is damaged is removed, and
// made anew by the next work.

import type { DatabaseSync } from "node:sqlite";
import { type DatabaseShape, inTransaction, type OpenDatabase, openDatabase } from "./database.ts";

/** How long another process's work is waited for. It is short, and so is what a share may lose by it. */
const BUSY_MS = 200;
/** SQLite's codes for a file that is none of its own, or that is in disorder. */
const DAMAGED = new Set([11, 26]);

const SCHEMA = [
  "DROP TABLE IF EXISTS files",
  `CREATE TABLE files (
    path BLOB PRIMARY KEY,
    status TEXT NOT NULL,
    units BLOB NOT NULL,
    edge BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    used INTEGER NOT NULL
  )`,
  "CREATE INDEX files_by_use ON files (used, bytes)",
];
const SHAPE: DatabaseShape = { version: 1, schema: SCHEMA, busyMs: BUSY_MS };

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

  /** Writes in one transaction, or not at all. */
  write(work: (database: DatabaseSync) => void): void {
    this.#attempt("BEGIN IMMEDIATE", work, undefined);
  }

  [Symbol.dispose](): void {
    try {
      this.#database?.close();
    } catch {
      // Then it ends with the process.
    }
    this.#database = null;
  }

  #attempt<T>(begin: "BEGIN" | "BEGIN IMMEDIATE", work: (database: DatabaseSync) => T, otherwise: T): T {
    try {
      this.#database ??= openDatabase(this.#path, SHAPE, this.#openDatabase);
      return inTransaction(this.#database, begin, work);
    } catch (error) {
      if (isDamage(error)) this.#remove();
      return otherwise;
    }
  }

  #remove(): void {
    this[Symbol.dispose]();
    // The database goes last: a log that stayed behind it would be read into the next one.
    for (const suffix of ["-wal", "-shm", ""]) {
      try {
        Deno.removeSync(this.#path + suffix);
      } catch {
        // It is not there; or it stays, and is found damaged again.
      }
    }
  }
}

function isDamage(error: unknown): boolean {
  // The extended codes have the general one in their lowest byte.
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" &&
    DAMAGED.has(error.errcode & 0xff);
}
