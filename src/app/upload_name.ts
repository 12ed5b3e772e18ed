// Which names of a browser's files are created in the folder of an upload. They are not trusted.

import { isWindowsName } from "../engine/mod.ts";

/** Maximum of the usual file systems, in bytes of UTF-8. */
const MAXIMUM_BYTES = 255;

/**
 * Whether a part of a name can be a file or folder of its own. On Windows that excludes streams of another file
 * (`a:b`), devices (`nul`), and names that would lose a final dot or space.
 */
export function isUploadPart(part: string, os: typeof Deno.build.os): boolean {
  if (part === "" || part === "." || part === ".." || /[/\\\0]/.test(part) || !part.isWellFormed()) {
    return false;
  }
  if (os === "windows" && !isWindowsName(part)) return false;
  return new TextEncoder().encode(part).length <= MAXIMUM_BYTES;
}
