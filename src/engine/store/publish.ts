// Moves files from the staging folder to their final names without copying. A new folder appears complete by one
// rename. A file appears by a hard link, which the file system refuses when the name is taken; without hard links, the
// name is claimed by an empty file first. Nothing is replaced unless the policy says so, whatever other programs
// create in the destination meanwhile.

import type { Listed } from "../listed.ts";
import { join } from "../paths.ts";
import type { OnEvent } from "../events.ts";
import type { ExistingPolicy } from "../options.ts";
import { isPliError, PliError } from "../errors.ts";
import type { Disk, FileIdentity } from "../ports.ts";
import { allSettled } from "../settled.ts";
import { type Anchor, isSameFile } from "./anchor.ts";
import { eachBounded } from "./bounded.ts";
import { listFolders, type TreeFile, type TreeFolder } from "./file_tree.ts";
import { below } from "./names.ts";
import type { IncomingFile, SameContent } from "./placement.ts";
import { Restaging } from "./restaging.ts";
import { SiblingNames } from "./sibling_names.ts";
import type { Volume } from "./volume.ts";

/** Files that are published, or folders that are flushed, concurrently. */
const MAXIMUM_CONCURRENT = 8;

export interface PublisherOptions {
  disk: Disk;
  volume: Volume;
  existing: ExistingPolicy;
  files: Listed<IncomingFile>;
  onEvent: OnEvent;
  /** Whether everything staged, folders included, has been flushed. */
  isFlushed: boolean;
  /** For copies on other volumes. */
  rootHash: Uint8Array;
  sameContent: SameContent;
  signal?: AbortSignal;
}

/** The existing folder that receives a folder's content, with its name below the destination. */
interface Target {
  anchor: Anchor;
  name: string;
  siblings: SiblingNames;
}

export class Publisher {
  #hasLinks = true;
  readonly #touched: string[] = [];
  /** Device of the destination. */
  #device: number | null = null;
  /** The copies on other volumes, by the path of the folder that receives them. */
  readonly #restagings = new Map<string, Promise<Restaging>>();

  constructor(readonly options: PublisherOptions) {}

  /**
   * Publishes everything that is staged of a tree into the destination, and flushes the changed folders. Returns the
   * published names at the top. Throws `destination_not_folder` when a folder was swapped meanwhile, `disk_*`; what
   * was published before stays.
   */
  async publish(root: TreeFolder, destination: Anchor): Promise<string[]> {
    // After a power failure, what a rename made visible must not be empty.
    const unflushed = this.options.isFlushed ? [] : stagedPaths(root);
    await eachBounded(unflushed, MAXIMUM_CONCURRENT, (path) => this.options.disk.syncFolder(path));
    this.#device = destination.status.device;
    const published = await this.#publishContent(root, destination, "").finally(() => this.#removeCopies());
    await eachBounded(this.#touched, MAXIMUM_CONCURRENT, (path) => this.options.disk.syncFolder(path));
    return published;
  }

  /** Publishes the content of a folder. Returns the published names. */
  async #publishContent(folder: TreeFolder, anchor: Anchor, name: string): Promise<string[]> {
    const { staged } = folder;
    if (staged === null) return [];
    const { disk, volume } = this.options;
    const target = { anchor, name, siblings: new SiblingNames(disk, volume, anchor.path, folder) };
    this.#touched.push(anchor.path);
    const published: string[] = [];
    for (const child of folder.folders) {
      if (child.staged !== null) {
        published.push(await this.#publishFolder(child, child.staged, staged, target));
      }
    }
    await eachBounded(folder.files, MAXIMUM_CONCURRENT, async (file) => {
      published.push(await this.#publishFile(file, staged, target));
    });
    return published;
  }

  /** `above` is the folder that contains `staged`, the folder to be published. */
  async #publishFolder(
    folder: TreeFolder,
    staged: Anchor,
    above: Anchor,
    target: Target,
  ): Promise<string> {
    const { disk } = this.options;
    let part = folder.part;
    while (true) {
      await above.check();
      await staged.check();
      await target.anchor.check();
      const path = join(target.anchor.path, part);
      const found = await disk.status(path);
      if (found === null) {
        if (await this.#moveFolder(folder, staged, above, path, target)) break;
      } else if (found.kind === "folder" && !this.#isSeparate(target)) {
        const existing = await target.anchor.child(part);
        await this.#publishContent(folder, existing, below(target.name, part));
        break;
      } else {
        part = await target.siblings.choose(folder.part, "folder");
      }
    }
    if (part !== folder.part) this.#reportRenamed(folder.source, part, target);
    return part;
  }

  /** Gives a staged folder, or its copy on another volume, its name. False if the name is taken. */
  async #moveFolder(
    folder: TreeFolder,
    staged: Anchor,
    above: Anchor,
    path: string,
    target: Target,
  ): Promise<boolean> {
    const { disk } = this.options;
    const move = async (from: Anchor, within: FileIdentity): Promise<boolean> => {
      if (!await disk.rename(from.path, path, within)) return false;
      if (!from.isSameFolder(await disk.status(path))) throw new PliError("destination_changed", { path });
      return true;
    };
    return await orAcross(() => move(staged, above.status), async () => {
      const restaging = await this.#restagingIn(target);
      return await move(await restaging.tree(folder, staged), restaging.folder.status);
    });
  }

  /** Gives a staged file, or its copy on another volume, its name. False if the name is taken. */
  async #moveFile(file: TreeFile, staged: Anchor, to: string, target: Target): Promise<boolean> {
    const move = async (from: string, whole: FileIdentity | null, within: FileIdentity): Promise<boolean> => {
      if (!await this.#place(from, to, within)) return false;
      await this.#checkPublished(whole, from, to);
      return true;
    };
    const from = join(staged.path, file.stagedPart);
    return await orAcross(() => move(from, file.whole, staged.status), async () => {
      const restaging = await this.#restagingIn(target);
      const { path, copy } = await restaging.file(file, staged);
      return await move(path, copy, restaging.folder.status);
    });
  }

  #restagingIn({ anchor }: Target): Promise<Restaging> {
    const known = this.#restagings.get(anchor.path);
    if (known !== undefined) return known;
    // A volume with a device of its own was reported before. A folder that is mounted twice has the device of its
    // volume.
    if (anchor.status.device === this.#device) {
      this.options.onEvent({ type: "volume_crossed", path: anchor.path });
    }
    const making = Restaging.make(this.options, anchor);
    this.#restagings.set(anchor.path, making);
    return making;
  }

  async #removeCopies(): Promise<void> {
    const made = (await Promise.allSettled(this.#restagings.values())).flatMap((each) =>
      each.status === "fulfilled" ? [each.value] : []
    );
    await allSettled(made.map((restaging) => restaging.remove()));
  }

  async #publishFile(file: TreeFile, staged: Anchor, target: Target): Promise<string> {
    let part = file.part;
    while (true) {
      await staged.check();
      await target.anchor.check();
      if (await this.#moveFile(file, staged, join(target.anchor.path, part), target)) break;
      part = await target.siblings.choose(file.part, "file");
    }
    if (part !== file.part) this.#reportRenamed(this.options.files.at(file.index)!.name, part, target);
    return part;
  }

  /**
   * Checks that the published file is the verified one, because the path of the staging folder may have led elsewhere
   * for a moment. Otherwise removes the published name and throws `destination_changed`.
   */
  async #checkPublished(whole: FileIdentity | null, from: string, to: string): Promise<void> {
    const { disk } = this.options;
    const found = await disk.status(to);
    if (whole !== null && found?.kind === "file" && isSameFile(found, whole)) return;
    const linked = found === null ? null : await disk.status(from);
    if (found !== null && linked !== null && isSameFile(found, linked)) await disk.remove(to);
    throw new PliError("destination_changed", { path: to });
  }

  /** False if the name is taken and must not be replaced. `within` is the folder of `from`. */
  async #place(from: string, to: string, within: FileIdentity): Promise<boolean> {
    const { disk, existing } = this.options;
    if (existing === "overwrite") {
      const found = await disk.status(to);
      if (found?.kind === "folder" || found?.kind === "other") return false;
      return await disk.rename(from, to, within);
    }
    if (this.#hasLinks) {
      const linked = await disk.link(from, to, within);
      if (linked !== null) return linked;
      this.#hasLinks = false;
    }
    return await this.#claim(from, to, within);
  }

  /** Claims a free name by an empty file, and replaces that with the complete one. */
  async #claim(from: string, to: string, within: FileIdentity): Promise<boolean> {
    const { disk } = this.options;
    const claim = await disk.open(to, "create");
    if (claim === null) return false;
    const claimStatus = await claim.status().finally(() => claim.close());
    const isStillClaim = async (): Promise<boolean> => {
      const found = await disk.status(to);
      return found !== null && found.sizeBytes === 0 && isSameFile(found, claimStatus);
    };
    if (!await isStillClaim()) return false;
    try {
      return await disk.rename(from, to, within);
    } catch (error) {
      if (await isStillClaim()) await disk.remove(to);
      throw error;
    }
  }

  /** Whether existing folders are not merged into. */
  #isSeparate(target: Target): boolean {
    return target.name === "" && this.options.existing === "rename";
  }

  #reportRenamed(from: string, part: string, target: Target): void {
    this.options.onEvent({ type: "renamed", from, to: below(target.name, part), reason: "exists" });
  }
}

/** The result of `step`; if its target is on another volume, that of `across`. */
async function orAcross<T>(step: () => Promise<T>, across: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!isPliError(error, "disk_other_volume")) throw error;
  }
  return await across();
}

/** The staging folders of a tree, each after those in it. */
function stagedPaths(root: TreeFolder): string[] {
  return listFolders(root).flatMap(({ staged }) => staged === null ? [] : [staged.path]).reverse();
}
