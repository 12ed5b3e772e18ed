// The disk calls of the native addon, which reports files and errors as numbers in arrays. All are missing with the
// stock binding, some on systems without them.

import type { FileStatus } from "../ports.ts";
import { wholeSeconds } from "./stats.ts";
import { nameOfNumber } from "./system_code.ts";

/** Numbers of a status. */
export const STATUS_LENGTH = 6;

export interface NativeDisk {
  /** Returns the error number, 0 for none. */
  syncVolume?(path: string): Promise<number>;
  /**
   * Fills `bytes` with a regular file, if it is not larger. `status` gets its status and the number of bytes that were
   * read, -1 if it is no regular file. Returns the error number, 0 for none.
   */
  readWhole?(path: string, bytes: Uint8Array, status: Float64Array): number;
  /**
   * Creates files. `paths` has a NUL after each path, `bytes` the concatenated contents. Returns for each the error
   * number, 0 for none, -1 if it was not begun; and its status.
   */
  createFiles?(paths: string, sizes: Uint32Array, bytes: Uint8Array): Promise<Float64Array>;
  /**
   * Links the file `part` of a folder to the name `to`; with `moves` renames it, or a folder. Uses a descriptor of the
   * folder. Returns the error number, 0 for none, -1 when the folder has another inode or device.
   */
  publish?(
    folder: string,
    inode: number,
    device: number,
    part: string,
    to: string,
    moves: boolean,
  ): Promise<number>;
}

/** The status of a regular file at a position of an array. */
export function statusFrom(numbers: Float64Array, at: number): FileStatus {
  return {
    kind: "file",
    sizeBytes: numbers[at],
    modifiedMs: numbers[at + 1],
    changedMs: wholeSeconds(numbers[at + 2]),
    inode: numbers[at + 3],
    device: numbers[at + 4],
    links: numbers[at + 5],
  };
}

/** The system's error for a number, with the `code` of the platform's own errors. */
export function systemError(number: number): Error {
  const code = nameOfNumber(number);
  return Object.assign(new Error(code || `system error ${number}`), { code });
}
