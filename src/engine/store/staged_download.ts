// A download into a folder: the files of a collection are written into a staging folder on the destination's volume,
// and published under their names when all are complete. Callers pass only verified bytes. It creates nothing outside
// of its folder, replaces nothing without a request, and copies nothing. What was not published stays in the staging
// folder for the next download of the same collection.

import type { Listed } from "../listed.ts";
import { throwIfAborted } from "../abort.ts";
import { eachInTurn } from "../settled.ts";
import type { BlockPair } from "../bao/block_proofs.ts";
import { BLOCK_BYTES } from "../bao/geometry.ts";
import { isPliError, PliError } from "../errors.ts";
import type { OnEvent } from "../events.ts";
import type { ExistingPolicy } from "../options.ts";
import type { Disk, Hasher, VolumeRoom } from "../ports.ts";
import { Turns } from "../turns.ts";
import { Anchor } from "./anchor.ts";
import { fileKeyOf, Journal } from "./journal.ts";
import { restoreLost, setLostAside } from "./lost_files.ts";
import { type DownloadPlan, planDownload, type PlannedTree } from "./download_plan.ts";
import { type Expected, listingMissing } from "./expected_files.ts";
import { PartFile } from "./part_file.ts";
import { PartFiles } from "./part_files.ts";
import { type Piece, wholePiece } from "./pieces.ts";
import type { IncomingFile, SameContent } from "./placement.ts";
import { Publisher } from "./publish.ts";
import { folderError, movedError } from "./shown_path.ts";
import { stageFolder } from "./staged_folders.ts";
import { makeDestination, removeDestination, Staging } from "./staging.ts";
import { checkStaged } from "./staged_check.ts";
import { WholeFiles } from "./whole_files.ts";

export interface StagedDownloadOptions {
  disk: Disk;
  /** The absolute path of the destination. It may be a symlink to a folder. */
  folder: string;
  rootHash: Uint8Array;
  /** Name of a new staging folder; random if undefined. */
  stagingName?: string;
  existing: ExistingPolicy;
  sameContent: SameContent;
  hasher: Hasher;
  onEvent: OnEvent;
  signal?: AbortSignal;
}

export class StagedDownload {
  readonly #parts: PartFiles;
  readonly #whole: WholeFiles;
  readonly #journal: Journal;
  #tree: PlannedTree | null = null;
  #indices: readonly number[] = [];
  #isOver = false;
  /** Folders that were created for the destination. They are removed if nothing is published. */
  #made: readonly string[];

  private constructor(
    readonly options: StagedDownloadOptions,
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
   * Creates the folder if it is missing, and the staging folder in it unless an earlier run left one. Throws
   * `destination_busy` when that is in use, `destination_not_folder`, `disk_*`, `cancelled`.
   */
  static async open(options: StagedDownloadOptions): Promise<StagedDownload> {
    throwIfAborted(options.signal);
    const { disk, rootHash, onEvent, stagingName: newName } = options;
    const { path, made } = await makeDestination(disk, options.folder);
    try {
      const destination = await Anchor.at(disk, path);
      const staging = await Staging.take({ disk, destination: path, rootHash, newName, onEvent });
      return new StagedDownload(options, destination, staging, made);
    } catch (error) {
      await removeDestination(disk, made).catch(() => undefined);
      throw error;
    }
  }

  /** Plans as `planDownload` does. Must be called once. */
  async plan(files: Listed<IncomingFile>, name: string | null = null): Promise<DownloadPlan> {
    const { staging, destination } = this;
    const { tree, plan } = await planDownload(files, name, { ...this.options, staging, destination });
    this.#tree = tree;
    this.#indices = plan.indices;
    return plan;
  }

  /**
   * Verifies and reuses what an earlier run left of the planned files. Returns the missing pieces, by ascending index.
   * Must be called once, after `plan`. Throws `disk_*`, `destination_not_folder`, `cancelled`.
   */
  async resume(onChecked: (bytes: number) => void = () => {}): Promise<Piece[]> {
    const { disk, hasher, signal } = this.options;
    const { files, root, expected } = this.#planned();
    const pairs = await this.#journal.load();
    const staged = await checkStaged(root, { disk, hasher, files, pairs, onChecked, signal });
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
    return this.#indices.flatMap((index) => missing.get(index) ?? [wholePiece(index, files.at(index)!)]);
  }

  /** The free room of its volume; null if it is unknown. */
  room(): Promise<VolumeRoom | null> {
    return this.options.disk.room(this.staging.folder.path);
  }

  /** Number of folders that the staging folder still lacks for the planned files. */
  async missingFolders(): Promise<number> {
    const turns = new Turns(this.options.signal);
    return (await turns.run(listingMissing(this.#planned().expected.values()))).size;
  }

  /** Notes a verified hash pair above blocks of a file, with which a later run verifies parts of it. */
  prove(index: number, pair: BlockPair): void {
    this.#journal.note(fileKeyOf(this.#planned().files.at(index)!.hash), pair);
  }

  /**
   * Writes verified bytes of one file. Concurrent calls are permitted. `bytes` must not change until this resolves.
   * Throws `disk_*`, and `destination_not_folder` or `destination_busy` when the staging folder was changed meanwhile.
   */
  async write(index: number, offsetBytes: number, bytes: Uint8Array): Promise<void> {
    this.#throwIfOver();
    await this.#parts.write(index, offsetBytes, bytes);
  }

  /**
   * Writes 64 to 256 verified small files and finishes them. The bytes must not change until this resolves. Throws as
   * `write` does; none of the files is finished then.
   */
  async writeWhole(files: readonly { index: number; bytes: Uint8Array }[]): Promise<void> {
    this.#throwIfOver();
    await this.#whole.write(files.map(({ index, bytes }) => {
      const { folder, file, sizeBytes } = this.#expected(index);
      if (bytes.length !== sizeBytes) throw new PliError("internal", { what: "not all bytes of a file" });
      return { folder, file, bytes };
    }));
    for (const { index } of files) this.#tree?.expected.delete(index);
  }

  /**
   * Completes a file whose bytes were all written (of an empty file, none) and flushes it in the background. `publish`
   * waits for that. A later call may throw its error.
   */
  async finish(index: number): Promise<void> {
    this.#throwIfOver();
    await this.#parts.finish(index);
    this.#tree?.expected.delete(index);
  }

  /**
   * Whether a later download of the same collection can reuse data of lost files. False if names at the top are new
   * each time.
   */
  get canKeepLost(): boolean {
    return this.options.existing !== "rename";
  }

  /**
   * Publishes the finished files under their final names and removes the staging folder. Emits `renamed` for names
   * that were taken meanwhile. Returns the published names at the top of the destination, sorted. `lost` are the files
   * that will not arrive; with `isLostKept` their data stays in the staging folder. Throws `disk_*`,
   * `destination_not_folder`; what was published stays then, and `abandon` must still be called.
   */
  async publish(lost: ReadonlySet<number> = new Set(), isLostKept = false): Promise<string[]> {
    this.#throwIfOver();
    const { volume, files, root, expected } = this.#planned();
    const missing = [...expected.keys()].filter((index) => !lost.has(index));
    if (missing.length > 0) throw new PliError("internal", { what: "publishing before all is there" });
    await this.#parts.settle();
    await this.#parts.close(lost);
    const isFlushed = await this.#whole.settle();
    const kept = lost.size === 0 ? [] : await setLostAside(root, lost, isLostKept, this.staging);
    const publisher = new Publisher({ ...this.options, volume, files, isFlushed });
    const published = await publisher.publish(root, this.destination);
    this.#isOver = true;
    this.#made = [];
    const tidy = kept.length === 0 ? () => this.staging.remove() : () => restoreLost(kept, this.staging);
    // All files have their names, so an error of the clean-up is ignored.
    await eachInTurn([() => this.#journal.close(), tidy, () => this.staging.release()]).catch(
      throwUnlessDisk,
    );
    return published.sort();
  }

  /**
   * Ends the download without `publish`. No operation is in progress when it resolves. Data stays for the next
   * download; without any, the folders that were created for it are removed. Does nothing after `publish`. Throws
   * `disk_*` after every file is closed and the lock released.
   */
  async abandon(): Promise<void> {
    this.#isOver = true;
    const made = this.#made;
    this.#made = [];
    await eachInTurn([
      () => this.#whole.rest(),
      () => this.#parts.discard(),
      () => this.#journal.close(),
      () => this.staging.release(),
      () => removeDestination(this.options.disk, made),
    ]);
  }

  /** An error in terms of the destination instead of the hidden folder in it. Never rejects. */
  async withUserPaths(error: unknown): Promise<unknown> {
    const { staging, destination } = this;
    const { disk, path } = destination;
    // When its folder is gone, each call of the disk fails in its own way.
    if (isPliError(error, "disk_failed") && await disk.status(path).catch(() => undefined) === null) {
      return new PliError("destination_gone", { path }, { cause: error });
    }
    const moved = movedError(error, staging.files.path, destination.path);
    return folderError(moved, staging.folder.path, destination.path);
  }

  #throwIfOver(): void {
    if (this.#isOver) throw new PliError("cancelled", {});
  }

  #planned(): PlannedTree {
    if (this.#tree === null) throw new PliError("internal", { what: "a download without a plan" });
    return this.#tree;
  }

  #expected(index: number): Expected {
    const expected = this.#tree?.expected.get(index);
    if (expected === undefined) {
      throw new PliError("internal", { what: "bytes of a file that is not expected" });
    }
    return expected;
  }

  #makePart(index: number): PartFile {
    const { disk } = this.options;
    const { folder, file, sizeBytes, begun } = this.#expected(index);
    return new PartFile(disk, () => stageFolder(disk, folder), file, sizeBytes, begun);
  }
}

function throwUnlessDisk(error: unknown): void {
  if (!isPliError(error)) throw error;
}
