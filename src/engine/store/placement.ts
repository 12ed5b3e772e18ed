// Where each file of a collection will be, decided before the first byte comes: what is there already, what
// is kept, and which names are taken, so that they get a number. Nothing is made here. What appears in the
// destination later is dealt with when publishing.

import type { Listed } from "../listed.ts";
import { join } from "node:path";
import { throwIfAborted } from "../abort.ts";
import type { OnEvent } from "../events.ts";
import type { ExistingPolicy } from "../options.ts";
import type { Disk, FileStatus } from "../ports.ts";
import { batches, eachBounded } from "./bounded.ts";
import { type LandingFile, type LandingFolder } from "./landing_tree.ts";
import { below } from "./names.ts";
import { outcomeOf } from "./outcome.ts";
import { SiblingNames } from "./sibling_names.ts";
import { nameKey, type Volume } from "./volume.ts";

/** What is known of a file before it comes. */
export interface IncomingFile {
  /** Its name in the collection. */
  name: string;
  sizeBytes: number;
  hash: Uint8Array;
}

/** Whether the file at a path has the content of one that is to come; their sizes are the same. */
export type SameContent = (path: string, file: IncomingFile, signal?: AbortSignal) => Promise<boolean>;

export interface PlacementOptions {
  disk: Disk;
  volume: Volume;
  existing: ExistingPolicy;
  /** A part that nothing at the top may have: the staging folder's. */
  reserved: string;
  sameContent: SameContent;
  onEvent: OnEvent;
  signal?: AbortSignal;
}

/** How many existing files are compared together. */
const TOGETHER = 8;
/** How many names are looked for together. */
const LOOKED_AT_TOGETHER = 256;

/** Why a file whose name is taken comes, under which name, or does not. */
type Verdict = "replace" | "taken" | "already_there" | "kept_existing";

/** A file or folder to come, and what has its name. */
interface Taken<T> {
  item: T;
  path: string;
  found: FileStatus;
}

/** What placing has found out, besides the names. */
export interface Placement {
  /** The names below the destination of files that will be replaced. */
  overwritten: string[];
  /** Whether a file is left out whose content is not there. */
  isPart: boolean;
}

/**
 * Gives every folder and file of the tree its final part below the folder at `destination`, and takes the
 * files out of it that need not come. Emits `renamed` and `skipped`. Throws `cancelled`, `disk_*`.
 */
export async function place(
  root: LandingFolder,
  destination: string,
  files: Listed<IncomingFile>,
  options: PlacementOptions,
): Promise<Placement> {
  const placement: Placement = { overwritten: [], isPart: false };
  const merged = [new MergedFolder(root, destination, "", files, options)];
  for (let next = merged.pop(); next !== undefined; next = merged.pop()) {
    for (const child of await next.placeFolders()) merged.push(child);
    await next.placeFiles(placement);
  }
  return placement;
}

/** A folder that exists in the destination, and what comes into it. Other folders need no decisions. */
class MergedFolder {
  readonly #siblings: SiblingNames;

  constructor(
    readonly folder: LandingFolder,
    readonly path: string,
    /** Its name below the destination; "" is the destination itself. */
    readonly name: string,
    readonly files: Listed<IncomingFile>,
    readonly options: PlacementOptions,
  ) {
    this.#siblings = new SiblingNames(options.disk, options.volume, path, folder);
  }

  /** Names the folders in it. Returns those that exist and are merged into. */
  async placeFolders(): Promise<MergedFolder[]> {
    const merged: MergedFolder[] = [];
    for (const { item: child, path, found } of await this.#look(this.folder.folders)) {
      throwIfAborted(this.options.signal);
      if (found.kind === "folder" && !this.#isReserved(child.part) && !this.#keepsApart()) {
        merged.push(
          new MergedFolder(child, path, below(this.name, child.part), this.files, this.options),
        );
      } else {
        child.part = await this.#siblings.choose(child.part, "folder");
        this.#tellRenamed(child.source, child.part);
      }
    }
    return merged;
  }

  /** Names the files in it, and leaves those that are to come. Adds what it finds to the placement. */
  async placeFiles(placement: Placement): Promise<void> {
    const verdicts = new Map<LandingFile, Verdict>();
    await eachBounded(await this.#look(this.folder.files), TOGETHER, async ({ item, path, found }) => {
      throwIfAborted(this.options.signal);
      verdicts.set(item, await this.#judge(item, path, found));
    });
    // Numbers are given one after the other, so that the same case always gets the same names.
    const coming: LandingFile[] = [];
    for (const file of this.folder.files) {
      const verdict = verdicts.get(file);
      const source = this.files.at(file.index)!.name;
      if (verdict === "already_there" || verdict === "kept_existing") {
        this.options.onEvent({ type: "skipped", name: source, reason: verdict });
        placement.isPart ||= verdict === "kept_existing";
        continue;
      }
      if (verdict === "replace") placement.overwritten.push(below(this.name, file.part));
      if (verdict === "taken") {
        file.part = await this.#siblings.choose(file.part, "file");
        this.#tellRenamed(source, file.part);
      }
      coming.push(file);
    }
    this.folder.files = coming;
  }

  /** Those of the files or folders to come here whose names are taken, and by what. */
  async #look<T extends { part: string }>(items: readonly T[]): Promise<Taken<T>[]> {
    const taken: Taken<T>[] = [];
    for (const batch of batches(items, LOOKED_AT_TOGETHER)) {
      throwIfAborted(this.options.signal);
      const paths = batch.map(({ part }) => join(this.path, part));
      const outcomes = await this.options.disk.statuses(paths);
      batch.forEach((item, at) => {
        const found = outcomeOf(outcomes[at]);
        if (found !== null) taken.push({ item, path: paths[at], found });
      });
    }
    return taken;
  }

  async #judge(landing: LandingFile, path: string, found: FileStatus): Promise<Verdict> {
    const { existing, sameContent, signal } = this.options;
    const file = this.files.at(landing.index)!;
    if (this.#isReserved(landing.part)) return "taken";
    if (existing === "rename") return "taken";
    if (existing === "skip") return "kept_existing";
    const isSame = found.kind === "file" && found.sizeBytes === file.sizeBytes &&
      await sameContent(path, file, signal);
    if (isSame) return "already_there";
    const isReplaced = existing === "overwrite" && (found.kind === "file" || found.kind === "symlink");
    return isReplaced ? "replace" : "taken";
  }

  #isReserved(part: string): boolean {
    const { reserved, volume } = this.options;
    return this.name === "" && nameKey(part, volume) === nameKey(reserved, volume);
  }

  /** Whether existing folders are not merged into. */
  #keepsApart(): boolean {
    return this.name === "" && this.options.existing === "rename";
  }

  #tellRenamed(from: string, part: string): void {
    this.options.onEvent({ type: "renamed", from, to: below(this.name, part) });
  }
}
