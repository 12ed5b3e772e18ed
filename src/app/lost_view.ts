// Lost files as they are shown: some of their names, and their number. Pure.

import { type LostFiles, NAMES_KEPT } from "./views.ts";

export const NONE_LOST: LostFiles = { count: 0, names: [], keptBytes: 0 };

/** Adds a lost file. */
export function withLost(lost: LostFiles, name: string): LostFiles {
  const names = lost.names.length < NAMES_KEPT ? [...lost.names, name] : lost.names;
  return { ...lost, count: lost.count + 1, names };
}
