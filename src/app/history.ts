// What was sent and received, for its user's eyes: one table of SQLite in pli's home. It holds no ticket and no key.

import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { homeFault } from "./errors.ts";
import type { Home } from "./home.ts";
import { makePrivateFileSync } from "./private_files.ts";
import type { HistoryEntry } from "./views.ts";

const FILE = "history.db";
const VERSION = 1;
/** Older entries are dropped beyond this many. */
const MAXIMUM_ENTRIES = 10_000;
const PATHS_KEPT = 100;
const BUSY_MS = 2_000;

/** An entry before it has a number. */
export type NewEntry = Omit<HistoryEntry, "id" | "isThere">;

export class History implements Disposable {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Opens it, made when missing. Throws `home_*`. */
  static async open(home: Home): Promise<History> {
    const path = join(home.path, FILE);
    makePrivateFileSync(path);
    const { DatabaseSync } = await import("node:sqlite");
    try {
      const database = new DatabaseSync(path);
      database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL;`);
      const [{ user_version }] = database.prepare("PRAGMA user_version").all();
      if (user_version !== VERSION) {
        database.exec(`
          DROP TABLE IF EXISTS entries;
          CREATE TABLE entries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            title TEXT,
            files INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            paths TEXT NOT NULL
          );
          PRAGMA user_version = ${VERSION};
        `);
      }
      return new History(database);
    } catch (error) {
      throw homeFault(error, path);
    }
  }

  add({ kind, title, files, bytes, endedAt, paths }: NewEntry): void {
    this.#database
      .prepare("INSERT INTO entries (kind, title, files, bytes, ended_at, paths) VALUES (?, ?, ?, ?, ?, ?)")
      .run(kind, title, files, bytes, endedAt, JSON.stringify(paths.slice(0, PATHS_KEPT)));
    this.#database
      .prepare("DELETE FROM entries WHERE id <= (SELECT max(id) FROM entries) - ?")
      .run(MAXIMUM_ENTRIES);
  }

  /** The latest entries before one, or of all; one more than `count` where there are more. */
  before(id: number | null, count: number): NumberedEntry[] {
    return this.#database
      .prepare("SELECT * FROM entries WHERE id < ? ORDER BY id DESC LIMIT ?")
      .all(id ?? Number.MAX_SAFE_INTEGER, count + 1)
      .map(entryOf);
  }

  /** One entry; null when there is none. */
  find(id: number): NumberedEntry | null {
    const row = this.#database.prepare("SELECT * FROM entries WHERE id = ?").get(id);
    return row === undefined ? null : entryOf(row);
  }

  remove(id: number): void {
    this.#database.prepare("DELETE FROM entries WHERE id = ?").run(id);
  }

  clear(): void {
    this.#database.exec("DELETE FROM entries");
  }

  [Symbol.dispose](): void {
    this.#database.close();
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
