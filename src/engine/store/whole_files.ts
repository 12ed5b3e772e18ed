// Small files that arrive whole, in batches: each batch is created by one call of the disk, and its folders are
// checked before and after. They are flushed together at the end, by one call for the volume where the disk provides
// it. Little is kept of each file until then, because there may be a million.

import { join } from "../paths.ts";
import { isPliError, PliError } from "../errors.ts";
import type { Disk, FileStatus, PathOutcome } from "../ports.ts";
import { type Anchor, checkAnchors, isSameFile } from "./anchor.ts";
import { eachBounded } from "./bounded.ts";
import type { TreeFile, TreeFolder } from "./file_tree.ts";
import { outcomeOf } from "./outcome.ts";
import { stagedAnchor, stageFolders } from "./staged_folders.ts";

/** Up to this number files are flushed one by one, because a flush of the volume includes everything else on it. */
const FEW_FILES = 64;
/** Files that are opened again and flushed concurrently. */
const MAXIMUM_FLUSHING = 64;

export interface WholeFile {
  folder: TreeFolder;
  file: TreeFile;
  bytes: Uint8Array;
}

/** A file that is written and not flushed. */
type Unflushed = Pick<WholeFile, "folder" | "file">;

export class WholeFiles {
  #unflushed: Unflushed[] = [];
  readonly #writing = new Set<Promise<void>>();

  constructor(
    readonly disk: Disk,
    /** A folder on the volume. */
    readonly root: string,
  ) {}

  /**
   * Creates files with their content, which must not change until this resolves. Throws `destination_busy` when a name
   * is taken, `destination_not_folder` when a folder was replaced, `disk_*`. Files that were created in a replacing
   * folder are removed then; the rest is in the staging folder.
   */
  async write(files: readonly WholeFile[]): Promise<void> {
    const writing = this.#write(files);
    const ended = writing.catch(() => undefined).finally(() => this.#writing.delete(ended));
    this.#writing.add(ended);
    await writing;
  }

  /** Adds a verified file of an earlier run, which is flushed with the others. */
  adopt(folder: TreeFolder, file: TreeFile, { inode, device }: FileStatus): void {
    file.whole = { inode, device };
    this.#unflushed.push({ folder, file });
  }

  /**
   * Flushes the written files. Returns whether that flushed the whole volume. Throws `destination_busy` when a file
   * was replaced, `destination_not_folder`, `disk_*`.
   */
  async settle(): Promise<boolean> {
    const files = this.#unflushed;
    const isVolume = files.length > FEW_FILES && await this.disk.syncVolume(this.root);
    if (!isVolume) {
      await checkAnchors(this.disk, anchorsOf(files));
      await eachBounded(files, MAXIMUM_FLUSHING, (file) => this.#flush(file));
    }
    this.#unflushed = [];
    return isVolume;
  }

  /** Resolves when no batch is being written. */
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
      await this.#removeCreated(files, created);
      throw error;
    }
    files.forEach(({ folder, file }, at) => {
      const status = outcomeOf(created[at]);
      if (status === null) throw new PliError("destination_busy", { path: pathOf(files[at]) });
      this.adopt(folder, file, status);
    });
  }

  /** Removes files that were just created, perhaps in replacing folders. */
  async #removeCreated(files: readonly WholeFile[], created: readonly PathOutcome[]): Promise<void> {
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
      if (!isSameFile(file.opened ?? await file.status(), unflushed.file.whole!)) {
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

/** The staged folders of files, each once. */
function anchorsOf(files: readonly Pick<WholeFile, "folder">[]): Anchor[] {
  return [...new Set(files.map(({ folder }) => folder))].map(stagedAnchor);
}

function isStatus(outcome: PathOutcome): outcome is FileStatus {
  return outcome !== null && !isPliError(outcome);
}
