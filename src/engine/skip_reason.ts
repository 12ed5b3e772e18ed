// The reasons for which a path is not sent or received, and which of them count as missing.

/** The reason. */
export type SkipReason =
  /** It leads out of the given folder. */
  | "symlink"
  | "symlink_broken"
  | "symlink_to_folder"
  | "special_file"
  | "unreadable"
  /** It reports a wrong size, as the files of /proc do. */
  | "size_unknown"
  | "name_not_portable"
  /** It is not UTF-8. */
  | "name_not_unicode"
  | "name_too_long"
  /** It is in too many folders. */
  | "too_deep"
  | "empty_folder"
  /** The staging folder of a download. */
  | "unfinished_download"
  | "excluded"
  | "already_there"
  | "kept_existing";

/** Reasons with which a file that has content is missing from a share. */
const MISSING: ReadonlySet<SkipReason> = new Set([
  "unreadable",
  "size_unknown",
  "name_not_portable",
  "name_not_unicode",
  "name_too_long",
  "too_deep",
]);

/** Whether a name in a share is that of a given path itself. */
export function isGivenName(name: string): boolean {
  return !name.includes("/");
}

/** Whether a path that is skipped for this reason has content that should have been sent. */
export function isMissingReason(reason: SkipReason): boolean {
  return MISSING.has(reason);
}

/**
 * Whether a skipped path should have been sent: a given path, or below one a file with unreadable content or an
 * unsupported name. Links out of the folder, empty folders, FIFOs and the like are never sent and not missing.
 */
export function isMissing({ name, reason }: { name: string; reason: SkipReason }): boolean {
  if (reason === "excluded" || reason === "unfinished_download") return false;
  return isGivenName(name) || isMissingReason(reason);
}
