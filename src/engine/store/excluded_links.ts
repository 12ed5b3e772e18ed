// Whether a link leads to what the user excludes. The name of a link is not that of its target: without this check the
// content of an excluded file would be sent under the name of the link.

import { sep } from "../paths.ts";
import type { Disk } from "../ports.ts";
import type { GivenPath } from "./given_paths.ts";

type Exclude = (name: string) => boolean;

/** Whether a path is in a given folder. Both are without symlinks. */
export function isBelow(real: string, { real: folder }: GivenPath): boolean {
  return real.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Whether the user excludes what is at or below a given path, by its name in the share or that of a folder above it. */
export function isTargetExcluded(real: string, source: GivenPath, exclude: Exclude): boolean {
  const parts = real.slice(source.real.length).split(sep).filter((part) => part !== "");
  const names = [source.name];
  for (const part of parts) names.push(`${names.at(-1)}/${part}`);
  return names.some(exclude);
}

/** The given links that lead to what is excluded as another given path, or below one. */
export async function excludedLinks(
  disk: Disk,
  given: readonly GivenPath[],
  exclude: Exclude,
): Promise<Set<GivenPath>> {
  const excluded = new Set<GivenPath>();
  for (const link of given) {
    if (link.real === link.path || (await disk.status(link.path))?.kind !== "symlink") continue;
    const isExcluded = given.some((other) => {
      const isIn = other !== link && (link.real === other.real || isBelow(link.real, other));
      return isIn && isTargetExcluded(link.real, other, exclude);
    });
    if (isExcluded) excluded.add(link);
  }
  return excluded;
}
