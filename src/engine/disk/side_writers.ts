// Writes to an open file on other threads. Deno's node:fs writes at a position on the calling thread and blocks it
// while the system copies. Deno's own files write on other threads, but have one cursor each. So a file that is
// written in large pieces gets several of those, with one piece at a time on each.

import type { FileIdentity } from "../ports.ts";

/** Maximum number of concurrent writes to a file. */
const MAXIMUM_WRITERS = 2;

export class SideWriters {
  readonly #idle: Deno.FsFile[] = [];
  /** Each is called once: with a free file, or with null if there is none. */
  readonly #waiting: ((file: Deno.FsFile | null) => void)[] = [];
  /** Files that are open or being opened. A waiter exists only while all of them are in use. */
  #count = 0;

  /** @param identity identity of the open file: another file with its path is not written to */
  constructor(
    readonly path: string,
    readonly identity: FileIdentity,
    readonly open: (path: string) => Promise<Deno.FsFile> = (path) => Deno.open(path, { write: true }),
  ) {}

  /**
   * Writes all of the bytes. False, with nothing written, when no other descriptor of the file can be opened, because
   * its path leads elsewhere or the process has too many open files.
   */
  async write(bytes: Uint8Array, offsetBytes: number): Promise<boolean> {
    const file = await this.#take();
    if (file === null) return false;
    try {
      file.seekSync(offsetBytes, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(file);
      else next(file);
    }
    return true;
  }

  /** Requires that no write is in progress. */
  close(): void {
    for (const file of this.#idle.splice(0)) file.close();
    this.#count = 0;
  }

  async #take(): Promise<Deno.FsFile | null> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#count === MAXIMUM_WRITERS) return await new Promise((resolve) => this.#waiting.push(resolve));
    this.#count++;
    const file = await this.#openSame();
    if (file !== null) return file;
    this.#count--;
    // Each file in use resumes one waiter when its write ends. This one was never in use, and may have been the last.
    for (const resume of this.#waiting.splice(0)) resume(null);
    return null;
  }

  async #openSame(): Promise<Deno.FsFile | null> {
    const file = await this.open(this.path).catch(() => null);
    if (file === null) return null;
    if (await this.#isSameFile(file).catch(() => false)) return file;
    file.close();
    return null;
  }

  async #isSameFile(file: Deno.FsFile): Promise<boolean> {
    const { ino, dev } = await file.stat();
    return ino !== null && ino !== 0 && ino === this.identity.inode && dev === this.identity.device;
  }
}
