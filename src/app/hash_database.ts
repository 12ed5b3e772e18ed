// The SQLite file under the memory of hashes: private like all of pli's home, opened when it is first needed,
// of one schema. A fault of it, such as another process that holds it for long, is nobody's concern: the work
// is not done. One that is damaged is removed, and made anew by the next work.

import type { DatabaseSync } from "node:sqlite";
import { makePrivateFileSync } from "./private_files.ts";

/** `user_version`: a file with another one is emptied. */
const VERSION = 1;
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
  `PRAGMA user_version = ${VERSION}`,
];

/** Opens a database file: `node:sqlite`'s class, which is loaded only by who needs it. */
export type OpenDatabase = (path: string) => DatabaseSync;

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

  #attempt<T>(begin: string, work: (database: DatabaseSync) => T, otherwise: T): T {
    try {
      this.#database ??= this.#open();
      return inTransaction(this.#database, begin, work);
    } catch (error) {
      if (isDamage(error)) this.#remove();
      return otherwise;
    }
  }

  #open(): DatabaseSync {
    makePrivateFileSync(this.#path);
    const database = this.#openDatabase(this.#path);
    try {
      // By statements, not by `exec`, whose errors have no code.
      run(database, `PRAGMA busy_timeout = ${BUSY_MS}`);
      if (versionOf(database) !== VERSION) {
        // Readers and a writer do not wait for each other then; it stays with the file.
        run(database, "PRAGMA journal_mode = WAL");
        inTransaction(database, "BEGIN IMMEDIATE", () => {
          if (versionOf(database) !== VERSION) SCHEMA.forEach((statement) => run(database, statement));
        });
      }
      // Enough for WAL not to be damaged by a crash; the last works may be lost.
      run(database, "PRAGMA synchronous = NORMAL");
      return database;
    } catch (error) {
      database.close();
      throw error;
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

function inTransaction<T>(database: DatabaseSync, begin: string, work: (database: DatabaseSync) => T): T {
  run(database, begin);
  try {
    const result = work(database);
    run(database, "COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) run(database, "ROLLBACK");
    throw error;
  }
}

function run(database: DatabaseSync, statement: string): void {
  database.prepare(statement).run();
}

function versionOf(database: DatabaseSync): unknown {
  return database.prepare("PRAGMA user_version").get()?.user_version;
}

function isDamage(error: unknown): boolean {
  // The extended codes have the general one in their lowest byte.
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" &&
    DAMAGED.has(error.errcode & 0xff);
}
