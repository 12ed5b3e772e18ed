// The hash cache: results of hashing the files of earlier shares, in `hashes.db` in PLI_HOME. An error of it costs a
// share only the time of hashing. It contains no names, and paths only as their BLAKE3. It is bounded: entries that
// were not used for longest are deleted first.

import { join } from "node:path";
import type { Clock, FileValues, HashCache, HashKey } from "../engine/mod.ts";
import { HashDatabase } from "./hash_database.ts";
import type { Home } from "./home.ts";

const FILE = "hashes.db";
const MAXIMUM_BYTES = 64 * 1024 * 1024;
/** Size of an entry besides its values, so that many small ones are bounded too. */
const ENTRY_BYTES = 200;
/** Precision of an entry's last use: a share that only reads writes it at most this often. */
const USED_STEP_MS = 60 * 60 * 1000;

/** The cache of a home; null without SQLite. Its file is opened on first use. */
export async function openHashCache(home: Home, maximumBytes = MAXIMUM_BYTES): Promise<StoredHashes | null> {
  // Loaded here, so that other commands do not load it.
  const sqlite = await import("node:sqlite").catch(() => null);
  if (sqlite === null) return null;
  const database = new HashDatabase(join(home.path, FILE), (path) => new sqlite.DatabaseSync(path));
  return new StoredHashes(database, home.clock, maximumBytes);
}

export class StoredHashes implements HashCache, Disposable {
  readonly #database: HashDatabase;
  readonly #maximumBytes: number;
  readonly #clock: Clock;

  constructor(database: HashDatabase, clock: Clock, maximumBytes: number) {
    this.#database = database;
    this.#maximumBytes = maximumBytes;
    this.#clock = clock;
  }

  find(keys: readonly HashKey[]): (FileValues | null)[] {
    const oldest = this.#clock.epochMs() - USED_STEP_MS;
    const notedLongAgo: HashKey[] = [];
    const found = this.#database.read<(FileValues | null)[]>((database) => {
      const select = database.prepare("SELECT status, units, edge, used FROM files WHERE path = ?");
      return keys.map((key) => {
        const { status, units, edge, used } = select.get(key.path) ?? {};
        if (status !== statusText(key) || !(units instanceof Uint8Array && edge instanceof Uint8Array)) {
          return null;
        }
        if (Number(used) < oldest) notedLongAgo.push(key);
        return { blockValues: units, sizeProof: edge };
      });
    }, keys.map(() => null));
    if (notedLongAgo.length > 0) this.#noteUse(notedLongAgo);
    return found;
  }

  keep(entries: readonly { key: HashKey; values: FileValues }[]): void {
    const nowMs = this.#clock.epochMs();
    this.#database.write((database) => {
      const insert = database.prepare("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)");
      for (const { key, values: { blockValues, sizeProof } } of entries) {
        const bytes = blockValues.length + sizeProof.length + ENTRY_BYTES;
        if (bytes <= this.#maximumBytes) {
          insert.run(key.path, statusText(key), blockValues, sizeProof, bytes, nowMs);
        }
      }
      const total = database.prepare("SELECT total(bytes) AS bytes FROM files").get()?.bytes;
      if (Number(total) <= this.#maximumBytes) return;
      database.prepare(`
        DELETE FROM files WHERE rowid IN (
          SELECT rowid FROM (
            SELECT rowid, sum(bytes) OVER (ORDER BY used DESC, rowid DESC) AS newer FROM files
          ) WHERE newer > ?
        )`).run(this.#maximumBytes);
    });
  }

  forget(paths: readonly Uint8Array[]): void {
    this.#database.write((database) => {
      const remove = database.prepare("DELETE FROM files WHERE path = ?");
      for (const path of paths) remove.run(path);
    });
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  #noteUse(keys: readonly HashKey[]): void {
    const nowMs = this.#clock.epochMs();
    this.#database.write((database) => {
      const update = database.prepare("UPDATE files SET used = ? WHERE path = ?");
      for (const { path } of keys) update.run(nowMs, path);
    });
  }
}

/** All of a key except its path, as text, because an inode number may exceed SQLite's integers. */
function statusText({ sizeBytes, modifiedMs, changedMs, inode, device }: HashKey): string {
  return [sizeBytes, modifiedMs, changedMs, inode, device].join(" ");
}
