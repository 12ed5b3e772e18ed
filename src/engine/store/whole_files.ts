// Small files that arrive whole, many at a time: each batch is made by one call of the disk, its folders
// checked before and after. They are flushed all together at the end, by one call for the whole volume where
// there is such a call. Until then little is kept of each: there may be a million.

import { join } from "node:path";
import { isPliError, PliError } from "../errors.ts";
import type { Disk, FileStatus, PathOutcome } from "../ports.ts";
import { type Anchor, checkAnchors, isSameFile } from "./anchor.ts";
import { eachBounded } from "./bounded.ts";
import type { LandingFile, LandingFolder } from "./landing_tree.ts";
import { outcomeOf } from "./outcome.ts";
import { stagedAnchor, stageFolders } from "./staged_folders.ts";

/** Up to so many are flushed one by one: everything else on the volume need not be flushed for them. */
const FEW_FILES = 64;
/** Files that are opened again and flushed together. */
const FLUSHED_TOGETHER = 64;

export interface WholeFile {
  folder: LandingFolder;
  file: LandingFile;
  bytes: Uint8Array;
}

/** A file that is made and not flushed: where, and what would tell another file from it. */
interface Unflushed {
  folder: LandingFolder;
  file: LandingFile;
  inode: number;
  device: number;
}

export class WholeFiles {
  #unflushed: Unflushed[] = [];
  readonly #writing = new Set<Promise<void>>();

  constructor(
    readonly disk: Disk,
    /** A folder on the volume. */
    readonly root: string,
  ) {}

  /**
   * Makes files with all of their bytes, which must not change until this resolves. Throws `destination_busy`
   * when something else has a name, `destination_not_folder` when a folder is not what it was, `disk_*`. What
   * was made in another folder's place has been removed then; the rest is in the staging folder.
   */
  async write(files: readonly WholeFile[]): Promise<void> {
    const writing = this.#write(files);
    const ended = writing.catch(() => undefined).finally(() => this.#writing.delete(ended));
    this.#writing.add(ended);
    await writing;
  }

  /** A file that an earlier run made, and that was found to be right, is flushed with the others. */
  adopt(folder: LandingFolder, file: LandingFile, { inode, device }: FileStatus): void {
    this.#unflushed.push({ folder, file, inode, device });
  }

  /**
   * Flushes what was made to the device. True when that flushed all of the volume. Throws
   * `destination_busy` when a file is another one now, `destination_not_folder`, `disk_*`.
   */
  async settle(): Promise<boolean> {
    const files = this.#unflushed;
    const isVolume = files.length > FEW_FILES && await this.disk.syncVolume(this.root);
    if (!isVolume) {
      await checkAnchors(this.disk, anchorsOf(files));
      await eachBounded(files, FLUSHED_TOGETHER, (file) => this.#flush(file));
    }
    this.#unflushed = [];
    return isVolume;
  }

  /** Resolves when nothing is being made. */
  async rest(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #write(files: readonly WholeFile[]): Promise<void> {
    await stageFolders(this.disk, files.map(({ folder }) => folder));
    const anchors = anchorsOf(files);
    await checkAnchors(this.disk, anchors);
    const created = await this.disk.createFiles(
      files.map((each) => ({ path: pathOf(each), bytes: each.bytes })),
    );
    try {
      await checkAnchors(this.disk, anchors);
    } catch (error) {
      await this.#takeBack(files, created);
      throw error;
    }
    files.forEach(({ folder, file }, at) => {
      const status = outcomeOf(created[at]);
      if (status === null) throw new PliError("destination_busy", { path: pathOf(files[at]) });
      this.#unflushed.push({ folder, file, inode: status.inode, device: status.device });
    });
  }

  /** Removes files that were made just now, and perhaps elsewhere. */
  async #takeBack(files: readonly WholeFile[], created: readonly PathOutcome[]): Promise<void> {
    const paths = files.map(pathOf);
    const named = await this.disk.statuses(paths);
    for (const [at, path] of paths.entries()) {
      const [made, found] = [created[at], named[at]];
      if (isStatus(made) && isStatus(found) && isSameFile(made, found)) await this.disk.remove(path);
    }
  }

  async #flush(unflushed: Unflushed): Promise<void> {
    const path = pathOf(unflushed);
    const file = await this.disk.open(path, "update");
    if (file === null) throw new PliError("destination_busy", { path });
    try {
      if (!isSameFile(file.opened ?? await file.status(), unflushed)) {
        throw new PliError("destination_busy", { path });
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

function pathOf({ folder, file }: Pick<WholeFile, "folder" | "file">): string {
  return join(stagedAnchor(folder).path, file.stagedPart);
}

/** The folders' folders, each once. */
function anchorsOf(files: readonly Pick<WholeFile, "folder">[]): Anchor[] {
  return [...new Set(files.map(({ folder }) => folder))].map(stagedAnchor);
}

function isStatus(outcome: PathOutcome): outcome is FileStatus {
  return outcome !== null && !isPliError(outcome);
}
