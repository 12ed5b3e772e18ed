// Data of files that the provider cannot send any more: set aside while the rest is published, then moved back into an
// otherwise empty staging folder, where a later download of the same collection finds it.

import { join } from "../paths.ts";
import type { Disk } from "../ports.ts";
import type { TreeFile, TreeFolder } from "./file_tree.ts";
import { listFolders } from "./file_tree.ts";
import type { Staging } from "./staging.ts";

const ASIDE = "lost";

/** A file that was set aside, and its folder. */
interface Kept {
  folder: TreeFolder;
  file: TreeFile;
  path: string;
}

/**
 * Removes lost files from a tree and from the disk, with staged folders that have no other content. Returns what was
 * set aside, which is nothing if `isKept` is false. Throws `disk_*`, `destination_not_folder`.
 */
export async function setLostAside(
  root: TreeFolder,
  lost: ReadonlySet<number>,
  isKept: boolean,
  { disk, folder: { path } }: Staging,
): Promise<Kept[]> {
  const aside = join(path, ASIDE);
  await disk.removeTree(aside);
  if (isKept) await disk.makeFolder(aside, true);
  const kept: Kept[] = [];
  for (const folder of listFolders(root)) {
    for (const file of folder.files.filter(({ index }) => lost.has(index))) {
      const keptAt = await setAside(folder, file, isKept ? aside : null, disk);
      if (keptAt !== null) kept.push({ folder, file, path: keptAt });
    }
    folder.files = folder.files.filter(({ index }) => !lost.has(index));
  }
  await removeEmpty(root, disk);
  return kept;
}

/** Moves files back after the rest was published, when the staging tree is otherwise empty. Throws `disk_*`. */
export async function restoreLost(kept: readonly Kept[], { disk, files, folder }: Staging): Promise<void> {
  await files.check();
  await disk.removeTree(files.path);
  await disk.makeFolder(files.path);
  for (const { folder, file, path } of kept) {
    await disk.rename(path, join(await makeFolders(folder, files.path, disk), file.stagedPart));
  }
  await disk.removeTree(join(folder.path, ASIDE));
}

/** The present path of the file; null if nothing of it is kept. */
async function setAside(
  { staged }: TreeFolder,
  { index, stagedPart }: TreeFile,
  aside: string | null,
  disk: Disk,
): Promise<string | null> {
  if (staged === null) return null;
  await staged.check();
  const path = join(staged.path, stagedPart);
  if ((await disk.status(path))?.kind !== "file") return null;
  if (aside === null) {
    await disk.remove(path);
    return null;
  }
  const to = join(aside, String(index));
  await disk.rename(path, to);
  return to;
}

/** Removes empty staged folders, the innermost first, without the root. */
async function removeEmpty(root: TreeFolder, disk: Disk): Promise<void> {
  for (const folder of listFolders(root).reverse()) {
    const { parent, staged, files, folders } = folder;
    if (parent === null || staged === null || files.length > 0) continue;
    if (folders.some((child) => child.staged !== null)) continue;
    await staged.check();
    await disk.remove(staged.path);
    folder.staged = null;
  }
}

/** Creates a folder of the tree and those above it, below the root. Returns its path. */
async function makeFolders({ parent, stagedPart }: TreeFolder, root: string, disk: Disk): Promise<string> {
  if (parent === null) return root;
  const path = join(await makeFolders(parent, root, disk), stagedPart);
  await disk.makeFolder(path);
  return path;
}
