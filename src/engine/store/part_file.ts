// A file on its way: verified bytes arrive in pieces of up to 1 MiB, in any order and several at a time, and
// go straight to where they belong on the disk.

import { join } from "node:path";
import { PliError } from "../errors.ts";
import type { Disk, DiskFile, FileStatus } from "../ports.ts";
import { type Anchor, isSameFile } from "./anchor.ts";

/** Writes to one file that are under way together. */
const MAXIMUM_WRITES = 4;
/**
 * A large file is flushed to the device in the background each time this much has been written: while the next
 * bytes come, and not at the end, when somebody waits.
 */
const FLUSH_BYTES = 64 * 1024 * 1024;

export class PartFile {
  #file: DiskFile | null = null;
  /** What the file was when it was put away, here or by an earlier run, to know it again. */
  #parked: FileStatus | null;
  #unflushedBytes = 0;
  #isFlushing = false;
  /** One thing at a time, in order of arrival; of writes only their beginning. */
  #tail: Promise<unknown> = Promise.resolve();
  /** They end well whatever happens to the write. */
  readonly #writes = new Set<Promise<void>>();
  /** Of a write: the file has a hole then. */
  #failure: { error: unknown } | null = null;

  constructor(
    readonly disk: Disk,
    /** Gives the folder that the file is made in. */
    readonly folder: () => Promise<Anchor>,
    readonly part: string,
    readonly sizeBytes: number,
    /** The file that an earlier run has begun; null when there is none. */
    begun: FileStatus | null = null,
  ) {
    this.#parked = begun;
  }

  /** Takes bytes of the file. They have been written when this resolves. */
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

  /** Closes the file for now: there is a limit on open ones. */
  park(): Promise<void> {
    return this.#inTurn(async () => {
      await Promise.all(this.#writes);
      if (this.#file === null) return;
      this.#parked = await this.#file.status();
      await this.#close();
    });
  }

  /** The file, still open and not flushed to the device, is now the caller's. */
  complete(): Promise<DiskFile> {
    return this.#inTurn(async () => {
      await Promise.all(this.#writes);
      if (this.#failure !== null) throw this.#failure.error;
      const file = await this.#open();
      if ((await file.status()).sizeBytes !== this.sizeBytes) {
        throw new PliError("internal", { what: "file finished before its end" });
      }
      this.#file = null;
      return file;
    });
  }

  /** Closes the file, whatever has been written. */
  discard(): Promise<void> {
    return this.#inTurn(async () => {
      await Promise.all(this.#writes);
      await this.#close();
    });
  }

  /** A fault is told by `complete`: the system tells it once. */
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

  /** Counts a write until it has ended, and gives it back. */
  #follow(write: Promise<void>): Promise<void> {
    const ended = write.catch((error) => {
      this.#failure ??= { error };
    }).finally(() => this.#writes.delete(ended));
    this.#writes.add(ended);
    return write;
  }

  /**
   * The open file. Throws `destination_busy` when something else has its name, `destination_not_folder` when
   * the folder is not what it was; nothing has been written then.
   */
  async #open(): Promise<DiskFile> {
    if (this.#file !== null) return this.#file;
    const folder = await this.folder();
    await folder.check();
    const path = join(folder.path, this.part);
    const file = await this.disk.open(path, this.#parked === null ? "create" : "update");
    if (file === null) throw new PliError("destination_busy", { path });
    try {
      await folder.check();
      if (this.#parked !== null && !isSameFile(file.opened ?? await file.status(), this.#parked)) {
        throw new PliError("destination_busy", { path });
      }
    } catch (error) {
      if (this.#parked === null) await this.#takeBack(file, path);
      await file.close();
      throw error;
    }
    return this.#file = file;
  }

  /** Removes a file that was made just now, and perhaps elsewhere. */
  async #takeBack(file: DiskFile, path: string): Promise<void> {
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
