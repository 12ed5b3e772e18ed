// Converts errors of the operating system to PliErrors, by one table. Everything above the disk decides by code; the
// system's text is in the cause and is not parsed again.

import { type ErrorCode, isPliError, PliError } from "../errors.ts";
import { platform } from "./platform.ts";
import { isInvalidName, systemCode } from "./system_code.ts";

export { systemCode };

/** The system's codes for a name that does not exist, and for one that does. */
export const MISSING: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);
export const TAKEN: ReadonlySet<string> = new Set(["EEXIST"]);

type DiskCode = Extract<ErrorCode, `disk_${string}` | "too_many_open_files">;

/** The meaning of the system's errors for users. Every other error is `disk_failed`. */
export const MEANINGS: Readonly<Partial<Record<DiskCode, readonly string[]>>> = {
  disk_full: ["ENOSPC", "EDQUOT"],
  disk_read_only: ["EROFS"],
  disk_denied: ["EACCES", "EPERM"],
  disk_file_too_large: ["EFBIG", "EOVERFLOW"],
  disk_name_invalid: ["ENAMETOOLONG", "EILSEQ"],
  disk_other_volume: ["EXDEV"],
  disk_in_use: ["EBUSY", "ETXTBSY", "EDEADLK"],
  /** The device was removed, or the server of a network volume does not respond. */
  disk_gone: [
    "ENODEV",
    "ENXIO",
    "ENOMEDIUM",
    "EPWROFF",
    "ESTALE",
    "ENOTCONN",
    "ECONNRESET",
    "ECONNREFUSED",
    "ECONNABORTED",
    "ESHUTDOWN",
    "EHOSTDOWN",
    "EHOSTUNREACH",
    "ENETDOWN",
    "ENETUNREACH",
    "ETIMEDOUT",
    "EREMOTEIO",
  ],
  too_many_open_files: ["EMFILE", "ENFILE"],
};

const CODES: ReadonlyMap<string, DiskCode> = new Map(
  Object.entries(MEANINGS).flatMap(([code, names]) => names.map((name) => [name, code as DiskCode])),
);

const OF_SYSTEM = /^\/(?:proc|sys|dev)\//;

/** Whether the operation creates a new name: then EINVAL is about the name, as on FAT for `a:b`, and Windows' refusal. */
export type Naming = "new_name" | "old_name";

/** The PliError for a system error at a path. A PliError is returned unchanged. */
export function diskFault(error: unknown, path: string, naming: Naming = "old_name"): PliError {
  if (isPliError(error)) return error;
  // A refusal of Deno has no code of the system. With fewer than all permissions, as in the compiled program, Deno
  // reads no files of /proc and /sys, which mostly report a size of 0.
  if (error instanceof Error && error.name === "NotCapable") {
    if (OF_SYSTEM.test(path)) {
      return new PliError("source_unsendable", { path, reason: "size_unknown" }, { cause: error });
    }
    return new PliError("disk_denied", { path }, { cause: error });
  }
  const name = systemCode(error);
  const isName = naming === "new_name" && (name === "EINVAL" || isInvalidName(error));
  return new PliError(isName ? "disk_name_invalid" : CODES.get(name) ?? "disk_failed", { path }, {
    cause: error,
  });
}

/**
 * Runs an operation. For an error with one of the codes of `expected` the result is `otherwise`; any other error
 * becomes a PliError.
 */
export async function attempt<T, E>(
  path: string,
  expected: ReadonlySet<string>,
  otherwise: E,
  operation: () => Promise<T>,
  naming?: Naming,
): Promise<T | E> {
  try {
    return await operation();
  } catch (error) {
    return otherwiseFault(error, path, expected, otherwise, naming);
  }
}

/** The same for a synchronous operation. */
export function attemptSync<T, E>(
  path: string,
  expected: ReadonlySet<string>,
  otherwise: E,
  operation: () => T,
  naming?: Naming,
): T | E {
  try {
    return operation();
  } catch (error) {
    return otherwiseFault(error, path, expected, otherwise, naming);
  }
}

/**
 * Runs an operation of node:fs at an existing path. An error without a code is replaced by that of reading the path's
 * status, if that fails too.
 */
export async function withKnownError<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (systemCode(error) === "") await platform.status(path);
    throw error;
  }
}

function otherwiseFault<E>(
  error: unknown,
  path: string,
  expected: ReadonlySet<string>,
  otherwise: E,
  naming: Naming | undefined,
): E {
  if (expected.has(systemCode(error))) return otherwise;
  throw diskFault(error, path, naming);
}
