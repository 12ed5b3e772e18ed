// The history of sent and received files: one table of SQLite in PLI_HOME, which several processes may use at once. It
// contains no ticket and no key. Removed entries are erased from the files.

import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { emptyLog, inTransaction, isDamage, rewrite } from "./database.ts";
import { homeFault } from "./errors.ts";
import { isThere } from "./folders.ts";
import {
  historyPath,
  memoryDatabase,
  openHistoryDatabase,
  removeHistoryFiles,
  removeSetAside,
} from "./history_database.ts";
import type { Home } from "./home.ts";
import { kindOf } from "./set_aside.ts";
import { COUNT, storedAs, TIME } from "./stored.ts";
import type { HistoryEntry } from "./views.ts";

/** Maximum number of entries; older ones are deleted. */
export const MAXIMUM_ENTRIES = 10_000;
const PATHS_KEPT = 100;

/** An entry without its number. */
export type NewEntry = Omit<HistoryEntry, "id" | "isThere">;

export type NumberedEntry = Omit<HistoryEntry, "isThere">;

/** A page of entries, the latest first. */
export interface Listed {
  entries: NumberedEntry[];
  /** Whether there are older ones. */
  more: boolean;
  /** Number of entries that were left out because they are invalid. */
  unreadable: number;
}

/** Read as a bigint, because an integer beyond JavaScript's would otherwise fail the whole query. */
const INTEGER = v.pipe(v.bigint(), v.transform(Number));
const WHOLE = v.pipe(INTEGER, COUNT);
/** An invalid row was written by another program or is damaged. */
const ROW = v.pipe(
  v.object({
    id: WHOLE,
    kind: v.picklist(["sent", "received"]),
    title: v.nullable(v.string()),
    files: WHOLE,
    bytes: WHOLE,
    missing: WHOLE,
    not_chosen: WHOLE,
    ended_at: v.pipe(INTEGER, TIME),
    paths: v.pipe(v.string(), v.parseJson(), v.array(v.string())),
  }),
  v.transform(({ ended_at: endedAt, not_chosen: notChosen, ...entry }): NumberedEntry => {
    return { ...entry, notChosen, endedAt };
  }),
);

/** What `clear` has removed. */
export interface Cleared {
  entries: number;
  /** Whether the file of a newer pli was removed, whose entries are not counted. */
  isNewer: boolean;
  /** Number of damaged files that were set aside. */
  setAside: number;
}

/** Every method throws `home_*` if the file cannot be used. */
export class History implements Disposable {
  readonly #home: Home;
  readonly #path: string;
  #database: DatabaseSync;
  /** Whether the database is in the file. Otherwise it is in memory and ends with the process. */
  #isFile: boolean;
  readonly #fallback: DatabaseSync | null;

  private constructor(
    home: Home,
    database: DatabaseSync,
    isFile: boolean,
    fallback: DatabaseSync | null = null,
  ) {
    this.#home = home;
    this.#path = historyPath(home);
    this.#database = database;
    this.#isFile = isFile;
    this.#fallback = fallback;
  }

  /** Opens the file; creates it if it is missing or damaged. Throws `home_*`. */
  static async open(home: Home): Promise<History> {
    const { database, isFile } = await openHistoryDatabase(home);
    return new History(home, database, isFile);
  }

  /** Opens the file, or a database in memory if the file cannot be used now or later. */
  static async openWithFallback(home: Home): Promise<History> {
    const fallback = await memoryDatabase();
    try {
      const { database, isFile } = await openHistoryDatabase(home);
      return new History(home, database, isFile, fallback);
    } catch {
      home.notify({ code: "history_unavailable", parameters: { path: historyPath(home) } });
      return new History(home, fallback, false);
    }
  }

  add({ kind, title, files, bytes, missing, notChosen, endedAt, paths }: NewEntry): void {
    const kept = JSON.stringify(paths.slice(0, PATHS_KEPT));
    this.#write((database) => {
      database
        .prepare(`
          INSERT INTO entries (kind, title, files, bytes, missing, not_chosen, ended_at, paths)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        `)
        .run(kind, title, files, bytes, missing, notChosen, endedAt, kept);
      database
        .prepare("DELETE FROM entries WHERE id <= (SELECT max(id) FROM entries) - ?")
        .run(MAXIMUM_ENTRIES);
    });
  }

  /** The latest entries, or those before one. */
  before(id: number | null, count: number): Listed {
    return this.#work((database) => {
      const select = database.prepare("SELECT * FROM entries WHERE id < ? ORDER BY id DESC LIMIT ?");
      select.setReadBigInts(true);
      const listed: Listed = { entries: [], more: false, unreadable: 0 };
      for (const row of select.iterate(id ?? Number.MAX_SAFE_INTEGER, MAXIMUM_ENTRIES)) {
        const entry = storedAs(ROW, row);
        if (entry === null) listed.unreadable++;
        else if (listed.entries.length < count) listed.entries.push(entry);
        else return { ...listed, more: true };
      }
      return listed;
    });
  }

  /** One entry; null if there is none or it is invalid. */
  find(id: number): NumberedEntry | null {
    return this.#work((database) => {
      const select = database.prepare("SELECT * FROM entries WHERE id = ?");
      select.setReadBigInts(true);
      const row = select.get(id);
      return storedAs(ROW, row);
    });
  }

  /** Removes one entry, and erases it from the files. */
  remove(id: number): void {
    this.#write((database) => database.prepare("DELETE FROM entries WHERE id = ?").run(id));
    this.#work((database) => this.#isFile && emptyLog(database));
  }

  /**
   * Removes all entries, also invalid ones, and erases them from the files, including those that were set aside and
   * that of a newer pli.
   */
  clear(): Cleared {
    const entries = this.#write((database) => Number(database.prepare("DELETE FROM entries").run().changes));
    return this.#work((database) => {
      if (!this.#isFile) {
        const isNewer = kindOf(this.#path) === "file";
        return { entries, isNewer, setAside: removeHistoryFiles(this.#home) };
      }
      rewrite(database);
      return { entries, isNewer: false, setAside: removeSetAside(this.#home) };
    });
  }

  [Symbol.dispose](): void {
    for (const database of new Set([this.#database, this.#fallback])) if (database?.isOpen) database.close();
  }

  #work<T>(work: (database: DatabaseSync) => T): T {
    try {
      return work(this.#database);
    } catch (error) {
      if (!isDamage(error) || this.#fallback === null || !this.#isFile) throw homeFault(error, this.#path);
    }
    // The next run sets the file aside; this one continues in memory.
    this.#database.close();
    this.#database = this.#fallback;
    this.#isFile = false;
    this.#home.notify({ code: "history_unavailable", parameters: { path: this.#path } });
    return this.#work(work);
  }

  #write<T>(work: (database: DatabaseSync) => T): T {
    return this.#work((database) => inTransaction(database, "BEGIN IMMEDIATE", work));
  }
}

/** An entry, and whether its files still exist where they were. */
export async function withPresence(entry: NumberedEntry): Promise<HistoryEntry> {
  const [path] = entry.paths;
  return { ...entry, isThere: path !== undefined && await isThere(path) };
}
