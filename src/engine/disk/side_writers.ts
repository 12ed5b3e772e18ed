// Writing to an open file on other threads. Deno's node:fs writes at a position on the thread that asks and keeps
// it for as long as the system copies; Deno's own files write on others, but have one cursor each. So a file that
// is written in large pieces gets a few of those, one piece at a time on each.

/** Pieces of a file that are written at the same time. */
const MAXIMUM_WRITERS = 2;

/** What names a file on this computer: its inode and device. */
export interface FileIdentity {
  inode: number;
  device: number;
}

export class SideWriters {
  readonly #idle: Deno.FsFile[] = [];
  readonly #waiting: ((file: Deno.FsFile) => void)[] = [];
  #count = 0;

  /** @param identity the open file: another one that has its path by now is not written to */
  constructor(readonly path: string, readonly identity: FileIdentity) {}

  /** Writes all of the bytes. False when the path no longer leads to the file, or that cannot be told. */
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

  /** Nothing may be being written any more. */
  close(): void {
    for (const file of this.#idle.splice(0)) file.close();
    this.#count = 0;
  }

  async #take(): Promise<Deno.FsFile | null> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#count === MAXIMUM_WRITERS) return await new Promise((resolve) => this.#waiting.push(resolve));
    this.#count++;
    const file = await Deno.open(this.path, { write: true }).catch(() => null);
    if (file !== null && await this.#isOurs(file)) return file;
    this.#count--;
    file?.close();
    return null;
  }

  async #isOurs(file: Deno.FsFile): Promise<boolean> {
    const { ino, dev } = await file.stat();
    return ino !== null && ino !== 0 && ino === this.identity.inode && dev === this.identity.device;
  }
}
