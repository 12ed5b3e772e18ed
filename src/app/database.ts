// The common rules of pli's SQLite files: private like everything in PLI_HOME; in WAL mode, so that readers and a
// writer do not block each other; one schema, to which the first process that opens an older file migrates it in one
// transaction; deleted content is overwritten. A damaged file, and one of a newer pli, have errors of their own.

import type { DatabaseSync } from "node:sqlite";
import { makePrivateFileSync } from "./private_files.ts";
import { kindOf } from "./set_aside.ts";

/** Opens a database file: the class of `node:sqlite`, which is loaded on demand. */
export type OpenDatabase = (path: string) => DatabaseSync;

export interface DatabaseOptions {
  /**
   * For each version (`user_version`) of the schema, from 1 on, the statements that migrate the version before to it;
   * a new file has version 0 and no tables. Released migrations are never changed.
   */
  migrations: readonly (readonly string[])[];
  /** Timeout of the wait for another process. */
  busyMs: number;
  /** Whether a transaction is on disk when it ends. Otherwise a crash of the system may lose the last ones. */
  isDurable: boolean;
}

/** SQLite's files beside a database: the log and its index. */
export const LOG_SUFFIXES = ["-wal", "-shm"] as const;
/** SQLite's codes for a file that is no database or is damaged. */
const DAMAGE_CODES = new Set([11, 26]);

/** The file is no database of pli. */
export class DatabaseDamaged extends Error {
  override readonly name = "DatabaseDamaged";
}

/** The file has the schema of a newer pli. It is not changed. */
export class DatabaseNewer extends Error {
  override readonly name = "DatabaseNewer";
}

/**
 * Opens a file, creates it if it is missing, and migrates an older one. After a failed migration the file is
 * unchanged. Throws DatabaseDamaged, DatabaseNewer, what SQLite throws, and `home_*`.
 */
export function openDatabase(path: string, options: DatabaseOptions, open: OpenDatabase): DatabaseSync {
  for (const suffix of ["", ...LOG_SUFFIXES]) {
    const kind = kindOf(path + suffix);
    if (kind !== "file" && kind !== "nothing") {
      throw new DatabaseDamaged(`${path + suffix} is no regular file`);
    }
  }
  makePrivateFileSync(path);
  const database = open(path);
  try {
    prepare(database, options, open);
    return database;
  } catch (error) {
    database.close();
    throw isDamage(error) ? new DatabaseDamaged("SQLite cannot read it", { cause: error }) : error;
  }
}

/** Whether an error means that the file is damaged. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DatabaseDamaged) return true;
  // The lowest byte of an extended code is the general code.
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" &&
    DAMAGE_CODES.has(error.errcode & 0xff);
}

/** Runs `work` in one transaction, which is rolled back if it throws. */
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

/** Moves the log into the database file and truncates it, so that deleted content is in neither. */
export function emptyLog(database: DatabaseSync): void {
  const busy = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy;
  if (busy !== 0) throw new Error("another program reads the database");
}

/** Rewrites the file without remains of deleted content, also of versions of pli that did not overwrite it. */
export function rewrite(database: DatabaseSync): void {
  emptyLog(database);
  run(database, "VACUUM");
  emptyLog(database);
}

function prepare(
  database: DatabaseSync,
  { migrations, busyMs, isDurable }: DatabaseOptions,
  open: OpenDatabase,
): void {
  // By statements, because errors of `exec` have no code.
  run(database, `PRAGMA busy_timeout = ${busyMs}`);
  run(database, "PRAGMA secure_delete = ON");
  versionOf(database, migrations.length);
  // Before the migration, so that a damaged file is set aside unchanged.
  const check = database.prepare("PRAGMA quick_check(1)").get()?.quick_check;
  if (check !== "ok") throw new DatabaseDamaged(String(check));
  // In one transaction, because another process may be migrating the file.
  const version = inTransaction(database, "BEGIN", () => {
    const version = versionOf(database, migrations.length);
    if (version > 0) checkColumns(database, migrations.slice(0, version), open);
    return version;
  });
  if (version < migrations.length) {
    // The mode is stored in the file.
    run(database, "PRAGMA journal_mode = WAL");
    inTransaction(database, "BEGIN IMMEDIATE", () => migrate(database, migrations));
  }
  // NORMAL is enough for WAL not to be damaged by a crash.
  run(database, `PRAGMA synchronous = ${isDurable ? "FULL" : "NORMAL"}`);
}

/** Creates the tables of a new database, or migrates an older one to the latest version, in one transaction. */
export function migrate(database: DatabaseSync, migrations: DatabaseOptions["migrations"]): void {
  // Read again in the transaction, because another process may have migrated it.
  const version = versionOf(database, migrations.length);
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_master").get()?.count;
  if (version === 0 && tables !== 0) throw new DatabaseDamaged("it has tables of another program");
  for (const statement of migrations.slice(version).flat()) run(database, statement);
  run(database, `PRAGMA user_version = ${migrations.length}`);
}

/** Throws DatabaseDamaged if the tables of a file do not have the columns that these migrations make. */
function checkColumns(
  database: DatabaseSync,
  migrations: DatabaseOptions["migrations"],
  open: OpenDatabase,
): void {
  const model = open(":memory:");
  try {
    migrate(model, migrations);
    const tables = model.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    for (const { name } of tables) {
      const [found, expected] = [database, model].map((each) => columnsOf(each, String(name)));
      if (found !== expected) throw new DatabaseDamaged(`the columns of ${name} are ${found}`);
    }
  } finally {
    model.close();
  }
}

function columnsOf(database: DatabaseSync, table: string): string {
  const select = database.prepare('SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid');
  return JSON.stringify(select.all(table).map((column) => Object.values(column)));
}

function run(database: DatabaseSync, statement: string): void {
  database.prepare(statement).run();
}

/** The version of the schema; 0 in a new file. Throws DatabaseDamaged, DatabaseNewer. */
function versionOf(database: DatabaseSync, latest: number): number {
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  if (version > latest) throw new DatabaseNewer(`version ${version}`);
  if (version < 0) throw new DatabaseDamaged(`version ${version}`);
  return version;
}
