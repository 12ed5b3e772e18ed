// --exclude and --only: globs on the names in a share. One with a `/` is matched against the whole name, one
// without against each part of it, so that `node_modules` or `*.tmp` is found at any depth.

import { posix } from "node:path";

/** Whether a name in a share matches one of the globs. */
export function globMatcher(globs: readonly string[]): (name: string) => boolean {
  const trimmed = globs.map((glob) => glob.replace(/^\.\//, "").replace(/\/+$/, ""));
  return (name) => {
    const parts = name.split("/");
    return trimmed.some((glob) => {
      return glob.includes("/")
        ? posix.matchesGlob(name, glob)
        : parts.some((part) => posix.matchesGlob(part, glob));
    });
  };
}
