// The part files of a transfer: few are open at a time, completed ones are flushed in batches. None of their content
// is kept in memory.

import type { DiskFile } from "../ports.ts";
import { allSettled } from "../settled.ts";
import { Backlog, eachBounded } from "./bounded.ts";
import type { PartFile } from "./part_file.ts";

/** Maximum number of open files that are written to. */
const MAXIMUM_OPEN = 8;
/** Maximum number of files that are completed concurrently. */
const MAXIMUM_COMPLETING = 8;
/** Maximum size of a small file. */
const SMALL_BYTES = 1024 * 1024;
/**
 * Small files that are flushed together. The file system then commits once for many of them, which takes a fraction of
 * the time of a flush for each file.
 */
const BATCH_FILES = 64;

export class PartFiles {
  /** In the order of their last writes. */
  readonly #open = new Map<number, PartFile>();
  readonly #parked = new Map<number, PartFile>();
  readonly #completing = new Backlog(MAXIMUM_COMPLETING);
  #batch: DiskFile[] = [];

  constructor(readonly make: (index: number) => PartFile) {}

  /** Writes bytes of one file. Resolves when they are written. */
  async write(index: number, offsetBytes: number, bytes: Uint8Array): Promise<void> {
    const part = this.#take(index);
    this.#open.set(index, part);
    if (this.#open.size > MAXIMUM_OPEN) await this.#parkOldest();
    await part.write(offsetBytes, bytes);
  }

  /**
   * Completes a file in the background. An error of this or an earlier file is thrown here, by a later call, or by
   * `settle`.
   */
  async finish(index: number): Promise<void> {
    const part = this.#take(index);
    try {
      await this.#completing.add(() => this.#complete(part));
    } catch (error) {
      // An earlier file has failed, and the completion of this one did not begin.
      await part.discard();
      throw error;
    }
  }

  /** Waits until everything that was finished is flushed. Throws the first error. */
  async settle(): Promise<void> {
    await this.#completing.drain();
    await flushAll(this.#takeBatch());
  }

  /** Closes some files and abandons them. */
  async close(indexes: Iterable<number>): Promise<void> {
    for (const index of indexes) {
      const part = this.#open.get(index) ?? this.#parked.get(index);
      this.#open.delete(index);
      this.#parked.delete(index);
      await part?.discard();
    }
  }

  /** Closes all files and abandons them. */
  async discard(): Promise<void> {
    // Earlier errors do not matter any more.
    await this.#completing.drain().catch(() => undefined);
    const parts = [...this.#open.values(), ...this.#parked.values()];
    this.#open.clear();
    this.#parked.clear();
    await allSettled([
      ...parts.map((part) => part.discard()),
      ...this.#takeBatch().map((file) => file.close()),
    ]);
  }

  #take(index: number): PartFile {
    const part = this.#open.get(index) ?? this.#parked.get(index) ?? this.make(index);
    this.#open.delete(index);
    this.#parked.delete(index);
    return part;
  }

  async #parkOldest(): Promise<void> {
    for (const [index, part] of this.#open) {
      this.#open.delete(index);
      this.#parked.set(index, part);
      return await part.park();
    }
  }

  async #complete(part: PartFile): Promise<void> {
    let file: DiskFile;
    try {
      file = await part.complete();
    } catch (error) {
      await part.discard();
      throw error;
    }
    if (part.sizeBytes > SMALL_BYTES) return await flushAll([file]);
    this.#batch.push(file);
    if (this.#batch.length >= BATCH_FILES) await flushAll(this.#takeBatch());
  }

  #takeBatch(): DiskFile[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }
}

/** Flushes files and closes them, all at once, so that an error of one leaves no other open. */
async function flushAll(files: readonly DiskFile[]): Promise<void> {
  await eachBounded(files, files.length, async (file) => {
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  });
}
