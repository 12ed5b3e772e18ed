// Paths of the disk in memory, which has no drives: the tests write them with "/" on every system, the code under test
// joins them with the system's separator.

import { sep } from "../../src/engine/paths.ts";

/** A path with "/" as separator, also on Windows. */
export function slashed(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}
