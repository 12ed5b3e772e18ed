// Names that were left out, by reason: a few of them, and how many. Pure.

import type { SkipReason } from "../engine/mod.ts";
import type { Skipped } from "./views.ts";

const NAMES_KEPT = 100;

/** What was skipped, and one more. */
export function withSkipped(
  skipped: readonly Skipped[],
  { name, reason }: { name: string; reason: SkipReason },
): Skipped[] {
  const known = skipped.find((each) => each.reason === reason);
  if (known === undefined) return [...skipped, { reason, count: 1, names: [name] }];
  const names = known.names.length < NAMES_KEPT ? [...known.names, name] : known.names;
  return skipped.map((each) => each === known ? { reason, count: known.count + 1, names } : each);
}
