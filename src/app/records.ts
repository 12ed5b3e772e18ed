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
  /** What is being written, or has been. It never rejects. */
  #tail: Promise<unknown> = Promise.resolve();

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
    return parsed(await readPrivate(this.#path));
  }

  /** Writes the record, after what is being written. Throws `home_*`. */
  write(record: object): Promise<void> {
    const text = JSON.stringify(record, null, 2) + "\n";
    return this.#after(() => writePrivate(this.#path, text));
  }

  /** Removes the record, after what is being written. Throws `home_*`. */
  remove(): Promise<void> {
    return this.#after(() => removePrivate(this.#path));
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }

  #after(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => {});
    return done;
  }
}

/** A record as it was found, and whether another process works on it, which may be changing it. */
export interface FoundRecord {
  key: string;
  record: unknown;
  isHeld: boolean;
  modifiedMs: number;
}

/** The records of a folder of pli's home. Throws `home_*`. */
export async function listRecords(home: Home, name: string): Promise<FoundRecord[]> {
  const folder = await home.folder(name);
  const found: FoundRecord[] = [];
  for (const key of await keysIn(folder)) {
    const path = join(folder, key + RECORD);
    const isHeld = await isLocked(join(folder, `${key}.lock`));
    const record = parsed(await readPrivate(path));
    found.push({ key, record, isHeld, modifiedMs: await modifiedMs(path) });
  }
  return found;
}

async function keysIn(folder: string): Promise<string[]> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    return names.filter((name) => name.endsWith(RECORD)).map((name) => name.slice(0, -RECORD.length));
  } catch (error) {
    throw homeFault(error, folder);
  }
}

/** Whether a process holds a lock. One that nobody has made is not made for that: it could be in another's way. */
async function isLocked(path: string): Promise<boolean> {
  if (!await Deno.stat(path).then(() => true, () => false)) return false;
  using lock = await Lock.tryTake(path);
  return lock === null;
}

function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Removes the records of a folder that nobody has written for `maximumAgeMs`. Throws `home_*`. */
export async function pruneRecords(home: Home, name: string, maximumAgeMs: number): Promise<void> {
  const folder = await home.folder(name);
  const oldest = Date.now() - maximumAgeMs;
  try {
    for (const key of await keysIn(folder)) {
      if (await modifiedMs(join(folder, key + RECORD)) >= oldest) continue;
      using record = await HeldRecord.tryHold(folder, key);
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
