// Files that only this user can read: created with that mode, and set to it when they are found open to others. A
// write is atomic and durable: a new file is flushed, renamed over the old one, and the folder is flushed, so that
// after a crash the content is completely the old or the new one. Writes of this process to one path run one at a time,
// in their order; several processes may write to it at once. What cannot be a file of pli is set aside (set_aside.ts)
// and counts as missing.

import { dirname, join } from "node:path";
import { isSyncUnsupported, syncFolder } from "../engine/disk/sync_folder.ts";
import { homeFault } from "./errors.ts";
import type { OnNotice } from "./notices.ts";
import { kindOf, setAside } from "./set_aside.ts";
import { systemCode } from "../engine/disk/system_code.ts";

/** Age at which a record that was not written again is removed. */
export const MAXIMUM_RECORD_AGE_MS = 90 * 24 * 60 * 60 * 1000;

/** How often a replacement is tried that Windows refuses, and the time between two attempts. */
const BUSY_ATTEMPTS = 50;
const BUSY_WAIT_MS = 20;
const REFUSED: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EBUSY"]);
const OTHERS = 0o077;
/** Maximum size that is read; every file of pli is far smaller. */
const MAXIMUM_BYTES = 64 * 1024 * 1024;
/** The name of a file that is being written; that of earlier versions had no number. */
const TEMPORARY = /^(.+)\.tmp(?:-[0-9a-f]{8})?$/;
/** Age at which a write counts as interrupted. */
const INTERRUPTED_MS = 60 * 60 * 1000;

/** The last queued work on each path, which never rejects. */
const lastWork = new Map<string, Promise<void>>();

/**
 * The value of a JSON file, whose mode is made private; null if it is missing. An unreadable file is set aside with a
 * notice and counts as missing. Throws `home_*`.
 */
export async function readJson(path: string, notify: OnNotice = () => {}): Promise<unknown> {
  try {
    const kind = kindOf(path);
    if (kind === "nothing") return null;
    const text = kind === "file" ? await textOf(path) : null;
    const parsed = text === null ? null : parse(text);
    if (parsed !== null) return parsed.value;
    notify({ code: "file_set_aside", parameters: { path, kept: setAside(path) } });
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw homeFault(error, path);
  }
}

/** Writes or replaces a file, which is on disk when it resolves. Throws `home_*`. */
export function writePrivate(path: string, text: string): Promise<void> {
  return inTurn(path, () => replace(path, text));
}

/** Writes a JSON file with the text for its present value, which is read as `readJson` does. Throws `home_*`. */
export function changePrivate(
  path: string,
  change: (value: unknown) => string,
  notify?: OnNotice,
): Promise<void> {
  return inTurn(path, async () => await replace(path, change(await readJson(path, notify))));
}

/** Creates an empty file, or makes the existing one private. Throws `home_*`. */
export function makePrivateFileSync(path: string): void {
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw homeFault(error, path);
    // Not by opening it: closing any handle of a file releases SQLite's locks on it.
    if (Deno.build.os === "windows") return;
    const { mode, isSymlink } = Deno.lstatSync(path);
    if (!isSymlink && isOpen(mode)) Deno.chmodSync(path, tightened(mode));
  }
}

/** The names in a folder. Throws `home_*`. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    throw homeFault(error, folder);
  }
}

/** Removes a file. The removal is on disk when it resolves. Throws `home_*`. */
export function removePrivate(path: string): Promise<void> {
  return inTurn(path, async () => {
    try {
      if (await removeIfThere(path)) await syncFolder(dirname(path));
    } catch (error) {
      throw homeFault(error, path);
    }
  });
}

/**
 * Removes what writes of killed processes have left in a folder, of files whose names `isOwn` accepts. Throws the
 * system's errors.
 */
export async function removeInterruptedWrites(
  folder: string,
  nowMs: number,
  isOwn: (name: string) => boolean = () => true,
): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const written = TEMPORARY.exec(name)?.[1];
    if (!isFile || written === undefined || !isOwn(written)) continue;
    const path = join(folder, name);
    if (await modifiedMs(path) < nowMs - INTERRUPTED_MS) await removeIfThere(path);
  }
}

/** Time of a file's last write; a removed file counts as new. */
export async function modifiedMs(path: string): Promise<number> {
  try {
    return (await Deno.lstat(path)).mtime?.getTime() ?? Infinity;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return Infinity;
    throw error;
  }
}

async function writeFlushed(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(await file.write(rest));
  await file.sync().catch((error) => {
    if (!isSyncUnsupported(error)) throw error;
  });
}

/** Another one for each write, because another process may be writing the same file. */
function temporaryName(path: string): string {
  return `${path}.tmp-${crypto.randomUUID().slice(0, 8)}`;
}

/** Windows may refuse to replace a file while another process opens or replaces it. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.rename(from, to);
    } catch (error) {
      const mayPass = Deno.build.os === "windows" && REFUSED.has(systemCode(error));
      if (!mayPass || attempt === BUSY_ATTEMPTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT_MS));
  }
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeFlushed(temporary, text);
    if (kindOf(path) === "folder") setAside(path);
    await renameOver(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw homeFault(error, path);
  }
}

/** Runs work on a path after the queued work of this process on it, whatever its outcome. */
async function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const result = (lastWork.get(path) ?? Promise.resolve()).then(work);
  const last = result.then(() => {}, () => {});
  lastWork.set(path, last);
  try {
    return await result;
  } finally {
    if (lastWork.get(path) === last) lastWork.delete(path);
  }
}

/**
 * The text of a regular file; null if it is too long, not UTF-8, or not this user's to read, as one that pli left when
 * it was run as root.
 */
async function textOf(path: string): Promise<string | null> {
  try {
    const { mode, isSymlink } = await Deno.lstat(path);
    // The target of a link is not changed.
    if (Deno.build.os !== "windows" && !isSymlink && isOpen(mode)) await Deno.chmod(path, tightened(mode));
    if ((await Deno.stat(path)).size > MAXIMUM_BYTES) return null;
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (error) {
    if (error instanceof TypeError || error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}

function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function isOpen(mode: number | null): mode is number {
  return mode !== null && (mode & OTHERS) !== 0;
}

function tightened(mode: number): number {
  return mode & 0o777 & ~OTHERS;
}

/** Whether the path existed. A folder is set aside, because its content is not pli's to remove. */
async function removeIfThere(path: string): Promise<boolean> {
  try {
    if ((await Deno.lstat(path)).isDirectory) setAside(path);
    else await Deno.remove(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
