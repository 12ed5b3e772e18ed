// Finds the files at given paths, with their names in the collection. Special files are not followed: below a given
// path each is skipped with its name and reason; a given path itself is an error, unless the user chose to skip it.

import { basename, join } from "../paths.ts";
import { throwIfAborted } from "../abort.ts";
import { isPliError, type PliError } from "../errors.ts";
import type { SkipReason } from "../skip_reason.ts";
import type { Disk, FileStatus, PathOutcome } from "../ports.ts";
import { batches, eachBounded } from "./bounded.ts";
import { excludedLinks, isBelow, isTargetExcluded } from "./excluded_links.ts";
import { absenceReason, type GivenPath, givenPaths, reasonOf } from "./given_paths.ts";
import { nameFault } from "./names.ts";
import { isStagingName, STAGING_LOCK } from "../staging_name.ts";

/** A regular file and its name in the collection. `path` has no symlinks in it. */
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
  /** Whether the user excludes a file or a whole folder of this name, and with it every link that leads there. */
  exclude?: (name: string) => boolean;
  /** Called when all given paths have been examined, and nothing below them. May throw. */
  onGivenExamined?: () => void;
  /**
   * Called for each skipped path, with the path as it was given, if it was, and its name in the share. The name of a
   * given path has one part. May throw.
   */
  onSkip: (left: SkippedPath) => void;
  signal?: AbortSignal;
}

/** A path that is not sent, with the reason and the disk's error, if there is one. */
export interface SkippedPath {
  path: string;
  name: string;
  reason: SkipReason;
  fault?: PliError;
}

/** A found entry, at or below a given path, without its status. */
interface Entry {
  name: string;
  path: string;
  source: GivenPath;
}

/** Entries in one disk query, and files and folders that are opened or listed concurrently. */
const QUERY_NAMES = 256;
const MAXIMUM_OPENING = 32;

/** What an entry is: a file to send, the entries of a folder, or the reason for skipping it. */
type Found = SourceFile | readonly Entry[] | SkipReason | PliError;

/**
 * The files at and below absolute paths, sorted by name (by code units), so that the same files yield the same
 * collection. The last part of a given path is a name, also of a symlink. Below it, a symlink counts only as the
 * regular file in the given folder that it leads to, and the staging folder of an unfinished download is skipped. A
 * given file is opened, others are not: unreadable ones are detected when they are hashed. Throws `disk_*`,
 * `cancelled`, and what the functions of `options` throw.
 */
export async function walk(
  disk: Disk,
  paths: readonly string[],
  options: WalkOptions,
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const given = await givenPaths(disk, paths, (path, name, reason, fault) => {
    options.onSkip({ path, name, reason, fault });
  });
  const { exclude } = options;
  const excluded = exclude === undefined ? null : await excludedLinks(disk, given, exclude);
  // By level, because recursion over a deep tree would exceed the call stack.
  let level: Entry[] = [];
  for (const source of given) {
    const entry = { name: source.name, path: source.real, source };
    if (excluded?.has(source)) options.onSkip(skippedPath(entry, "excluded"));
    else level.push(entry);
  }
  for (let depth = 0; depth === 0 || level.length > 0; depth++) {
    const below: Entry[] = [];
    const take = (entry: Entry, found: Found): void => {
      if (typeof found === "string" || isPliError(found)) options.onSkip(skippedPath(entry, found));
      else if ("sizeBytes" in found) files.push(found);
      else for (const child of found) below.push(child);
    };
    for (const batch of batches(level, QUERY_NAMES)) {
      throwIfAborted(options.signal);
      const leading: [Entry, FileStatus][] = [];
      const givenFiles: [Entry, FileStatus][] = [];
      for (const [entry, found] of await classify(disk, batch, exclude)) {
        if (typeof found === "string" || isPliError(found)) take(entry, found);
        else if (found.kind !== "file") leading.push([entry, found]);
        else if (isGiven(entry)) givenFiles.push([entry, found]);
        else take(entry, toSource(entry.name, entry.path, found));
      }
      for (const [entry, found] of await openGiven(disk, givenFiles)) take(entry, found);
      await eachBounded(leading, MAXIMUM_OPENING, async ([entry, status]) => {
        throwIfAborted(options.signal);
        take(entry, await resolveEntry(disk, entry, status, options));
      });
    }
    if (depth === 0) options.onGivenExamined?.();
    level = below;
  }
  return files.sort((a, b) => a.name < b.name ? -1 : 1);
}

function skippedPath({ name, path, source }: Entry, found: SkipReason | PliError): SkippedPath {
  const shown = path === source.real ? source.path : path;
  if (typeof found === "string") return { path: shown, name, reason: found };
  return { path: shown, name, reason: reasonOf(found), fault: found };
}

function isGiven({ path, source }: Entry): boolean {
  return path === source.real;
}

/** The kinds of entries, in order: a file, a folder, a symlink, or a reason for skipping. */
async function classify(
  disk: Disk,
  entries: readonly Entry[],
  exclude: WalkOptions["exclude"],
): Promise<[Entry, FileStatus | SkipReason | PliError][]> {
  const reasons = entries.map(({ name }) => nameReason(name, exclude));
  const paths = entries.filter((_, at) => reasons[at] === null).map(({ path }) => path);
  const outcomes = (await disk.statuses(paths)).values();
  return entries.map((entry, at) => [entry, reasons[at] ?? kindOf(entry, outcomes.next().value!)]);
}

function nameReason(name: string, exclude: WalkOptions["exclude"]): SkipReason | null {
  if (exclude?.(name)) return "excluded";
  const fault = nameFault(name);
  if (fault === null || fault === "too_deep") return fault;
  return fault === "path_too_long" || fault === "part_too_long" ? "name_too_long" : "name_not_portable";
}

function kindOf({ path }: Entry, outcome: PathOutcome): FileStatus | SkipReason | PliError {
  // Removed since the folder was listed, or listed with a replacement character.
  if (outcome === null) return absenceReason(basename(path));
  if (isPliError(outcome)) return outcome;
  return outcome.kind === "other" ? "special_file" : outcome;
}

/** Given files are opened, so that an unreadable one is detected before others are hashed. */
async function openGiven(disk: Disk, files: readonly [Entry, FileStatus][]): Promise<[Entry, Found][]> {
  if (files.length === 0) return [];
  const outcomes = await disk.readFiles(files.map(([{ path }]) => path), 0);
  return files.map(([entry, status], at) => {
    const outcome = outcomes[at];
    if (isPliError(outcome)) return [entry, outcome];
    return [entry, outcome === null ? "unreadable" : toSource(entry.name, entry.path, status)];
  });
}

/** The entries of a folder, or the file behind a symlink; or its error. */
async function resolveEntry(
  disk: Disk,
  entry: Entry,
  { kind }: FileStatus,
  { exclude, onSkip }: WalkOptions,
): Promise<Found> {
  try {
    return await (kind === "folder" ? listFolder(disk, entry, onSkip) : follow(disk, entry, exclude));
  } catch (error) {
    if (!isPliError(error)) throw error;
    reasonOf(error);
    return error;
  }
}

async function listFolder(disk: Disk, entry: Entry, onSkip: WalkOptions["onSkip"]): Promise<Found> {
  const names = await disk.list(entry.path);
  if (names.length === 0) return "empty_folder";
  if (await isStaging(disk, entry, names)) return "unfinished_download";
  const children = new Map<string, Entry>();
  for (const name of names) {
    const child = { name: `${entry.name}/${name}`, path: join(entry.path, name), source: entry.source };
    // The system lists two names alike that differ only in bytes that are not UTF-8.
    if (children.has(name)) onSkip(skippedPath(child, "name_not_unicode"));
    else children.set(name, child);
  }
  return [...children.values()];
}

/** Whether a folder is the staging folder of an unfinished download, which may be in progress. */
async function isStaging(disk: Disk, entry: Entry, names: readonly string[]): Promise<boolean> {
  const { path } = entry;
  if (isGiven(entry) || !isStagingName(basename(path)) || !names.includes(STAGING_LOCK)) return false;
  return (await disk.status(join(path, STAGING_LOCK)))?.kind === "file";
}

async function follow(
  disk: Disk,
  { name, path, source }: Entry,
  exclude: WalkOptions["exclude"],
): Promise<SourceFile | SkipReason> {
  const real = await disk.realPath(path);
  const status = real === null ? null : await disk.status(real);
  if (real === null || status === null) return "symlink_broken";
  if (status.kind === "folder") return "symlink_to_folder";
  if (!isBelow(real, source)) return "symlink";
  if (exclude !== undefined && isTargetExcluded(real, source, exclude)) return "excluded";
  return status.kind === "file" ? toSource(name, real, status) : "special_file";
}

function toSource(name: string, path: string, status: FileStatus): SourceFile {
  const { sizeBytes, modifiedMs, changedMs, inode, device } = status;
  return { name, path, sizeBytes, modifiedMs, changedMs, inode, device };
}
