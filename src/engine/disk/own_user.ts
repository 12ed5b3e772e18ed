// Which user this process runs as.

import { platform } from "./platform.ts";

let known: number | null | undefined;

/** The uid of this process; null on Windows, which has none. Throws what making a temporary file throws. */
export function ownUser(): number | null {
  if (known === undefined) known = platform.user();
  return known;
}
