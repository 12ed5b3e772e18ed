// From the staging folder to the final names, without a copy. A new folder appears whole, by one rename.
// A file appears by a link, which the file system refuses when the name is taken; where there are no links,
// the name is claimed with an empty file first. Nothing is replaced unless that is the policy, whatever
// others make in the destination meanwhile.

import type { Listed } from "../listed.ts";
import { join } from "node:path";
import type { OnEvent } from "../events.ts";
import type { ExistingPolicy } from "../options.ts";
import type { Disk } from "../ports.ts";
import { type Anchor, isSameFile } from "./anchor.ts";
import { eachBounded } from "./bounded.ts";
import { type LandingFile, type LandingFolder, listFolders } from "./landing_tree.ts";
import { below } from "./names.ts";
import type { IncomingFile } from "./placement.ts";
import { SiblingNames } from "./sibling_names.ts";
import type { Volume } from "./volume.ts";

/** Files that are published, or folders that are flushed, together. */
const TOGETHER = 8;

export interface PublisherOptions {
  disk: Disk;
  volume: Volume;
  existing: ExistingPolicy;
  files: Listed<IncomingFile>;
  onEvent: OnEvent;
  /** Whether all that is staged, folders too, has been flushed to the device. */
  isFlushed: boolean;
}

/** Where a folder's content goes: a folder that exists, with its name below the destination. */
interface Target {
  anchor: Anchor;
  name: string;
  siblings: SiblingNames;
}

export class Publisher {
  #hasLinks = true;
  readonly #touched: string[] = [];

  constructor(readonly options: PublisherOptions) {}

  /**
   * Publishes all that is staged of a tree into the destination, and flushes the folders that changed.
   * Returns the parts at the top that something was published under. Throws `destination_not_folder` when a
   * folder was swapped meanwhile, `disk_*`; what has been published until then stays.
   */
  async publish(root: LandingFolder, destination: Anchor): Promise<string[]> {
    // What a rename makes visible must not come back empty after a power cut.
    const unflushed = this.options.isFlushed ? [] : stagedPaths(root);
    await eachBounded(unflushed, TOGETHER, (path) => this.options.disk.syncFolder(path));
    const published = await this.#publishContent(root, destination, "");
    await eachBounded(this.#touched, TOGETHER, (path) => this.options.disk.syncFolder(path));
    return published;
  }

  /** Returns the parts in this folder that something was published under. */
  async #publishContent(folder: LandingFolder, anchor: Anchor, name: string): Promise<string[]> {
    const { staged } = folder;
    if (staged === null) return [];
    const { disk, volume } = this.options;
    const target = { anchor, name, siblings: new SiblingNames(disk, volume, anchor.path, folder) };
    this.#touched.push(anchor.path);
    const published: string[] = [];
    for (const child of folder.folders) {
      if (child.staged !== null) published.push(await this.#publishFolder(child, child.staged, target));
    }
    await eachBounded(folder.files, TOGETHER, async (file) => {
      published.push(await this.#publishFile(file, staged, target));
    });
    return published;
  }

  async #publishFolder(folder: LandingFolder, staged: Anchor, target: Target): Promise<string> {
    const { disk } = this.options;
    let part = folder.part;
    while (true) {
      await staged.check();
      await target.anchor.check();
      const path = join(target.anchor.path, part);
      const found = await disk.status(path);
      if (found === null) {
        if (await disk.rename(staged.path, path)) break;
      } else if (found.kind === "folder" && !this.#keepsApart(target)) {
        const existing = await target.anchor.child(part);
        await this.#publishContent(folder, existing, below(target.name, part));
        break;
      } else {
        part = await target.siblings.choose(folder.part, "folder");
      }
    }
    if (part !== folder.part) this.#tellRenamed(folder.source, part, target);
    return part;
  }

  async #publishFile(file: LandingFile, staged: Anchor, target: Target): Promise<string> {
    let part = file.part;
    while (true) {
      await staged.check();
      await target.anchor.check();
      if (await this.#place(join(staged.path, file.stagedPart), join(target.anchor.path, part))) break;
      part = await target.siblings.choose(file.part, "file");
    }
    if (part !== file.part) this.#tellRenamed(this.options.files.at(file.index)!.name, part, target);
    return part;
  }

  /** False when the name is taken and stays so. */
  async #place(from: string, to: string): Promise<boolean> {
    const { disk, existing } = this.options;
    if (existing === "overwrite") {
      const found = await disk.status(to);
      if (found?.kind === "folder" || found?.kind === "other") return false;
      return await disk.rename(from, to);
    }
    if (this.#hasLinks) {
      const linked = await disk.link(from, to);
      if (linked !== null) return linked;
      this.#hasLinks = false;
    }
    return await this.#claim(from, to);
  }

  /** Takes a free name by an empty file, and puts the whole one in its place. */
  async #claim(from: string, to: string): Promise<boolean> {
    const { disk } = this.options;
    const claim = await disk.open(to, "create");
    if (claim === null) return false;
    const ours = await claim.status().finally(() => claim.close());
    const isOurs = async (): Promise<boolean> => {
      const found = await disk.status(to);
      return found !== null && found.sizeBytes === 0 && isSameFile(found, ours);
    };
    if (!await isOurs()) return false;
    try {
      return await disk.rename(from, to);
    } catch (error) {
      if (await isOurs()) await disk.remove(to);
      throw error;
    }
  }

  /** Whether existing folders are not merged into. */
  #keepsApart(target: Target): boolean {
    return target.name === "" && this.options.existing === "rename";
  }

  #tellRenamed(from: string, part: string, target: Target): void {
    this.options.onEvent({ type: "renamed", from, to: below(target.name, part) });
  }
}

/** The staging folders of a tree, each after those in it. */
function stagedPaths(root: LandingFolder): string[] {
  return listFolders(root).flatMap(({ staged }) => staged === null ? [] : [staged.path]).reverse();
}
