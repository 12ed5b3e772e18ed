// The files of a collection as the tree that they make, with the names that they get. Placement decides the
// names, the staging folder mirrors them, publishing walks them.

import { join } from "node:path";
import { PliError } from "../errors.ts";
import type { Disk } from "../ports.ts";
import type { Anchor } from "./anchor.ts";

export interface LandingFile {
  /** Its number in the collection. */
  index: number;
  /** Its part of the name here. */
  part: string;
}

export interface LandingFolder {
  /** Its part of the name here; "" for the destination itself. */
  part: string;
  /** Its name in the collection, for reports. */
  source: string;
  /** Null for the destination. */
  parent: LandingFolder | null;
  folders: LandingFolder[];
  files: LandingFile[];
  /** Its folder in the staging folder, once a file needed that. */
  staged: Promise<Anchor> | null;
}

/** All folders of a tree, each before those in it. */
export function listFolders(root: LandingFolder): LandingFolder[] {
  const folders = [root];
  for (const folder of folders) {
    for (const child of folder.folders) folders.push(child);
  }
  return folders;
}

/**
 * The folder's folder in the staging folder, made when it is needed first; that of the root must be set.
 * Throws `destination_busy` when something else is there, `destination_not_folder` when a folder above was
 * swapped, `disk_*`.
 */
export function stageFolder(disk: Disk, folder: LandingFolder): Promise<Anchor> {
  return folder.staged ??= makeStaged(disk, folder);
}

async function makeStaged(disk: Disk, { parent, part }: LandingFolder): Promise<Anchor> {
  if (parent === null) throw new PliError("internal", { what: "no staging folder" });
  const above = await stageFolder(disk, parent);
  await above.check();
  const path = join(above.path, part);
  if (!await disk.makeFolder(path)) throw new PliError("destination_busy", { path });
  return await above.child(part);
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
    folderAt(above(local), above(sources[index])).files.push({ index, part: lastPart(local) });
  });
  return root;
}

function newFolder(part: string, source: string, parent: LandingFolder | null): LandingFolder {
  return { part, source, parent, folders: [], files: [], staged: null };
}

function above(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
