// All part files of a transfer: few open at a time, completed ones handed to the device in batches. Nothing
// of their content is kept in memory.

import type { DiskFile } from "../ports.ts";
import { Backlog, eachBounded } from "./bounded.ts";
import type { PartFile } from "./part_file.ts";

/** Files that are being written. */
const MAXIMUM_OPEN = 8;
/** Files that are being completed while their successors come. */
const MAXIMUM_COMPLETING = 8;
/** A file up to this size is a small one. */
const SMALL_BYTES = 1024 * 1024;
/**
 * Small files that are flushed together: the file system then commits once for many of them, which takes a
 * fraction of the time that a flush after each file would.
 */
const BATCH_FILES = 64;

export class PartFiles {
  /** The one that was written to longest ago comes first. */
  readonly #open = new Map<number, PartFile>();
  readonly #parked = new Map<number, PartFile>();
  readonly #completing = new Backlog(MAXIMUM_COMPLETING);
  #batch: DiskFile[] = [];

  constructor(readonly make: (index: number) => PartFile) {}

  /** Takes bytes of one file; they have been written when this resolves. */
  async write(index: number, offsetBytes: number, bytes: Uint8Array): Promise<void> {
    const part = this.#take(index);
    this.#open.set(index, part);
    if (this.#open.size > MAXIMUM_OPEN) await this.#parkOldest();
    await part.write(offsetBytes, bytes);
  }

  /**
   * Completes a file, soon: an error of this or an earlier one is thrown here, by a later call, or by
   * `settle`.
   */
  async finish(index: number): Promise<void> {
    const part = this.#take(index);
    await this.#completing.add(() => this.#complete(part));
  }

  /** Waits until everything that was finished is flushed to the device. Throws what went wrong. */
  async settle(): Promise<void> {
    await this.#completing.drain();
    await flushAll(this.#takeBatch());
  }

  /** Closes everything, whatever has been written. */
  async discard(): Promise<void> {
    // What went wrong before no longer matters: everything is given up.
    await this.#completing.drain().catch(() => undefined);
    const parts = [...this.#open.values(), ...this.#parked.values()];
    this.#open.clear();
    this.#parked.clear();
    for (const part of parts) await part.discard();
    for (const file of this.#takeBatch()) await file.close();
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

/** Flushes files to the device and closes them: all at once, so that a fault of one leaves no other open. */
async function flushAll(files: readonly DiskFile[]): Promise<void> {
  await eachBounded(files, files.length, async (file) => {
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  });
}
