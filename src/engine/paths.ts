// Paths as text on this system: joining and splitting, without a file system. Own functions, because the engine also
// runs without `node:path`.

import { SYSTEM } from "./system.ts";

/** The functions for one system's paths. */
export interface Paths {
  /** The separator; Windows accepts `/` too. */
  readonly sep: "/" | "\\";
  /** The path of `name` in a folder. */
  join(folder: string, name: string): string;
  /** The last part; "" of a root. */
  basename(path: string): string;
  /** The path without its last part; of a root the root itself. */
  dirname(path: string): string;
}

/** The functions for paths of Windows, or of every other system. */
export function pathsOf(isWindows: boolean): Paths {
  const sep = isWindows ? "\\" : "/";
  const isSep = (char: string): boolean => char === "/" || (isWindows && char === "\\");
  const root = isWindows ? /^(?:[\\/]{2}[^\\/]+[\\/]+[^\\/]+(?:[\\/]+|$)|(?:[A-Za-z]:)?[\\/]*)/ : /^\/*/;
  const parted = (path: string) => {
    const rootLength = root.exec(path)![0].length;
    let end = path.length;
    while (end > rootLength && isSep(path[end - 1])) end--;
    let start = end;
    while (start > rootLength && !isSep(path[start - 1])) start--;
    return { rootLength, start, end };
  };
  return {
    sep,
    join: (folder, name) => folder + (folder === "" || isSep(folder[folder.length - 1]) ? "" : sep) + name,
    basename: (path) => {
      const { start, end } = parted(path);
      return path.slice(start, end);
    },
    dirname: (path) => {
      const { rootLength, start } = parted(path);
      let end = start;
      while (end > rootLength && isSep(path[end - 1])) end--;
      return path.slice(0, end) || ".";
    },
  };
}

/** A browser has no paths and gets those of Unix. */
export const { sep, join, basename, dirname } = pathsOf(SYSTEM === "windows");
