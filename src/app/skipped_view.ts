// Skipped names as they are shown, by reason: some of them, and their number. Pure.

import type { SkipReason } from "../engine/mod.ts";
import { NAMES_KEPT, type Skipped } from "./views.ts";

/** Adds a skipped name. */
export function withSkipped(
  skipped: readonly Skipped[],
  { name, reason }: { name: string; reason: SkipReason },
): Skipped[] {
  const known = skipped.find((each) => each.reason === reason);
  if (known === undefined) return [...skipped, { reason, count: 1, names: [name] }];
  const names = known.names.length < NAMES_KEPT ? [...known.names, name] : known.names;
  return skipped.map((each) => each === known ? { reason, count: known.count + 1, names } : each);
}
