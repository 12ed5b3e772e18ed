// An open file: concurrent reads and writes at positions. It uses node:fs, because Deno's own files have one cursor
// for all reads. On Deno large pieces are written by side_writers.ts; Node.js writes on other threads by itself.

import type { FileHandle } from "node:fs/promises";
import type { DiskFile, FileStatus } from "../ports.ts";
import { IS_DENO } from "../system.ts";
import { diskFault } from "./disk_faults.ts";
import { SideWriters } from "./side_writers.ts";
import { fileStatus } from "./stats.ts";

/** Writes of this size and more are handed to other threads; smaller ones take less time than the hand-off. */
const LARGE_BYTES = 256 * 1024;

/** A DiskFile over a file handle; `path` is where it was opened. */
export class SystemFile implements DiskFile {
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
    if (IS_DENO && bytes.length >= LARGE_BYTES && await this.#writeAside(bytes, offsetBytes)) return;
    // A volume that becomes full takes a part of the bytes first; the next write fails.
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
    // If creating them failed, the write has thrown that error.
    (await this.#writers?.catch(() => undefined))?.close();
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
