// The folders in the staging folder that mirror those of a collection: made when files need them first, many
// at a time, level by level, each below one that is still what it was.

import { join } from "node:path";
import { PliError } from "../errors.ts";
import type { Disk } from "../ports.ts";
import { Anchor, checkAnchors } from "./anchor.ts";
import type { LandingFolder } from "./landing_tree.ts";
import { outcomeOf } from "./outcome.ts";

/**
 * Makes what is missing of the folders' folders and sets their `staged`; that of the root must be set. Throws
 * `destination_busy` when something else is there, `destination_not_folder` when a folder above was swapped,
 * `disk_*`, and the same again for who asks later.
 */
export async function stageFolders(disk: Disk, folders: Iterable<LandingFolder>): Promise<void> {
  const missing = new Set<LandingFolder>();
  const others = new Set<Promise<void>>();
  for (const folder of folders) {
    for (let at = folder; at.staged === null && !missing.has(at); at = at.parent) {
      if (at.staging !== null) {
        others.add(at.staging);
        break;
      }
      if (at.parent === null) throw new PliError("internal", { what: "no staging folder" });
      missing.add(at);
    }
  }
  if (missing.size === 0 && others.size === 0) return;
  const making = makeLevels(disk, missing, others);
  // Before anybody else can look: what one caller makes another waits for.
  for (const folder of missing) folder.staging = making;
  await making;
}

/** The folder's folder in the staging folder. Throws as `stageFolders` does. */
export async function stageFolder(disk: Disk, folder: LandingFolder): Promise<Anchor> {
  await stageFolders(disk, [folder]);
  return stagedAnchor(folder);
}

/** The folder's folder, which `stageFolders` has made. */
export function stagedAnchor({ staged }: LandingFolder): Anchor {
  if (staged === null) throw new PliError("internal", { what: "folder is not staged" });
  return staged;
}

async function makeLevels(
  disk: Disk,
  missing: ReadonlySet<LandingFolder>,
  others: ReadonlySet<Promise<void>>,
): Promise<void> {
  await Promise.all(others);
  const levels = Map.groupBy(missing, (folder) => folder.depth);
  for (const depth of [...levels.keys()].sort((a, b) => a - b)) await makeLevel(disk, levels.get(depth)!);
}

async function makeLevel(disk: Disk, folders: readonly LandingFolder[]): Promise<void> {
  const above = folders.map(({ parent }) => stagedAnchor(parent!));
  const parents = [...new Set(above)];
  await checkAnchors(disk, parents);
  const paths = folders.map(({ stagedPart }, at) => join(above[at].path, stagedPart));
  const made = (await disk.createFolders(paths)).map(outcomeOf);
  const anchors = made.map((status, at) => {
    if (status === null) throw new PliError("destination_busy", { path: paths[at] });
    return Anchor.of(disk, paths[at], status);
  });
  await checkAnchors(disk, parents);
  folders.forEach((folder, at) => folder.staged = anchors[at]);
}
