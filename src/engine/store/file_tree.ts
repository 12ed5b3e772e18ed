// The files of a collection as a tree, with their names in the destination. Placement decides the names, the staging
// folder mirrors the tree, publishing walks it.

import { complete, type Work } from "../work.ts";
import type { FileIdentity } from "../ports.ts";
import type { Anchor } from "./anchor.ts";

/** Cost of creating an entry of the tree, in units of `Work`. */
const ENTRY_UNITS = 512;

export interface TreeFile {
  /** Its number in the collection. */
  index: number;
  /** Last part of its name in the destination. */
  part: string;
  /** Its name in the staging folder, the same in every run. */
  stagedPart: string;
  /** Identity of the complete file in the staging folder; null before it is complete. */
  whole: FileIdentity | null;
}

export interface TreeFolder {
  /** Last part of its name in the destination; "" for the destination itself. */
  part: string;
  /** Its name in the staging folder, the same in every run. */
  stagedPart: string;
  /** Its name in the collection, for reports. */
  source: string;
  /** Null for the destination. */
  parent: TreeFolder | null;
  folders: TreeFolder[];
  files: TreeFile[];
  /** Number of folders above it. */
  depth: number;
  /** Its folder in the staging folder; null before a file needs it. */
  staged: Anchor | null;
  /** The creation of that folder, while it is in progress. */
  staging: Promise<void> | null;
}

/** All folders of a tree, each before those in it. */
export function listFolders(root: TreeFolder): TreeFolder[] {
  const folders = [root];
  for (const folder of folders) {
    for (const child of folder.folders) folders.push(child);
  }
  return folders;
}

/** The tree of `locals`, which have as many parts as the names in the collection, `sources`. */
export function buildTree(sources: readonly string[], locals: readonly string[]): TreeFolder {
  return complete(buildingTree(sources, locals));
}

/** `buildTree` in steps. */
export function* buildingTree(sources: readonly string[], locals: readonly string[]): Work<TreeFolder> {
  const root = newFolder("", "", null);
  const folders = new Map([["", root]]);
  const folderAt = (local: string, source: string): TreeFolder => {
    const known = folders.get(local);
    if (known !== undefined) return known;
    const parent = folderAt(above(local), above(source));
    const made = newFolder(lastPart(local), source, parent);
    parent.folders.push(made);
    folders.set(local, made);
    return made;
  };
  for (const [index, local] of locals.entries()) {
    const part = lastPart(local);
    const known = folders.size;
    folderAt(above(local), above(sources[index])).files.push({ index, part, stagedPart: part, whole: null });
    yield local.length + (1 + folders.size - known) * ENTRY_UNITS;
  }
  return root;
}

function newFolder(part: string, source: string, parent: TreeFolder | null): TreeFolder {
  const depth = parent === null ? 0 : parent.depth + 1;
  return {
    part,
    stagedPart: part,
    source,
    parent,
    folders: [],
    files: [],
    depth,
    staged: null,
    staging: null,
  };
}

function above(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
