// Copies staged files to another volume, because renames and links cannot cross volumes. The receiving folder there
// gets a staging folder of its own. Files and folders are copied into it, the copy of each file is hashed, and they
// are published from it. The originals stay until everything has its name.

import { dirname, join } from "../paths.ts";
import { throwIfAborted } from "../abort.ts";
import { BLOCK_BYTES } from "../bao/geometry.ts";
import { PliError } from "../errors.ts";
import type { OnEvent } from "../events.ts";
import type { Listed } from "../listed.ts";
import type { Disk, DiskFile, FileIdentity } from "../ports.ts";
import { eachInTurn } from "../settled.ts";
import { Anchor } from "./anchor.ts";
import type { TreeFile, TreeFolder } from "./file_tree.ts";
import { folderError } from "./shown_path.ts";
import { Staging } from "./staging.ts";
import type { IncomingFile, SameContent } from "./placement.ts";

const COPIES = "copies";

export interface RestagingOptions {
  disk: Disk;
  onEvent: OnEvent;
  rootHash: Uint8Array;
  files: Listed<IncomingFile>;
  sameContent: SameContent;
  signal?: AbortSignal;
}

/** The copy of a file: its path and identity. */
export interface CopiedFile {
  path: string;
  copy: FileIdentity;
}

export class Restaging {
  #names = 0;
  readonly #files = new Map<TreeFile, Promise<CopiedFile>>();
  readonly #folders = new Map<TreeFolder, Promise<Anchor>>();

  private constructor(
    readonly options: RestagingOptions,
    readonly staging: Staging,
    /** The folder of the copies. */
    readonly folder: Anchor,
  ) {}

  /**
   * Locks the staging folder in a folder on the other volume, and removes copies of a killed run. Throws
   * `destination_busy` when another process uses it, `disk_*`.
   */
  static async make(options: RestagingOptions, target: Anchor): Promise<Restaging> {
    const { disk, rootHash, onEvent } = options;
    const taking = Staging.take({ disk, destination: target.path, rootHash, onEvent });
    const staging = await taking.catch((error) => {
      throw folderError(error, target.path, target.path);
    });
    try {
      await target.check();
      const path = join(staging.folder.path, COPIES);
      await disk.removeTree(path);
      await disk.makeFolder(path);
      return new Restaging(options, staging, await staging.folder.child(COPIES));
    } catch (error) {
      await staging.release().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Copies a file out of a folder, once. Throws `destination_changed` when the copy differs from the verified file,
   * `disk_*`, `cancelled`.
   */
  file(file: TreeFile, from: Anchor): Promise<CopiedFile> {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const copying = this.#withUserPaths(
      this.#copyFile(file, from, join(this.folder.path, `${this.#names++}`)),
    );
    this.#files.set(file, copying);
    return copying;
  }

  /** Copies a staged folder with its content, once. Throws as `file` does. */
  tree(folder: TreeFolder, staged: Anchor): Promise<Anchor> {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const copying = this.#withUserPaths(
      this.#copyFolder(folder, staged, join(this.folder.path, `${this.#names++}`)),
    );
    this.#folders.set(folder, copying);
    return copying;
  }

  /** Removes the unpublished copies, and the staging folder unless it also has a download. */
  async remove(): Promise<void> {
    await Promise.allSettled([...this.#files.values(), ...this.#folders.values()]);
    await eachInTurn([
      async () => {
        if (await this.folder.isUnchanged()) await this.options.disk.removeTree(this.folder.path);
      },
      () => this.staging.release(),
    ]);
  }

  /** Errors name the folder that is copied into. */
  async #withUserPaths<T>(copying: Promise<T>): Promise<T> {
    try {
      return await copying;
    } catch (error) {
      throw folderError(error, this.staging.folder.path, dirname(this.staging.folder.path));
    }
  }

  async #copyFolder(folder: TreeFolder, staged: Anchor, path: string): Promise<Anchor> {
    const { disk } = this.options;
    await staged.check();
    await disk.makeFolder(path);
    for (const child of folder.folders) {
      if (child.staged !== null) await this.#copyFolder(child, child.staged, join(path, child.part));
    }
    for (const file of folder.files) await this.#copyFile(file, staged, join(path, file.part));
    await disk.syncFolder(path);
    return await Anchor.at(disk, path);
  }

  async #copyFile(file: TreeFile, from: Anchor, path: string): Promise<CopiedFile> {
    const { disk, files, sameContent, signal } = this.options;
    await from.check();
    const source = await disk.open(join(from.path, file.stagedPart), "read");
    if (source === null) throw new PliError("destination_changed", { path: from.path });
    let copy: FileIdentity;
    try {
      const made = await disk.open(path, "create");
      if (made === null) throw new PliError("destination_changed", { path });
      try {
        await this.#copyBytes(source, made);
        await made.sync();
        copy = await made.status();
      } finally {
        await made.close();
      }
    } finally {
      await source.close();
    }
    if (!await sameContent(path, files.at(file.index)!, signal)) {
      throw new PliError("destination_changed", { path });
    }
    return { path, copy };
  }

  async #copyBytes(source: DiskFile, copy: DiskFile): Promise<void> {
    const buffer = new Uint8Array(BLOCK_BYTES);
    for (let offsetBytes = 0;;) {
      throwIfAborted(this.options.signal);
      const count = await source.readAt(buffer, offsetBytes);
      if (count > 0) await copy.writeAt(buffer.subarray(0, count), offsetBytes);
      offsetBytes += count;
      if (count < buffer.length) return;
    }
  }
}
