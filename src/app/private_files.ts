// Files and folders that only this user can read: made that way, and tightened when they are found open to
// others. A file is replaced whole, by a rename, so that a crash leaves the old or the new one.
// On Windows the folder's own access list does this: LOCALAPPDATA is private to its user.

import { homeFault } from "./errors.ts";

const OTHERS = 0o077;

/** Makes a folder with those above it, or tightens the one that is there. Throws `home_*`. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    await tighten(path);
  } catch (error) {
    throw homeFault(error, path);
  }
}

/** The text of a file, tightened on the way; null when it is missing. Throws `home_*`. */
export async function readPrivate(path: string): Promise<string | null> {
  try {
    await tighten(path);
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw homeFault(error, path);
  }
}

/** Writes a file, or replaces it. One writer at a time: the temporary name is fixed. Throws `home_*`. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await removeIfThere(temporary);
    await Deno.writeTextFile(temporary, text, { createNew: true, mode: 0o600 });
    await Deno.rename(temporary, path);
  } catch (error) {
    throw homeFault(error, path);
  }
}

/** Makes an empty file, or tightens the one that is there. Throws `home_*`. */
export function makePrivateFileSync(path: string): void {
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw homeFault(error, path);
    // Not by opening it: closing any handle of a file lets go of the locks that SQLite has on it.
    if (Deno.build.os === "windows") return;
    const { mode } = Deno.statSync(path);
    if (mode !== null && (mode & OTHERS) !== 0) Deno.chmodSync(path, mode & 0o777 & ~OTHERS);
  }
}

/** Removes a file and what an interrupted write of it may have left. Throws `home_*`. */
export async function removePrivate(path: string): Promise<void> {
  try {
    await removeIfThere(temporaryName(path));
    await removeIfThere(path);
  } catch (error) {
    throw homeFault(error, path);
  }
}

function temporaryName(path: string): string {
  return `${path}.tmp`;
}

async function tighten(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const { mode } = await Deno.stat(path);
  if (mode !== null && (mode & OTHERS) !== 0) await Deno.chmod(path, mode & 0o777 & ~OTHERS);
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
