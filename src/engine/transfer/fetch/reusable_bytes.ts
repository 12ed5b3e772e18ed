// The amount of a download that a later run can reuse: its complete blocks. Of a block that is not complete nothing is
// reused.

import { BLOCK_BYTES } from "../../bao/geometry.ts";
import type { Listed } from "../../listed.ts";
import type { RemoteFile } from "./remote_files.ts";

export class ReusableBytes {
  readonly #files: Listed<RemoteFile>;
  #bytes: number;
  /** Written bytes of the incomplete blocks of each file. A block has one entry, and few are incomplete at a time. */
  readonly #incomplete = new Map<number, Map<number, number>>();

  /** @param bytes what an earlier run left */
  constructor(files: Listed<RemoteFile>, bytes: number) {
    this.#files = files;
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes within one block are to be written. A block that is fetched again begins at its first byte. */
  begun(index: number, offsetBytes: number): void {
    if (offsetBytes % BLOCK_BYTES === 0) this.#incomplete.get(index)?.delete(offsetBytes / BLOCK_BYTES);
  }

  /** Those bytes were written. Writes of one block may end in any order. */
  written(index: number, offsetBytes: number, bytes: number): void {
    const block = Math.floor(offsetBytes / BLOCK_BYTES);
    const blockBytes = Math.min(BLOCK_BYTES, this.#files.at(index)!.sizeBytes - block * BLOCK_BYTES);
    const blocks = this.#incomplete.get(index) ?? new Map<number, number>();
    const writtenBytes = (blocks.get(block) ?? 0) + bytes;
    if (writtenBytes < blockBytes) {
      this.#incomplete.set(index, blocks.set(block, writtenBytes));
      return;
    }
    this.#bytes += blockBytes;
    blocks.delete(block);
    if (blocks.size === 0) this.#incomplete.delete(index);
  }

  /** A whole file was written. */
  whole(bytes: number): void {
    this.#bytes += bytes;
  }
}
