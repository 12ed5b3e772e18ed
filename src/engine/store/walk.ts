// From the paths that a user gives to the files that are sent, with their names in the collection. What
// cannot be sent is never followed or guessed at: it is left out and told, each by its name and reason.

import { basename, join, sep } from "node:path";
import { throwIfAborted } from "../abort.ts";
import { isPliError, PliError } from "../errors.ts";
import type { SkipReason } from "../events.ts";
import type { Disk, FileStatus, PathOutcome } from "../ports.ts";
import { batches, eachBounded } from "./bounded.ts";
import { nameFault } from "./names.ts";
import { numberedName } from "./numbered_name.ts";
import { isStagingName, STAGING_LOCK } from "../staging_name.ts";

/** A regular file under its name in the collection. `path` has no symlinks in it. */
export interface SourceFile {
  name: string;
  path: string;
  sizeBytes: number;
  modifiedMs: number;
  changedMs: number;
  inode: number;
  device: number;
}

export interface WalkOptions {
  /** True for the names, of files and of whole folders, that the user wants left out. */
  exclude?: (name: string) => boolean;
  onSkip: (name: string, reason: SkipReason) => void;
  signal?: AbortSignal;
}

/** Something found and not looked at yet; `source` is the real path of the given path that it is below. */
interface Entry {
  name: string;
  path: string;
  source: string;
}

/** How many entries are looked at, and how many folders are listed, together. */
const LOOKED_AT_TOGETHER = 256;
const OPENED_TOGETHER = 32;
/** The name of a file system's root, which has none. */
const ROOT_NAME = "root";

/**
 * The files at and below absolute paths, sorted by name (by code units), so that the same files give the same
 * collection. A given path is resolved and contributes its last part as a name; a path that leads to the same
 * place as an earlier one contributes nothing, another one with the same last part is numbered, `x (2)`.
 * Below it, a symlink counts only as the regular file that it leads to within the given folder, and the
 * staging folder of an unfinished download is left out.
 * Unreadable files are not noticed here, but when they are opened. Throws `path_missing` for a given path,
 * `disk_*` when it cannot be resolved, `cancelled`.
 */
export async function walk(
  disk: Disk,
  paths: readonly string[],
  options: WalkOptions,
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  // Level by level and not by recursion: a tree may be deeper than the call stack.
  let level = await resolveSources(disk, paths);
  while (level.length > 0) {
    const below: Entry[] = [];
    const take = (entry: Entry, found: SourceFile | Entry[] | SkipReason): void => {
      if (typeof found === "string") options.onSkip(entry.name, found);
      else if (Array.isArray(found)) { for (const child of found) below.push(child); }
      else files.push(found);
    };
    for (const batch of batches(level, LOOKED_AT_TOGETHER)) {
      throwIfAborted(options.signal);
      const leading: [Entry, FileStatus][] = [];
      for (const [entry, found] of await lookAt(disk, batch, options.exclude)) {
        if (typeof found === "string") take(entry, found);
        else if (found.kind === "file") take(entry, toSource(entry.name, entry.path, found));
        else leading.push([entry, found]);
      }
      await eachBounded(leading, OPENED_TOGETHER, async ([entry, { kind }]) => {
        throwIfAborted(options.signal);
        take(
          entry,
          await (kind === "folder" ? listFolder(disk, entry) : follow(disk, entry)).catch(unreadable),
        );
      });
    }
    level = below;
  }
  return files.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The given paths as entries with different names. */
async function resolveSources(disk: Disk, paths: readonly string[]): Promise<Entry[]> {
  const sources = new Map<string, { name: string; kind: "file" | "folder" }>();
  for (const path of paths) {
    const real = await disk.realPath(path);
    const status = real === null ? null : await disk.status(real);
    if (real === null || status === null) throw new PliError("path_missing", { path });
    sources.set(real, {
      name: basename(real) || ROOT_NAME,
      kind: status.kind === "folder" ? "folder" : "file",
    });
  }
  // A name that somebody gave goes before one that was made up for a twin.
  const taken = new Set([...sources.values()].map(({ name }) => name));
  const first = new Set<string>();
  return [...sources].map(([real, { name, kind }]) => {
    if (!first.has(name)) {
      first.add(name);
      return { name, path: real, source: real };
    }
    let number = 2;
    while (taken.has(numberedName(name, number, kind))) number++;
    taken.add(numberedName(name, number, kind));
    return { name: numberedName(name, number, kind), path: real, source: real };
  });
}

/** What the entries are, if a file, a folder or a symlink, or why not; in their order. */
async function lookAt(
  disk: Disk,
  entries: readonly Entry[],
  exclude: WalkOptions["exclude"],
): Promise<[Entry, FileStatus | SkipReason][]> {
  const reasons = entries.map(({ name }) => nameReason(name, exclude));
  const paths = entries.filter((_, at) => reasons[at] === null).map(({ path }) => path);
  const outcomes = (await disk.statuses(paths)).values();
  return entries.map((entry, at) => [entry, reasons[at] ?? kindReason(outcomes.next().value!)]);
}

function nameReason(name: string, exclude: WalkOptions["exclude"]): SkipReason | null {
  if (exclude?.(name)) return "excluded";
  return nameFault(name) === null ? null : "name_not_portable";
}

function kindReason(outcome: PathOutcome): FileStatus | SkipReason {
  // Gone since the folder was listed, or its name has bytes that are no UTF-8 and cannot be said.
  if (outcome === null) return "unreadable";
  if (isPliError(outcome)) return unreadable(outcome);
  return outcome.kind === "other" ? "special_file" : outcome;
}

/** The reason that a fault of one entry is. Throws a fault that is not about one entry. */
function unreadable(error: unknown): SkipReason {
  if (isPliError(error, "disk_denied") || isPliError(error, "disk_failed")) return "unreadable";
  throw error;
}

async function listFolder(disk: Disk, entry: Entry): Promise<Entry[] | SkipReason> {
  const names = await disk.list(entry.path);
  if (names.length === 0) return "empty_folder";
  if (await isStaging(disk, entry, names)) return "unfinished_download";
  return names.map((name) => ({
    name: `${entry.name}/${name}`,
    path: join(entry.path, name),
    source: entry.source,
  }));
}

/** Whether a folder is where a pli, perhaps one that runs now, puts what it has received so far. */
async function isStaging(disk: Disk, { path, source }: Entry, names: readonly string[]): Promise<boolean> {
  if (path === source || !isStagingName(basename(path)) || !names.includes(STAGING_LOCK)) return false;
  return (await disk.status(join(path, STAGING_LOCK)))?.kind === "file";
}

async function follow(disk: Disk, entry: Entry): Promise<SourceFile | SkipReason> {
  const real = await disk.realPath(entry.path);
  if (real === null || !real.startsWith(entry.source.endsWith(sep) ? entry.source : entry.source + sep)) {
    return "symlink";
  }
  const status = await disk.status(real);
  return status?.kind === "file" ? toSource(entry.name, real, status) : "symlink";
}

function toSource(name: string, path: string, status: FileStatus): SourceFile {
  const { sizeBytes, modifiedMs, changedMs, inode, device } = status;
  return { name, path, sizeBytes, modifiedMs, changedMs, inode, device };
}
