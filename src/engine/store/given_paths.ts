// The paths that a user gives for a share, and the name of each in it. A path that is no file or folder is found
// before anything is walked or hashed.

import { basename } from "../paths.ts";
import { type ErrorCode, isPliError, PliError } from "../errors.ts";
import type { SkipReason } from "../skip_reason.ts";
import type { Disk, FileStatus } from "../ports.ts";
import { numberedName } from "./numbered_name.ts";

/** A given path that can be walked. */
export interface GivenPath {
  /** The path as it was given. */
  path: string;
  /** The path without symlinks. */
  real: string;
  /** Its unique name in the share. */
  name: string;
}

/** Errors that concern only one path. */
const OF_ONE_PATH: ReadonlySet<ErrorCode> = new Set([
  "disk_denied",
  "disk_failed",
  "disk_gone",
  "disk_in_use",
]);
/** The name of a file system's root, which has none. */
const ROOT_NAME = "root";
/** Replaces bytes that are not UTF-8 in names. */
const REPLACEMENT = "\ufffd";

/**
 * The targets of the paths. A symlink keeps its own name. Equal names of the same target are merged, other equal names
 * are numbered, `x (2)`. `onSkip` is called for what is neither file nor folder, with `path_missing` for what does not
 * exist, and may throw. Throws `disk_*`.
 */
export async function givenPaths(
  disk: Disk,
  paths: readonly string[],
  onSkip: (path: string, name: string, reason: SkipReason, fault?: PliError) => void,
): Promise<GivenPath[]> {
  const found = new Map<string, GivenPath & { kind: "file" | "folder" }>();
  for (const path of paths) {
    const outcome = await resolvePath(disk, path).catch((error) => {
      if (!isPliError(error)) throw error;
      return { reason: reasonOf(error), fault: error };
    });
    const name = nameOf(path, "real" in outcome ? outcome.real : path);
    if ("reason" in outcome) onSkip(path, name, outcome.reason, outcome.fault);
    else found.set(`${name}\0${outcome.real}`, { path, name, ...outcome });
  }
  return numbered([...found.values()]);
}

/** The skip reason for an error of one path. Throws an error that is not about one path. */
export function reasonOf(fault: PliError): SkipReason {
  if (isPliError(fault, "path_missing")) return "unreadable";
  if (isPliError(fault, "path_not_unicode")) return "name_not_unicode";
  if (isPliError(fault, "source_unsendable")) return fault.parameters.reason;
  // The name was listed by the system, so the whole path is what is invalid.
  if (isPliError(fault, "disk_name_invalid")) return "name_too_long";
  if (OF_ONE_PATH.has(fault.code)) return "unreadable";
  throw fault;
}

/** The skip reason for a listed or given name that does not exist. */
export function absenceReason(name: string): SkipReason {
  // The system lists such a name with a replacement character, which leads to no file.
  return name.includes(REPLACEMENT) ? "name_not_unicode" : "unreadable";
}

type Outcome = { real: string; kind: "file" | "folder" } | { reason: SkipReason; fault?: PliError };

async function resolvePath(disk: Disk, path: string): Promise<Outcome> {
  const real = await disk.realPath(path);
  const status = real === null ? null : await disk.status(real);
  if (real === null || status === null) return await classifyMissing(disk, path);
  const { kind } = status;
  return kind === "file" || kind === "folder" ? { real, kind } : { reason: "special_file" };
}

/** The reason for a path that does not exist. */
async function classifyMissing(disk: Disk, path: string): Promise<Outcome> {
  const own: FileStatus | null = await disk.status(path);
  if (own?.kind === "symlink") {
    // A link in /proc or /dev/fd leads to a pipe or to a file without a name.
    return { reason: await disk.statusBehind(path) === null ? "symlink_broken" : "special_file" };
  }
  if (own === null && absenceReason(path) === "name_not_unicode") return { reason: "name_not_unicode" };
  throw new PliError("path_missing", { path });
}

/** The last part of a path as it is written; for one that ends in dots, that of its target. */
function nameOf(path: string, real: string): string {
  const last = basename(path);
  return (last === "." || last === ".." ? basename(real) : last) || ROOT_NAME;
}

function numbered(found: readonly (GivenPath & { kind: "file" | "folder" })[]): GivenPath[] {
  // A given name takes precedence over one that was derived for a duplicate.
  const taken = new Set(found.map(({ name }) => name));
  const first = new Set<string>();
  return found.map(({ path, real, name, kind }) => {
    if (!first.has(name)) {
      first.add(name);
      return { path, real, name };
    }
    let number = 2;
    while (taken.has(numberedName(name, number, kind))) number++;
    taken.add(numberedName(name, number, kind));
    return { path, real, name: numberedName(name, number, kind) };
  });
}
