// A file that is being received: verified bytes arrive in pieces of up to 1 MiB, in any order and concurrently, and
// are written directly to their position.

import { join } from "../paths.ts";
import { PliError } from "../errors.ts";
import type { Disk, DiskFile, FileStatus } from "../ports.ts";
import { type Anchor, isSameFile } from "./anchor.ts";
import type { TreeFile } from "./file_tree.ts";

/** Maximum number of concurrent writes to one file. */
const MAXIMUM_WRITES = 4;
/** A large file is flushed in the background after this many written bytes, so that the flush at the end is short. */
const FLUSH_BYTES = 64 * 1024 * 1024;

export class PartFile {
  #file: DiskFile | null = null;
  /** Status of the file when it was closed last, by this or an earlier run, to recognise it. */
  #parked: FileStatus | null;
  #unflushedBytes = 0;
  #isFlushing = false;
  /** Serialises the operations in order of arrival; of writes only their beginning. */
  #tail: Promise<unknown> = Promise.resolve();
  /** Resolve when a write has ended, successful or not. */
  readonly #writes = new Set<Promise<void>>();
  /** The error of a write, after which the file has a hole. */
  #failure: { error: unknown } | null = null;

  constructor(
    readonly disk: Disk,
    /** Returns the folder of the file. */
    readonly folder: () => Promise<Anchor>,
    readonly file: TreeFile,
    readonly sizeBytes: number,
    /** The part file of an earlier run; null if there is none. */
    begun: FileStatus | null = null,
  ) {
    this.#parked = begun;
  }

  /** Writes bytes of the file. Resolves when they are written. */
  async write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    if (offsetBytes + bytes.length > this.sizeBytes) {
      throw new PliError("internal", { what: "write after the end of a file" });
    }
    const { written } = await this.#inTurn(async () => {
      while (this.#writes.size >= MAXIMUM_WRITES) await Promise.race(this.#writes);
      const file = await this.#open();
      const written = this.#follow(file.writeAt(bytes, offsetBytes));
      this.#unflushedBytes += bytes.length;
      if (this.#unflushedBytes >= FLUSH_BYTES && !this.#isFlushing) this.#flushBehind(file);
      return { written };
    });
    await written;
  }

  /** Closes the file for a while, because the number of open files is limited. */
  park(): Promise<void> {
    return this.#inTurn(async () => {
      await Promise.all(this.#writes);
      if (this.#file === null) return;
      this.#parked = await this.#file.status();
      await this.#close();
    });
  }

  /** Hands the file to the caller, open and not flushed. */
  complete(): Promise<DiskFile> {
    return this.#inTurn(async () => {
      await Promise.all(this.#writes);
      if (this.#failure !== null) throw this.#failure.error;
      const file = await this.#open();
      const { sizeBytes, inode, device } = await file.status();
      if (sizeBytes !== this.sizeBytes) {
        throw new PliError("internal", { what: "file finished before its end" });
      }
      this.file.whole = { inode, device };
      this.#file = null;
      return file;
    });
  }

  /** Closes the file and abandons it. */
  discard(): Promise<void> {
    return this.#inTurn(async () => {
      await Promise.all(this.#writes);
      await this.#close();
    });
  }

  /** `complete` throws the error of a flush, because the system reports it only once. */
  async #flushBehind(file: DiskFile): Promise<void> {
    this.#isFlushing = true;
    this.#unflushedBytes = 0;
    const flush = file.sync().catch((error) => {
      this.#failure ??= { error };
    });
    const ended = flush.finally(() => this.#writes.delete(ended));
    // Like a write it must have ended before the file is closed.
    this.#writes.add(ended);
    await ended;
    this.#isFlushing = false;
  }

  /** Tracks a write until it has ended, and returns it. */
  #follow(write: Promise<void>): Promise<void> {
    const ended = write.catch((error) => {
      this.#failure ??= { error };
    }).finally(() => this.#writes.delete(ended));
    this.#writes.add(ended);
    return write;
  }

  /**
   * The open file. Throws `destination_busy` when its name is taken, `destination_not_folder` when the folder was
   * replaced; nothing has been written then.
   */
  async #open(): Promise<DiskFile> {
    if (this.#file !== null) return this.#file;
    const folder = await this.folder();
    await folder.check();
    const path = join(folder.path, this.file.stagedPart);
    const file = await this.disk.open(path, this.#parked === null ? "create" : "update");
    if (file === null) throw new PliError("destination_busy", { path });
    try {
      await folder.check();
      if (this.#parked !== null && !isSameFile(file.opened ?? await file.status(), this.#parked)) {
        throw new PliError("destination_busy", { path });
      }
    } catch (error) {
      if (this.#parked === null) await this.#removeCreated(file, path).catch(() => undefined);
      await file.close();
      throw error;
    }
    return this.#file = file;
  }

  /**
   * Removes a file that was just created, perhaps in another folder. Its errors are ignored, because they would hide
   * the first one.
   */
  async #removeCreated(file: DiskFile, path: string): Promise<void> {
    const found = await this.disk.status(path);
    if (found !== null && isSameFile(found, await file.status())) await this.disk.remove(path);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const before = this.#tail;
    const turn = (async () => {
      await before;
      return await operation();
    })();
    this.#tail = turn.catch(() => undefined);
    return await turn;
  }
}
