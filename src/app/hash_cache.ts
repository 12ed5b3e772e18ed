// The memory of hashes: what hashing the files of earlier shares gave, in `hashes.db` in pli's home. It is a
// cache and nothing more: what goes wrong with it costs a share no more than the hashing. It holds no names,
// paths are there as their BLAKE3 only, and it is bounded: what was not used for longest goes first.

import { join } from "node:path";
import type { FileValues, HashCache, HashKey } from "../engine/mod.ts";
import { HashDatabase } from "./hash_database.ts";
import type { Home } from "./home.ts";

const FILE = "hashes.db";
const MAXIMUM_BYTES = 64 * 1024 * 1024;
/** What an entry takes besides its values, so that many small ones are bounded too. */
const ENTRY_BYTES = 200;
/** How exactly it is known when an entry was last used: so often a share that only finds also writes. */
const USED_STEP_MS = 60 * 60 * 1000;

export interface HashCacheOptions {
  maximumBytes?: number;
  nowMs?: () => number;
}

/** The memory of a home; null where there is no SQLite. Its file is opened when it is first asked. */
export async function openHashCache(
  home: Home,
  options: HashCacheOptions = {},
): Promise<StoredHashes | null> {
  // Loaded here, so that no other command pays for it.
  const sqlite = await import("node:sqlite").catch(() => null);
  if (sqlite === null) return null;
  const database = new HashDatabase(join(home.path, FILE), (path) => new sqlite.DatabaseSync(path));
  return new StoredHashes(database, options);
}

export class StoredHashes implements HashCache, Disposable {
  readonly #database: HashDatabase;
  readonly #maximumBytes: number;
  readonly #nowMs: () => number;

  constructor(database: HashDatabase, { maximumBytes = MAXIMUM_BYTES, nowMs = Date.now }: HashCacheOptions) {
    this.#database = database;
    this.#maximumBytes = maximumBytes;
    this.#nowMs = nowMs;
  }

  find(keys: readonly HashKey[]): (FileValues | null)[] {
    const oldest = this.#nowMs() - USED_STEP_MS;
    const notedLongAgo: HashKey[] = [];
    const found = this.#database.read<(FileValues | null)[]>((database) => {
      const select = database.prepare("SELECT status, units, edge, used FROM files WHERE path = ?");
      return keys.map((key) => {
        const { status, units, edge, used } = select.get(key.path) ?? {};
        if (status !== statusText(key) || !(units instanceof Uint8Array && edge instanceof Uint8Array)) {
          return null;
        }
        if (Number(used) < oldest) notedLongAgo.push(key);
        return { units, edge };
      });
    }, keys.map(() => null));
    if (notedLongAgo.length > 0) this.#noteUse(notedLongAgo);
    return found;
  }

  keep(entries: readonly { key: HashKey; values: FileValues }[]): void {
    const nowMs = this.#nowMs();
    this.#database.write((database) => {
      const insert = database.prepare("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)");
      for (const { key, values: { units, edge } } of entries) {
        const bytes = units.length + edge.length + ENTRY_BYTES;
        if (bytes <= this.#maximumBytes) insert.run(key.path, statusText(key), units, edge, bytes, nowMs);
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
    const nowMs = this.#nowMs();
    this.#database.write((database) => {
      const update = database.prepare("UPDATE files SET used = ? WHERE path = ?");
      for (const { path } of keys) update.run(nowMs, path);
    });
  }
}

/** All of a key but its path. As text, because an inode's number may be more than SQLite gives back as one. */
function statusText({ sizeBytes, modifiedMs, changedMs, inode, device }: HashKey): string {
  return [sizeBytes, modifiedMs, changedMs, inode, device].join(" ");
}
