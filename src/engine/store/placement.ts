// Decides, before the first byte arrives, where each file of a collection will be: which files exist already, which
// are kept, and which names are taken and get a number. Nothing is created here. Names that are taken later are
// handled by publishing.

import type { Listed } from "../listed.ts";
import { join } from "../paths.ts";
import { throwIfAborted } from "../abort.ts";
import type { OnEvent } from "../events.ts";
import type { ExistingPolicy } from "../options.ts";
import type { Disk, FileStatus } from "../ports.ts";
import { batches, eachBounded } from "./bounded.ts";
import { type TreeFile, type TreeFolder } from "./file_tree.ts";
import { below } from "./names.ts";
import { outcomeOf } from "./outcome.ts";
import { SiblingNames } from "./sibling_names.ts";
import { nameKey, type Volume } from "./volume.ts";

/** What is known of a file before it arrives. */
export interface IncomingFile {
  /** Its name in the collection. */
  name: string;
  sizeBytes: number;
  hash: Uint8Array;
}

/** Whether an existing file has the content of a file of the same size in the collection. */
export type SameContent = (path: string, file: IncomingFile, signal?: AbortSignal) => Promise<boolean>;

export interface PlacementOptions {
  disk: Disk;
  volume: Volume;
  existing: ExistingPolicy;
  /** A part that no name at the top may have: that of the staging folder. */
  reserved: string;
  sameContent: SameContent;
  onEvent: OnEvent;
  signal?: AbortSignal;
}

/** Number of existing files that are compared concurrently. */
const MAXIMUM_COMPARISONS = 8;
/** Names in one disk query. */
const QUERY_NAMES = 256;

/** The decision about a file whose name is taken. */
type Verdict = "replace" | "taken" | "already_there" | "kept_existing";

/** A planned file or folder, and the existing one with its name. */
interface Taken<T> {
  item: T;
  path: string;
  found: FileStatus;
}

/** The result of placing, besides the names. */
export interface Placement {
  /** The names below the destination of files that will be replaced. */
  overwritten: string[];
  /** Whether a file is left out whose content does not exist in the destination. */
  isPart: boolean;
}

/**
 * Gives every folder and file of the tree its final part below the folder at `destination`, and removes the files that
 * are not downloaded. Emits `renamed` and `skipped`. Throws `cancelled`, `disk_*`.
 */
export async function place(
  root: TreeFolder,
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

/** An existing folder in the destination, and what is planned in it. Other folders need no decisions. */
class MergedFolder {
  readonly #siblings: SiblingNames;

  constructor(
    readonly folder: TreeFolder,
    readonly path: string,
    /** Its name below the destination; "" is the destination itself. */
    readonly name: string,
    readonly files: Listed<IncomingFile>,
    readonly options: PlacementOptions,
  ) {
    this.#siblings = new SiblingNames(options.disk, options.volume, path, folder);
  }

  /** Names its folders. Returns those that exist and are merged into. */
  async placeFolders(): Promise<MergedFolder[]> {
    const merged: MergedFolder[] = [];
    for (const { item: child, path, found } of await this.#findTaken(this.folder.folders)) {
      throwIfAborted(this.options.signal);
      if (found.kind === "folder" && !this.#isReserved(child.part) && !this.#isSeparate()) {
        merged.push(
          new MergedFolder(child, path, below(this.name, child.part), this.files, this.options),
        );
      } else {
        child.part = await this.#siblings.choose(child.part, "folder");
        this.#reportRenamed(child.source, child.part);
      }
    }
    return merged;
  }

  /** Names its files, keeps those that are downloaded, and adds the results to the placement. */
  async placeFiles(placement: Placement): Promise<void> {
    const verdicts = new Map<TreeFile, Verdict>();
    await eachBounded(
      await this.#findTaken(this.folder.files),
      MAXIMUM_COMPARISONS,
      async ({ item, path, found }) => {
        throwIfAborted(this.options.signal);
        verdicts.set(item, await this.#judge(item, path, found));
      },
    );
    // Numbers are assigned sequentially, so that equal cases get equal names.
    const coming: TreeFile[] = [];
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
        this.#reportRenamed(source, file.part);
      }
      coming.push(file);
    }
    this.folder.files = coming;
  }

  /** The planned files or folders whose names are taken, with the existing ones. */
  async #findTaken<T extends { part: string }>(items: readonly T[]): Promise<Taken<T>[]> {
    const taken: Taken<T>[] = [];
    for (const batch of batches(items, QUERY_NAMES)) {
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

  async #judge(file: TreeFile, path: string, found: FileStatus): Promise<Verdict> {
    const { existing, sameContent, signal } = this.options;
    const incoming = this.files.at(file.index)!;
    if (this.#isReserved(file.part)) return "taken";
    if (existing === "rename") return "taken";
    if (existing === "skip") return "kept_existing";
    const isSame = found.kind === "file" && found.sizeBytes === incoming.sizeBytes &&
      await sameContent(path, incoming, signal);
    if (isSame) return "already_there";
    const isReplaced = existing === "overwrite" && (found.kind === "file" || found.kind === "symlink");
    return isReplaced ? "replace" : "taken";
  }

  #isReserved(part: string): boolean {
    const { reserved, volume } = this.options;
    return this.name === "" && nameKey(part, volume) === nameKey(reserved, volume);
  }

  /** Whether existing folders are not merged into. */
  #isSeparate(): boolean {
    return this.name === "" && this.options.existing === "rename";
  }

  #reportRenamed(from: string, part: string): void {
    this.options.onEvent({ type: "renamed", from, to: below(this.name, part), reason: "exists" });
  }
}
