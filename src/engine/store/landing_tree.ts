// The files of a collection as the tree that they make, with the names that they get. Placement decides the
// names, the staging folder mirrors them, publishing walks them.

import type { Anchor } from "./anchor.ts";

export interface LandingFile {
  /** Its number in the collection. */
  index: number;
  /** Its part of the name here. */
  part: string;
  /** Its name in the staging folder: the same in every run, whatever else is in the destination. */
  stagedPart: string;
}

export interface LandingFolder {
  /** Its part of the name here; "" for the destination itself. */
  part: string;
  /** Its name in the staging folder, as that of a file. */
  stagedPart: string;
  /** Its name in the collection, for reports. */
  source: string;
  /** Null for the destination. */
  parent: LandingFolder | null;
  folders: LandingFolder[];
  files: LandingFile[];
  /** How many folders are above it. */
  depth: number;
  /** Its folder in the staging folder, once a file needed that. */
  staged: Anchor | null;
  /** The making of that. */
  staging: Promise<void> | null;
}

/** All folders of a tree, each before those in it. */
export function listFolders(root: LandingFolder): LandingFolder[] {
  const folders = [root];
  for (const folder of folders) {
    for (const child of folder.folders) folders.push(child);
  }
  return folders;
}

/** Makes the tree of `locals`, which have as many parts as the names in the collection, `sources`. */
export function buildTree(sources: readonly string[], locals: readonly string[]): LandingFolder {
  const root = newFolder("", "", null);
  const folders = new Map([["", root]]);
  const folderAt = (local: string, source: string): LandingFolder => {
    const known = folders.get(local);
    if (known !== undefined) return known;
    const parent = folderAt(above(local), above(source));
    const made = newFolder(lastPart(local), source, parent);
    parent.folders.push(made);
    folders.set(local, made);
    return made;
  };
  locals.forEach((local, index) => {
    const part = lastPart(local);
    folderAt(above(local), above(sources[index])).files.push({ index, part, stagedPart: part });
  });
  return root;
}

function newFolder(part: string, source: string, parent: LandingFolder | null): LandingFolder {
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
