// Receiving into a folder: the files of a collection land in a staging folder on the destination's own
// volume and appear under their names when all are whole. Only bytes that the caller has verified are to be
// given to it. It creates nothing outside of its folder, replaces nothing unless told, and copies nothing. What
// was not published stays in the staging folder, and is taken up by the next landing of the same collection.

import type { Listed } from "../listed.ts";
import { throwIfAborted } from "../abort.ts";
import type { BlockPair } from "../bao/block_proofs.ts";
import { BLOCK_BYTES } from "../bao/geometry.ts";
import { PliError } from "../errors.ts";
import type { OnEvent } from "../events.ts";
import type { ExistingPolicy } from "../options.ts";
import type { Disk, FileStatus, Hasher } from "../ports.ts";
import { Anchor } from "./anchor.ts";
import { fileKeyOf, Journal } from "./journal.ts";
import { buildTree, type LandingFile, type LandingFolder, listFolders } from "./landing_tree.ts";
import { localNames } from "./local_names.ts";
import { checkNames } from "./names.ts";
import { PartFile } from "./part_file.ts";
import { PartFiles } from "./part_files.ts";
import { type Piece, wholePiece } from "./pieces.ts";
import { type IncomingFile, place, type Placement, type SameContent } from "./placement.ts";
import { Publisher } from "./publish.ts";
import { stageFolder } from "./staged_folders.ts";
import { makeDestination, Staging, unmakeDestination } from "./staging.ts";
import { stagingName } from "../staging_name.ts";
import { surveyStaged } from "./survey.ts";
import { probeVolume, type Volume } from "./volume.ts";
import { WholeFiles } from "./whole_files.ts";

export interface LandingOptions {
  disk: Disk;
  /** The absolute path of the destination. It may be a symlink to a folder. */
  folder: string;
  rootHash: Uint8Array;
  existing: ExistingPolicy;
  sameContent: SameContent;
  hasher: Hasher;
  onEvent: OnEvent;
  signal?: AbortSignal;
}

/** A file to come, and the folder that it comes into. */
interface Expected {
  folder: LandingFolder;
  file: LandingFile;
  sizeBytes: number;
  /** What an earlier run has made of it. */
  begun: FileStatus | null;
}

/** What `plan` tells: the indexes of the files that are to come, ascending, and what placing them has found out. */
export interface LandingPlan extends Placement {
  wanted: readonly number[];
}

/** What is decided about a collection: made by `plan`. */
interface Plan {
  volume: Volume;
  files: Listed<IncomingFile>;
  root: LandingFolder;
  /** The files that are to come and not finished yet, by index. */
  expected: Map<number, Expected>;
}

export class Landing {
  readonly #parts: PartFiles;
  readonly #whole: WholeFiles;
  readonly #journal: Journal;
  #plan: Plan | null = null;
  #wanted: readonly number[] = [];
  #isOver = false;
  /** Folders that were made for the destination, and go with it when nothing is published. */
  #made: readonly string[];

  private constructor(
    readonly options: LandingOptions,
    readonly destination: Anchor,
    readonly staging: Staging,
    made: readonly string[],
  ) {
    this.#made = made;
    this.#parts = new PartFiles((index) => this.#makePart(index));
    this.#whole = new WholeFiles(options.disk, staging.folder.path);
    this.#journal = new Journal(options.disk, staging.folder, options.rootHash);
  }

  /**
   * Makes the folder if it is missing and the staging folder `.pli-<first 16 hex digits of the hash>` in it.
   * Throws `destination_busy` when that is in use,
   * `destination_not_folder`, `disk_*`, `cancelled`.
   */
  static async open(options: LandingOptions): Promise<Landing> {
    throwIfAborted(options.signal);
    const { disk, rootHash } = options;
    const { path, made } = await makeDestination(disk, options.folder);
    const destination = await Anchor.at(disk, path);
    return new Landing(options, destination, await Staging.take(disk, path, rootHash), made);
  }

  /**
   * Decides for every file whether it is to come and what it will be called, and emits `renamed` and
   * `skipped`. To be called once. Throws `name_refused`, `disk_*`, `cancelled`; nothing of the collection has
   * been made then.
   */
  async plan(files: Listed<IncomingFile>): Promise<LandingPlan> {
    const { disk, onEvent, rootHash } = this.options;
    const sources = Array.from(files, ({ name }) => name);
    checkNames(sources);
    throwIfAborted(this.options.signal);
    const volume = await probeVolume(disk, this.staging.folder.path);
    const { names, renamed } = localNames(sources, volume);
    for (const renaming of renamed) onEvent({ type: "renamed", ...renaming });
    const root = buildTree(sources, names);
    root.staged = this.staging.files;
    const reserved = stagingName(rootHash);
    const placement = await place(root, this.destination.path, files, { ...this.options, volume, reserved });
    this.#plan = { volume, files, root, expected: listExpected(root, files) };
    this.#wanted = [...this.#plan.expected.keys()].sort((a, b) => a - b);
    return { ...placement, wanted: this.#wanted };
  }

  /**
   * Finds out what an earlier run has left of the files that are to come, every block hashed again, and takes it
   * up. Returns what is missing, by rising index. To be called once, after `plan`. Throws `disk_*`,
   * `destination_not_folder`, `cancelled`.
   */
  async resume(onChecked: (bytes: number) => void = () => {}): Promise<Piece[]> {
    const { disk, hasher, signal } = this.options;
    const { files, root, expected } = this.#planned();
    const pairs = await this.#journal.load();
    const staged = await surveyStaged(root, { disk, hasher, files, pairs, onChecked, signal });
    const missing = new Map<number, readonly Piece[]>();
    for (const { folder, file, status, missing: pieces } of staged) {
      missing.set(file.index, pieces);
      if (pieces.length > 0 || files.at(file.index)!.sizeBytes > BLOCK_BYTES) {
        expected.get(file.index)!.begun = status;
        if (pieces.length === 0) await this.finish(file.index);
      } else {
        this.#whole.adopt(folder, file, status);
        expected.delete(file.index);
      }
    }
    return this.#wanted.flatMap((index) => missing.get(index) ?? [wholePiece(index, files.at(index)!)]);
  }

  /** How much room there is on its volume; null where that cannot be told. */
  freeBytes(): Promise<number | null> {
    return this.options.disk.freeBytes(this.staging.folder.path);
  }

  /** Notes a verified pair above blocks of a file, by which a later run can tell what is right of it. */
  prove(index: number, pair: BlockPair): void {
    this.#journal.note(fileKeyOf(this.#planned().files.at(index)!.hash), pair);
  }

  /**
   * Takes verified bytes of one file, from any number of callers at a time. `bytes` must not change until
   * this resolves. Throws `disk_*`, and `destination_not_folder` or `destination_busy` when somebody changed
   * the staging folder.
   */
  async write(index: number, offsetBytes: number, bytes: Uint8Array): Promise<void> {
    this.#throwIfOver();
    await this.#parts.write(index, offsetBytes, bytes);
  }

  /**
   * Takes small files of which all bytes are verified, 64 to 256 of them at a time, and finishes them. The
   * bytes must not change until this resolves. Throws as `write` does; none of the files is finished then.
   */
  async writeWhole(files: readonly { index: number; bytes: Uint8Array }[]): Promise<void> {
    this.#throwIfOver();
    await this.#whole.write(files.map(({ index, bytes }) => {
      const { folder, file, sizeBytes } = this.#expected(index);
      if (bytes.length !== sizeBytes) throw new PliError("internal", { what: "not all bytes of a file" });
      return { folder, file, bytes };
    }));
    for (const { index } of files) this.#plan?.expected.delete(index);
  }

  /**
   * All bytes of a file have been written (of an empty file, none). It is completed and flushed in the
   * background, before `publish` shows any name: an error may be thrown by a later call.
   */
  async finish(index: number): Promise<void> {
    this.#throwIfOver();
    await this.#parts.finish(index);
    this.#plan?.expected.delete(index);
  }

  /**
   * Publishes the finished files under their final names and removes the staging folder. Emits `renamed` for
   * names that were taken meanwhile. Returns the names at the top of the destination that something was
   * published under, sorted. Throws `disk_*`, `destination_not_folder`; what was published stays then, and
   * `abandon` is still to be called.
   */
  async publish(): Promise<string[]> {
    this.#throwIfOver();
    const { disk, existing, onEvent } = this.options;
    const { volume, files, root, expected } = this.#planned();
    if (expected.size > 0) throw new PliError("internal", { what: "publishing before all is there" });
    await this.#parts.settle();
    const isFlushed = await this.#whole.settle();
    const publisher = new Publisher({ disk, existing, onEvent, volume, files, isFlushed });
    const published = await publisher.publish(root, this.destination);
    this.#isOver = true;
    await this.#journal.close();
    await this.staging.remove();
    this.#made = [];
    return published.sort();
  }

  /**
   * Ends it before `publish`: nothing is under way any more when it resolves. What has come stays for the next
   * landing; where that is nothing, what was made for it is removed. Does nothing after `publish`.
   */
  async abandon(): Promise<void> {
    this.#isOver = true;
    const made = this.#made;
    this.#made = [];
    try {
      await this.#whole.rest();
      await this.#parts.discard();
      await this.#journal.close();
    } finally {
      await this.staging.release();
    }
    await unmakeDestination(this.options.disk, made);
  }

  #throwIfOver(): void {
    if (this.#isOver) throw new PliError("cancelled", {});
  }

  #planned(): Plan {
    if (this.#plan === null) throw new PliError("internal", { what: "landing without a plan" });
    return this.#plan;
  }

  #expected(index: number): Expected {
    const expected = this.#plan?.expected.get(index);
    if (expected === undefined) {
      throw new PliError("internal", { what: "bytes of a file that is not expected" });
    }
    return expected;
  }

  #makePart(index: number): PartFile {
    const { disk } = this.options;
    const { folder, file, sizeBytes, begun } = this.#expected(index);
    return new PartFile(disk, () => stageFolder(disk, folder), file.stagedPart, sizeBytes, begun);
  }
}

function listExpected(root: LandingFolder, files: Listed<IncomingFile>): Map<number, Expected> {
  const expected = new Map<number, Expected>();
  for (const folder of listFolders(root)) {
    for (const file of folder.files) {
      const { sizeBytes } = files.at(file.index)!;
      expected.set(file.index, { folder, file, sizeBytes, begun: null });
    }
  }
  return expected;
}
