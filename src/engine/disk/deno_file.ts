// An open file: reads and writes at positions, any number of them at a time. It stands on node:fs, because
// Deno's own files have one cursor that concurrent reads would fight over.

import type { FileHandle } from "node:fs/promises";
import type { DiskFile, FileStatus } from "../ports.ts";
import { diskFault } from "./disk_faults.ts";
import { fileStatus } from "./file_status.ts";
import { SideWriters } from "./side_writers.ts";

/** Writes of this size and more go to other threads; smaller ones take less time than that. */
const LARGE_BYTES = 256 * 1024;

/** A DiskFile over a file handle; `path` is where it was opened. */
export class DenoFile implements DiskFile {
  opened: FileStatus | null = null;
  #writers: Promise<SideWriters> | undefined;

  constructor(readonly handle: FileHandle, readonly path: string) {}

  async status(): Promise<FileStatus> {
    return fileStatus(await this.#guard(() => this.handle.stat()));
  }

  async readAt(buffer: Uint8Array, offsetBytes: number): Promise<number> {
    let done = 0;
    while (done < buffer.length) {
      const { bytesRead } = await this.#guard(() =>
        this.handle.read(buffer, done, buffer.length - done, offsetBytes + done)
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async writeAt(bytes: Uint8Array, offsetBytes: number): Promise<void> {
    if (bytes.length >= LARGE_BYTES && await this.#writeAside(bytes, offsetBytes)) return;
    // A volume that fills takes a part of the bytes first; the next write says that it is full.
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#guard(() =>
        this.handle.write(bytes, done, bytes.length - done, offsetBytes + done)
      );
      done += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#guard(() => this.handle.sync());
  }

  async close(): Promise<void> {
    (await this.#writers)?.close();
    return await this.#guard(() => this.handle.close());
  }

  async #writeAside(bytes: Uint8Array, offsetBytes: number): Promise<boolean> {
    this.#writers ??= this.status().then((status) => new SideWriters(this.path, status));
    const writers = await this.#writers;
    return await this.#guard(() => writers.write(bytes, offsetBytes));
  }

  async #guard<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw diskFault(error, this.path);
    }
  }
}
