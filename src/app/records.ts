// Records: small JSON files in a folder of pli's home, each under a key that is a hash of what it is about,
// each worked on by one process at a time. What a record means is its user's matter (shares.ts,
// downloads.ts); one that cannot be read counts as missing.

import { join } from "node:path";
import { homeFault } from "./errors.ts";
import type { Home } from "./home.ts";
import { Lock } from "./lock.ts";
import { readPrivate, removePrivate, writePrivate } from "./private_files.ts";

const RECORD = ".json";

/** The key of a record: SHA-256, in hex, of what it is about. */
export async function recordKey(about: readonly unknown[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(about));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** One record, locked for this process until it is disposed. */
export class HeldRecord implements Disposable {
  readonly #path: string;
  readonly #lock: Lock;

  private constructor(path: string, lock: Lock) {
    this.#path = path;
    this.#lock = lock;
  }

  /** Holds the record of a key, which may not exist yet; null when another process holds it. */
  static async tryHold(folder: string, key: string): Promise<HeldRecord | null> {
    const lock = await Lock.tryTake(join(folder, `${key}.lock`));
    return lock === null ? null : new HeldRecord(join(folder, key + RECORD), lock);
  }

  /** What was written; null when nothing was, or nothing that can be read. */
  async read(): Promise<unknown> {
    const text = await readPrivate(this.#path);
    if (text === null) return null;
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }

  write(record: object): Promise<void> {
    return writePrivate(this.#path, JSON.stringify(record, null, 2) + "\n");
  }

  remove(): Promise<void> {
    return removePrivate(this.#path);
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}

/** Removes the records of a folder that nobody has written for `maximumAgeMs`. Throws `home_*`. */
export async function pruneRecords(home: Home, name: string, maximumAgeMs: number): Promise<void> {
  const folder = await home.folder(name);
  const oldest = Date.now() - maximumAgeMs;
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.name.endsWith(RECORD) || await modifiedMs(join(folder, entry.name)) >= oldest) continue;
      using record = await HeldRecord.tryHold(folder, entry.name.slice(0, -RECORD.length));
      await record?.remove();
    }
  } catch (error) {
    throw homeFault(error, folder);
  }
}

/** When a file was last written; one that is gone counts as new. */
async function modifiedMs(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).mtime?.getTime() ?? Infinity;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return Infinity;
    throw error;
  }
}
