// A file on its way: verified bytes arrive in small pieces and in any order, and go to the disk in pieces of
// up to 1 MiB. A file that fits into one piece touches the disk once, when it is complete.

import { join } from "node:path";
import { PliError } from "../errors.ts";
import type { Disk, DiskFile, FileStatus } from "../ports.ts";
import { type Anchor, isSameFile } from "./anchor.ts";

/** Most that is held back per file. */
export const PIECE_BYTES = 1024 * 1024;

export class PartFile {
  #file: DiskFile | null = null;
  /** What the file was when it was put away, to know it again. */
  #parked: FileStatus | null = null;
  #buffer: Uint8Array | null = null;
  #bufferOffset = 0;
  #bufferedBytes = 0;
  #endBytes = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(
    readonly disk: Disk,
    /** Gives the folder that the file is made in. */
    readonly folder: () => Promise<Anchor>,
    readonly part: string,
    readonly sizeBytes: number,
  ) {}

  /** Takes bytes of the file. They have been copied or written when this resolves. */
  async write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    if (offsetBytes + bytes.length > this.sizeBytes) {
      throw new PliError("internal", { what: "write after the end of a file" });
    }
    this.#endBytes = Math.max(this.#endBytes, offsetBytes + bytes.length);
    if (this.#waiting === 0 && this.#keep(offsetBytes, bytes)) return;
    await this.#inTurn(async () => {
      if (this.#keep(offsetBytes, bytes)) return;
      await this.#flush();
      if (this.#keep(offsetBytes, bytes)) return;
      await (await this.#open()).writeAt(bytes, offsetBytes);
    });
  }

  /** Writes what is held back and closes the file for now: there is a limit on open ones. */
  park(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#flush();
      this.#buffer = null;
      if (this.#file === null) return;
      this.#parked = await this.#file.status();
      await this.#close();
    });
  }

  /** Writes what is held back. The file, still open and not flushed to the device, is now the caller's. */
  complete(): Promise<DiskFile> {
    return this.#inTurn(async () => {
      if (this.#endBytes !== this.sizeBytes) {
        throw new PliError("internal", { what: "file finished before its end" });
      }
      const file = await this.#open();
      await this.#flush();
      this.#file = this.#buffer = null;
      return file;
    });
  }

  /** Closes the file, whatever has been written. */
  discard(): Promise<void> {
    return this.#inTurn(() => {
      this.#buffer = null;
      this.#bufferedBytes = 0;
      return this.#close();
    });
  }

  /** Takes bytes into the buffer when they continue what is there and fit. */
  #keep(offsetBytes: number, bytes: Uint8Array): boolean {
    const capacity = Math.min(PIECE_BYTES, this.sizeBytes);
    if (this.#bufferedBytes === 0) this.#bufferOffset = offsetBytes;
    const at = offsetBytes - this.#bufferOffset;
    if (at !== this.#bufferedBytes || at + bytes.length > capacity) return false;
    this.#buffer ??= new Uint8Array(capacity);
    this.#buffer.set(bytes, at);
    this.#bufferedBytes += bytes.length;
    return true;
  }

  async #flush(): Promise<void> {
    if (this.#buffer === null || this.#bufferedBytes === 0) return;
    const file = await this.#open();
    await file.writeAt(this.#buffer.subarray(0, this.#bufferedBytes), this.#bufferOffset);
    this.#bufferedBytes = 0;
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
      if (this.#parked !== null && !isSameFile(await file.status(), this.#parked)) {
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

  /** One thing at a time per file, in order of arrival. */
  async #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const before = this.#tail;
    this.#waiting++;
    const turn = (async () => {
      await before;
      return await operation();
    })();
    this.#tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }
}
