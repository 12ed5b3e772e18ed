// The folders in the staging folder that mirror those of a collection: created on demand, in batches, level by level,
// each below a folder that was not replaced.

import { join } from "../paths.ts";
import { PliError } from "../errors.ts";
import type { Disk } from "../ports.ts";
import { Anchor, checkAnchors } from "./anchor.ts";
import type { TreeFolder } from "./file_tree.ts";
import { outcomeOf } from "./outcome.ts";

/**
 * Creates the missing staged folders and sets `staged`; that of the root must be set. Throws `destination_busy` when
 * the name is taken, `destination_not_folder` when a folder above was swapped, `disk_*`, and the same error again in
 * later calls.
 */
export async function stageFolders(disk: Disk, folders: Iterable<TreeFolder>): Promise<void> {
  const missing = new Set<TreeFolder>();
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
  // Set synchronously, so that concurrent callers wait for the same creation.
  for (const folder of missing) folder.staging = making;
  await making;
}

/** The folder's folder in the staging folder. Throws as `stageFolders` does. */
export async function stageFolder(disk: Disk, folder: TreeFolder): Promise<Anchor> {
  await stageFolders(disk, [folder]);
  return stagedAnchor(folder);
}

/** The staged folder, which `stageFolders` has created. */
export function stagedAnchor({ staged }: TreeFolder): Anchor {
  if (staged === null) throw new PliError("internal", { what: "folder is not staged" });
  return staged;
}

async function makeLevels(
  disk: Disk,
  missing: ReadonlySet<TreeFolder>,
  others: ReadonlySet<Promise<void>>,
): Promise<void> {
  await Promise.all(others);
  const levels: TreeFolder[][] = [];
  for (const folder of missing) (levels[folder.depth] ??= []).push(folder);
  // Levels without a folder are array holes.
  for (const level of levels) if (level !== undefined) await makeLevel(disk, level);
}

async function makeLevel(disk: Disk, folders: readonly TreeFolder[]): Promise<void> {
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
