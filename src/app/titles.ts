// The title of a share or a download: its first name at the top, and the number of further ones. `words/titles.ts` makes
// a text of it. Pure.

import type { Offer } from "../engine/mod.ts";
import type { Title } from "./views.ts";

/** The title of an offer. */
export function titleOfOffer({ files, tops }: Offer): Title {
  return { title: files.at(0)?.name.split("/", 1)[0] ?? null, otherNames: Math.max(0, tops - 1) };
}

/** The title of paths of this computer; the first name is that of the collection, whose names are sorted. */
export function titleOfPaths(paths: readonly string[]): Title {
  const names = new Set(paths.map((path) => path.split(/[/\\]/).filter(Boolean).at(-1) ?? path));
  const [title, ...others] = [...names].sort();
  return { title, otherNames: others.length };
}

/** The title in the history, which has only that of one name. */
export function titleOfEntry({ title, otherNames }: Title): string | null {
  return otherNames === 0 ? title : null;
}

/** The distinct names at the top. */
export function topsOf(names: Iterable<string>): string[] {
  const tops = new Set<string>();
  for (const name of names) tops.add(name.split("/", 1)[0]);
  return [...tops];
}
