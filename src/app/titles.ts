// The title of a share or a download: its only name at the top; null if there are several. Pure.

import type { Offer } from "../engine/mod.ts";

/** The title of names in a collection, with `/` between their parts. */
export function titleOf(names: Iterable<string>): string | null {
  const tops = topsOf(names);
  return tops.length === 1 ? tops[0] : null;
}

/** The title of an offer. */
export function titleOfOffer(offer: Offer): string | null {
  return offer.tops === 1 ? firstTopOf(offer) : null;
}

/** The name at the top that contains the first file of an offer; "" if there is no file. */
export function firstTopOf({ files }: Offer): string {
  return files.at(0)?.name.split("/", 1)[0] ?? "";
}

/** The title of paths of this computer. */
export function titleOfPaths(paths: readonly string[]): string | null {
  const [name, ...others] = new Set(paths.map((path) => path.split(/[/\\]/).filter(Boolean).at(-1) ?? path));
  return others.length === 0 ? name : null;
}

/** The distinct names at the top. */
export function topsOf(names: Iterable<string>): string[] {
  const tops = new Set<string>();
  for (const name of names) tops.add(name.split("/", 1)[0]);
  return [...tops];
}
