// The disk half of the native addon, and what it tells of files and errors: numbers, in arrays. Nothing of it is
// there with the stock binding, or on a system that the addon has it not for.

import { constants } from "node:os";
import { nativeAddon, usesNative } from "../native/addon.ts";
import type { FileStatus } from "../ports.ts";

/** How many numbers a status is. */
export const STATUS_LENGTH = 6;

export interface NativeDisk {
  /** Rejects when anything could not be written. */
  syncVolume?(path: string): Promise<void>;
  /**
   * Fills `bytes` with a regular file, if it is not larger. `status` gets its status and how many bytes were
   * read, -1 for what is no regular file. Returns the number of the error, 0 for none.
   */
  readWhole?(path: string, bytes: Uint8Array, status: Float64Array): number;
  /**
   * Makes files. `paths` has a NUL after each, `bytes` what is in them one after the other. For each the number of
   * its error, 0 for none, -1 when it was not begun; and its status.
   */
  createFiles?(paths: string, sizes: Uint32Array, bytes: Uint8Array): Promise<Float64Array>;
}

let disk: NativeDisk | undefined;

/** What there is of it. Throws `binding_unknown`, `binding_missing`. */
export function nativeDisk(): NativeDisk {
  return disk ??= usesNative() ? nativeAddon() as NativeDisk : {};
}

/** The status of a regular file, from where it stands in an array. */
export function statusFrom(numbers: Float64Array, at: number): FileStatus {
  return {
    kind: "file",
    sizeBytes: numbers[at],
    modifiedMs: numbers[at + 1],
    // Whole seconds, as Deno has this time of a status by name: the two are compared.
    changedMs: Math.floor(numbers[at + 2] / 1000) * 1000,
    inode: numbers[at + 3],
    device: numbers[at + 4],
    links: numbers[at + 5],
  };
}

/** The names of this system's errors: `node:util` has not all of them. */
const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** The system's error of a number, with the `code` that the platform's own calls give theirs. */
export function systemError(number: number): Error {
  const code = NAMES.get(number) ?? "";
  return Object.assign(new Error(code || `system error ${number}`), { code });
}
