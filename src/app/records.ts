// Records: small JSON files in a folder of PLI_HOME, each under a key that is a hash of its subject, each used by one
// process at a time. shares.ts and transfers/ define their content. An unreadable record is set aside and counts as
// missing.

import { join } from "node:path";
import { AppError, homeFault } from "./errors.ts";
import type { Home } from "./home.ts";
import { Lock } from "./lock.ts";
import type { OnNotice } from "./notices.ts";
import { isSetAside, kindOf, setAside } from "./set_aside.ts";
import {
  modifiedMs,
  namesIn,
  readJson,
  removeInterruptedWrites,
  removePrivate,
  writePrivate,
} from "./private_files.ts";

const RECORD = ".json";
/** For work that does not read the record. */
const ANY_VERSION: RecordKind = { version: Infinity };

/** The key of a record: SHA-256, in hex, of its subject. */
export async function recordKey(about: readonly unknown[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(about));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** The rules for reading records of one kind. */
export interface RecordKind {
  /** The latest known version. A record of a later version, by a newer pli, is not changed. */
  version: number;
  notify?: OnNotice;
}

/** Whether a value was written by a newer pli than one that knows `version`. */
export function isNewer(value: unknown, version: number): boolean {
  const { version: found } = (value ?? {}) as { version?: unknown };
  return typeof found === "number" && found > version;
}

/** One record, locked for this process until it is disposed. */
export class HeldRecord implements Disposable {
  readonly #path: string;
  readonly #lock: Lock;
  readonly #kind: RecordKind;
  #isNewer = false;
  /** The last queued write. It never rejects. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(path: string, lock: Lock, kind: RecordKind) {
    this.#path = path;
    this.#lock = lock;
    this.#kind = kind;
  }

  /** Locks the record of a key, which may not exist yet; null if another process holds it. */
  static async tryHold(folder: string, key: string, kind: RecordKind): Promise<HeldRecord | null> {
    const lock = await Lock.tryTake(join(folder, `${key}.lock`));
    return lock === null ? null : new HeldRecord(join(folder, key + RECORD), lock, kind);
  }

  /**
   * The stored value; null if there is none, or an unreadable one. After a record of a newer pli was found, nothing is
   * written or removed.
   */
  async read(): Promise<unknown> {
    const value = await readJson(this.#path, this.#kind.notify);
    this.#isNewer = isNewer(value, this.#kind.version);
    return this.#isNewer ? null : value;
  }

  /** Writes the record after the queued writes. Throws `home_*`. */
  write(record: object): Promise<void> {
    const text = JSON.stringify(record, null, 2) + "\n";
    return this.#after(() => writePrivate(this.#path, text));
  }

  /** Removes the record after the queued writes. Throws `home_*`. */
  remove(): Promise<void> {
    return this.#after(() => removePrivate(this.#path));
  }

  /** Resolves when no write is queued. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }

  #after(work: () => Promise<void>): Promise<void> {
    if (this.#isNewer) return Promise.resolve();
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => {});
    return done;
  }
}

/** A record that was found, and whether another process holds it and may be changing it. */
export interface FoundRecord {
  key: string;
  record: unknown;
  isHeld: boolean;
  modifiedMs: number;
}

/** The record of a key, which another process may be changing; null if there is none. Throws `home_*`. */
export async function readRecord(home: Home, name: string, key: string): Promise<unknown> {
  return await readJson(join(await home.folder(name), key + RECORD), home.notify);
}

/** The records in a folder of PLI_HOME. Throws `home_*`. */
export async function listRecords(home: Home, name: string): Promise<FoundRecord[]> {
  const folder = await home.folder(name);
  const found: FoundRecord[] = [];
  for (const key of await keysIn(folder)) {
    const path = join(folder, key + RECORD);
    const isHeld = await isLocked(join(folder, `${key}.lock`));
    const record = await readJson(path, home.notify);
    found.push({ key, record, isHeld, modifiedMs: await modifiedMs(path) });
  }
  return found;
}

/** Sets an invalid record aside with a notice, unless another process holds it. Throws `home_*`. */
export async function setRecordAside(home: Home, name: string, key: string): Promise<void> {
  const folder = await home.folder(name);
  using held = await HeldRecord.tryHold(folder, key, ANY_VERSION);
  if (held === null) return;
  const path = join(folder, key + RECORD);
  try {
    home.notify({ code: "file_set_aside", parameters: { path, kept: setAside(path) } });
  } catch (error) {
    throw homeFault(error, path);
  }
}

async function keysIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.endsWith(RECORD)).map((name) => name.slice(0, -RECORD.length));
}

/**
 * Whether a process holds a lock. A missing lock file is not created, because another process may be creating it. One
 * that this user may not open is of a process of another user, such as root, and counts as held. Throws `home_*`.
 */
async function isLocked(path: string): Promise<boolean> {
  if (!await Deno.stat(path).then(() => true, () => false)) return false;
  try {
    using lock = await Lock.tryTake(path);
    return lock === null;
  } catch (error) {
    if (error instanceof AppError && error.code === "home_denied") return true;
    throw error;
  }
}

/** Removes the records that were not written for `maximumAgeMs`, and those that were set aside. Throws `home_*`. */
export async function pruneRecords(home: Home, name: string, maximumAgeMs: number): Promise<void> {
  const folder = await home.folder(name);
  const oldest = home.clock.epochMs() - maximumAgeMs;
  try {
    await removeInterruptedWrites(folder, home.clock.epochMs());
    for (const key of await keysIn(folder)) {
      if (await modifiedMs(join(folder, key + RECORD)) >= oldest) continue;
      if (await isLocked(join(folder, `${key}.lock`))) continue;
      using record = await HeldRecord.tryHold(folder, key, ANY_VERSION);
      await record?.remove();
    }
    for (const name of (await namesIn(folder)).filter((name) => isSetAside(name))) {
      const path = join(folder, name);
      if (kindOf(path) === "file" && await modifiedMs(path) < oldest) await Deno.remove(path);
    }
  } catch (error) {
    throw homeFault(error, folder);
  }
}
