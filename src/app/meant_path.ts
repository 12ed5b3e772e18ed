// Paths as the system reads them. `resolve` removes `..` with the part before it, but the system goes to the folder
// above what that part leads to, which is another one if it is a link, and refuses a part that does not exist.

import { resolve } from "node:path";
import { PliError } from "../engine/mod.ts";

/** The longest beginning of a path that ends in `..`, and the rest. */
const UP = /^((?:[^]*\/)?\.\.)(?:\/([^]*))?$/;
const ENDS_AS_FOLDER = /\/\.?$/;

/**
 * The absolute path that a typed one means. Throws `path_missing` if a part before a `..` is no folder, or a file is
 * given as a folder, and `source_denied` if the system does not permit to follow it.
 */
export function meantPath(path: string, os = Deno.build.os): string {
  // Windows itself removes `..` with the part before it.
  if (os === "windows") return resolve(path);
  const [, above, rest = ""] = UP.exec(path) ?? [];
  try {
    if (ENDS_AS_FOLDER.test(path) && !isFolderOrMissing(path)) throw new PliError("path_missing", { path });
    return above === undefined ? resolve(path) : resolve(Deno.realPathSync(above), rest);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      throw new PliError("path_missing", { path }, { cause });
    }
    if (cause instanceof Deno.errors.PermissionDenied) {
      throw new PliError("source_denied", { path }, { cause });
    }
    throw cause;
  }
}

function isFolderOrMissing(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    return !(error instanceof Deno.errors.NotADirectory);
  }
}
