// The files of a collection that are downloaded and not finished yet.

import type { Listed } from "../listed.ts";
import type { FileStatus } from "../ports.ts";
import { ITEM_UNITS, type Work } from "../work.ts";
import { listFolders, type TreeFile, type TreeFolder } from "./file_tree.ts";
import type { IncomingFile } from "./placement.ts";

/** Cost of noting an expected file, in units of `Work`. */
const EXPECTED_UNITS = 256;

/** A file to download, and its folder. */
export interface Expected {
  folder: TreeFolder;
  file: TreeFile;
  sizeBytes: number;
  /** Its part file of an earlier run. */
  begun: FileStatus | null;
}

/** All files of a tree, by index. */
export function* listingExpected(
  root: TreeFolder,
  files: Listed<IncomingFile>,
): Work<Map<number, Expected>> {
  const expected = new Map<number, Expected>();
  for (const folder of listFolders(root)) {
    yield ITEM_UNITS;
    for (const file of folder.files) {
      const { sizeBytes } = files.at(file.index)!;
      expected.set(file.index, { folder, file, sizeBytes, begun: null });
      yield EXPECTED_UNITS;
    }
  }
  return expected;
}

/** The folders of files, and those above them, that do not exist in the staging folder. */
export function* listingMissing(files: Iterable<Expected>): Work<Set<TreeFolder>> {
  const missing = new Set<TreeFolder>();
  for (const { folder } of files) {
    for (
      let at: TreeFolder | null = folder;
      at !== null && at.staged === null && !missing.has(at);
      at = at.parent
    ) {
      missing.add(at);
      yield ITEM_UNITS;
    }
    yield ITEM_UNITS;
  }
  return missing;
}
