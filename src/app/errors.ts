// Errors of pli's own folder. They have the form of the engine's (a code, named parameters, a cause); the sentences
// are in the catalogues of the rooms that print.

import { fileLimitFault } from "../engine/disk/file_size_signal.ts";
import { systemCode } from "../engine/disk/system_code.ts";
import { isPliError, PliError } from "../engine/mod.ts";

export { fileLimitFault, systemCode };

/** Every error code of this room with its parameters. */
export interface AppErrorParameters {
  /** No data folder can be derived from the environment. */
  home_unknown: Record<never, never>;
  /** The system denies access to pli's folder or a file in it. */
  home_denied: { path: string };
  /** A file that has to be changed, or its folder, can only be read. */
  home_read_only: { path: string };
  /** The volume of pli's folder is full. */
  home_full: { path: string };
  /** A file in pli's folder would exceed the maximum of its volume or of the process. */
  home_file_too_large: { path: string };
  /** A folder that would hold pli's data belongs to another user. */
  home_foreign: { path: string };
  /** Other users can write in a folder that would hold pli's data, or in one above it. */
  home_shared: { path: string };
  /** Any other error of pli's folder; the cause has the system's text. */
  home_unusable: { path: string };
}

export type AppErrorCode = keyof AppErrorParameters;

export class AppError<C extends AppErrorCode = AppErrorCode> extends Error {
  override readonly name = "AppError";

  constructor(readonly code: C, readonly parameters: AppErrorParameters[C], options?: { cause?: unknown }) {
    super(`${code} ${JSON.stringify(parameters)}`, options);
  }
}

const CODES: ReadonlyMap<unknown, "home_denied" | "home_full" | "home_file_too_large"> = new Map([
  ["EFBIG", "home_file_too_large"],
  ["EACCES", "home_denied"],
  ["EPERM", "home_denied"],
  ["EROFS", "home_denied"],
  ["ENOSPC", "home_full"],
  ["EDQUOT", "home_full"],
]);

/** SQLite's codes of a full volume: SQLITE_FULL, and SQLITE_IOERR_SHMSIZE of the log's index. */
const SQLITE_FULL: readonly unknown[] = [13, 10 | (19 << 8)];

/** The limit of open files of the process or the system is reached. */
const TOO_MANY_OPEN: readonly unknown[] = ["EMFILE", "ENFILE"];

/**
 * The error for a system error at a path in pli's folder: an AppError, or a PliError if the folder is not the cause.
 * An error of either family is returned unchanged.
 */
export function homeFault(cause: unknown, path: string): AppError | PliError {
  if (cause instanceof AppError || isPliError(cause)) return cause;
  if (TOO_MANY_OPEN.includes(systemCode(cause))) {
    return new PliError("too_many_open_files", { path }, { cause });
  }
  // A refusal of Deno (run without --allow-read or --allow-write) has no code of the system.
  if (cause instanceof Deno.errors.NotCapable) return new AppError("home_denied", { path }, { cause });
  if (cause instanceof Error && "errcode" in cause && SQLITE_FULL.includes(cause.errcode)) {
    return new AppError("home_full", { path }, { cause });
  }
  return new AppError(CODES.get(systemCode(cause)) ?? "home_unusable", { path }, { cause });
}
