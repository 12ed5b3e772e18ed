// Sets aside what has the name of a file of pli and cannot be one: a damaged file, a folder, a FIFO. It is never
// removed and never opened, only renamed, so that the user can examine it, and pli continues without it.

import { systemClock } from "../engine/mod.ts";

/** Number of names that are tried for files that are set aside in the same second. */
const MAXIMUM_TRIES = 100;

/** Renames the entry at a path; returns its new path. Throws the system's errors. */
export function setAside(path: string): string {
  const second = new Date(systemClock.epochMs()).toISOString().slice(0, 19).replace(/[-:]/g, "");
  for (let number = 1; number <= MAXIMUM_TRIES; number++) {
    const kept = `${path}.damaged-${second}${number === 1 ? "" : `-${number}`}`;
    if (kindOf(kept) !== "nothing") continue;
    Deno.renameSync(path, kept);
    return kept;
  }
  throw new Deno.errors.AlreadyExists(`${path}.damaged-${second}`);
}

/** Whether a name is of an entry that was set aside; of `name` alone, if it is given. */
export function isSetAside(candidate: string, name?: string): boolean {
  return name === undefined
    ? /\.damaged-\d{8}T\d{6}/.test(candidate)
    : candidate.startsWith(`${name}.damaged-`);
}

/** The kind of a path. A link counts as its target. Throws the system's errors. */
export function kindOf(path: string): "nothing" | "file" | "folder" | "other" {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    return isFile ? "file" : isDirectory ? "folder" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.FilesystemLoop) return "other";
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    // A broken link occupies the name too.
    return isLink(path) ? "other" : "nothing";
  }
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}
