// What was sent and received, for its user's eyes: one table of SQLite in pli's home, which several processes may use
// at once. It holds no ticket and no key.

import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type DatabaseShape, inTransaction, openDatabase } from "./database.ts";
import { homeFault } from "./errors.ts";
import type { Home } from "./home.ts";
import type { HistoryEntry } from "./views.ts";

const FILE = "history.db";
/** Older entries are dropped beyond this many. */
export const MAXIMUM_ENTRIES = 10_000;
const PATHS_KEPT = 100;

const SCHEMA = [
  "DROP TABLE IF EXISTS entries",
  `CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    title TEXT,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    paths TEXT NOT NULL
  )`,
];
const SHAPE: DatabaseShape = { version: 1, schema: SCHEMA, busyMs: 2_000 };

/** An entry before it has a number. */
export type NewEntry = Omit<HistoryEntry, "id" | "isThere">;

/** Every method throws `home_*` where the file cannot be used. */
export class History implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
  }

  /** Opens it, made when missing. Throws `home_*`. */
  static async open(home: Home): Promise<History> {
    const path = join(home.path, FILE);
    const { DatabaseSync } = await import("node:sqlite");
    try {
      return new History(path, openDatabase(path, SHAPE, (path) => new DatabaseSync(path)));
    } catch (error) {
      throw homeFault(error, path);
    }
  }

  add({ kind, title, files, bytes, endedAt, paths }: NewEntry): void {
    const kept = JSON.stringify(paths.slice(0, PATHS_KEPT));
    this.#write((database) => {
      database
        .prepare("INSERT INTO entries (kind, title, files, bytes, ended_at, paths) VALUES (?, ?, ?, ?, ?, ?)")
        .run(kind, title, files, bytes, endedAt, kept);
      database
        .prepare("DELETE FROM entries WHERE id <= (SELECT max(id) FROM entries) - ?")
        .run(MAXIMUM_ENTRIES);
    });
  }

  /** The latest entries before one, or of all; one more than `count` where there are more. */
  before(id: number | null, count: number): NumberedEntry[] {
    return this.#read((database) =>
      database
        .prepare("SELECT * FROM entries WHERE id < ? ORDER BY id DESC LIMIT ?")
        .all(id ?? Number.MAX_SAFE_INTEGER, count + 1)
        .map(entryOf)
    );
  }

  /** One entry; null when there is none. */
  find(id: number): NumberedEntry | null {
    const row = this.#read((database) => database.prepare("SELECT * FROM entries WHERE id = ?").get(id));
    return row === undefined ? null : entryOf(row);
  }

  remove(id: number): void {
    this.#write((database) => database.prepare("DELETE FROM entries WHERE id = ?").run(id));
  }

  /** Removes all; gives how many there were. */
  clear(): number {
    return this.#write((database) => Number(database.prepare("DELETE FROM entries").run().changes));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #read<T>(work: (database: DatabaseSync) => T): T {
    try {
      return work(this.#database);
    } catch (error) {
      throw homeFault(error, this.#path);
    }
  }

  #write<T>(work: (database: DatabaseSync) => T): T {
    return this.#read((database) => inTransaction(database, "BEGIN IMMEDIATE", work));
  }
}

export type NumberedEntry = Omit<HistoryEntry, "isThere">;

function entryOf(row: Record<string, unknown>): NumberedEntry {
  return {
    id: Number(row.id),
    kind: row.kind === "sent" ? "sent" : "received",
    title: row.title === null ? null : String(row.title),
    files: Number(row.files),
    bytes: Number(row.bytes),
    endedAt: Number(row.ended_at),
    paths: pathsOf(String(row.paths)),
  };
}

function pathsOf(text: string): string[] {
  const paths: unknown = JSON.parse(text);
  return Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : [];
}

/** An entry, and whether what it is about is still where it was. */
export async function withPresence(entry: NumberedEntry): Promise<HistoryEntry> {
  const [path] = entry.paths;
  const isThere = path !== undefined && await Deno.lstat(path).then(() => true, () => false);
  return { ...entry, isThere };
}
