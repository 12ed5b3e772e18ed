// The path that an error names. Files are staged in hidden folders; users know them by their final place.

import { sep } from "../paths.ts";
import { isPliError, PliError } from "../errors.ts";

/** Replaces a path in a folder by the same path in another folder; returns every other error unchanged. */
export function movedError(error: unknown, from: string, to: string): unknown {
  const path = pathOf(error);
  if (!isPliError(error) || path === null || !path.startsWith(from + sep)) return error;
  const moved = { ...error.parameters, path: to + path.slice(from.length) };
  return new PliError(error.code, moved, { cause: error.cause });
}

/** Replaces a path in a folder by another folder; returns every other error unchanged. */
export function folderError(error: unknown, from: string, to: string): unknown {
  const path = pathOf(error);
  if (!isPliError(error) || path === null || !(path + sep).startsWith(from + sep)) return error;
  return new PliError(error.code, { ...error.parameters, path: to }, { cause: error.cause });
}

function pathOf(error: unknown): string | null {
  if (!isPliError(error) || !("path" in error.parameters)) return null;
  const { path } = error.parameters;
  return typeof path === "string" ? path : null;
}
