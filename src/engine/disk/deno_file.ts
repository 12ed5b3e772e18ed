// An open file: reads and writes at positions, any number of them at a time. It stands on node:fs, because
// Deno's own files have one cursor that concurrent reads would fight over.

import type { FileHandle } from "node:fs/promises";
import type { DiskFile, FileStatus } from "../ports.ts";
import { diskFault } from "./disk_faults.ts";

/** A DiskFile over a file handle; `path` is for errors only. */
export class DenoFile implements DiskFile {
  opened: FileStatus | null = null;

  constructor(readonly handle: FileHandle, readonly path: string) {}

  async status(): Promise<FileStatus> {
    const found = await this.#guard(() => this.handle.stat());
    return {
      kind: found.isFile() ? "file" : found.isDirectory() ? "folder" : "other",
      sizeBytes: found.size,
      // Whole milliseconds, as a status by name has them: the two are compared.
      modifiedMs: Math.floor(found.mtimeMs),
      changedMs: Math.floor(found.ctimeMs),
      inode: found.ino,
      device: found.dev,
      links: found.nlink,
    };
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

  close(): Promise<void> {
    return this.#guard(() => this.handle.close());
  }

  async #guard<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw diskFault(error, this.path);
    }
  }
}
