// What pli's SQLite files have in common: private like all of pli's home, in WAL, so that readers and a writer do not
// wait for each other, and of one schema, made in one transaction, whoever else opens the file at the same time.

import type { DatabaseSync } from "node:sqlite";
import { makePrivateFileSync } from "./private_files.ts";

/** Opens a database file: `node:sqlite`'s class, which is loaded only by who needs it. */
export type OpenDatabase = (path: string) => DatabaseSync;

export interface DatabaseShape {
  /** `user_version`: a file with another one is emptied. */
  version: number;
  /** Statements that make the tables, in place of any that are there. */
  schema: readonly string[];
  /** How long another process's work is waited for. */
  busyMs: number;
}

/** Opens a file, made when missing. Throws what SQLite throws, and `home_*`. */
export function openDatabase(
  path: string,
  { version, schema, busyMs }: DatabaseShape,
  open: OpenDatabase,
): DatabaseSync {
  makePrivateFileSync(path);
  const database = open(path);
  try {
    // By statements, not by `exec`, whose errors have no code.
    run(database, `PRAGMA busy_timeout = ${busyMs}`);
    if (versionOf(database) !== version) {
      // It stays with the file.
      run(database, "PRAGMA journal_mode = WAL");
      inTransaction(database, "BEGIN IMMEDIATE", () => {
        if (versionOf(database) === version) return;
        for (const statement of [...schema, `PRAGMA user_version = ${version}`]) run(database, statement);
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

/** Does work in one transaction, or not at all. */
export function inTransaction<T>(
  database: DatabaseSync,
  begin: "BEGIN" | "BEGIN IMMEDIATE",
  work: (database: DatabaseSync) => T,
): T {
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
