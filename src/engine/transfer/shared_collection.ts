// What one share serves: a root blob, its metadata and its files, found by hash or by offset.

import { encodeNames, joinHashes } from "../wire/collection.ts";
import { MemoryBlob, type SharedBlob } from "../store/shared_blob.ts";
import type { Hasher } from "../ports.ts";

export interface SharedFile {
  name: string;
  blob: SharedBlob;
}

export class SharedCollection {
  readonly #byHash = new Map<string, SharedBlob>();

  private constructor(
    readonly root: SharedBlob,
    readonly metadata: SharedBlob,
    readonly files: readonly SharedFile[],
  ) {
    for (const blob of [root, metadata, ...files.map((file) => file.blob)]) {
      this.#byHash.set(blob.hash.toHex(), blob);
    }
  }

  static of(hasher: Hasher, files: readonly SharedFile[]): SharedCollection {
    const metadata = MemoryBlob.from(hasher, encodeNames(files.map((file) => file.name)));
    const hashes = [metadata, ...files.map((file) => file.blob)].map((blob) => blob.hash);
    return new SharedCollection(MemoryBlob.from(hasher, joinHashes(hashes)), metadata, files);
  }

  get hash(): Uint8Array {
    return this.root.hash;
  }

  get sizeBytes(): number {
    return this.files.reduce((sum, file) => sum + file.blob.sizeBytes, 0);
  }

  /** How many offsets a request for the root has: the root's own, the metadata's and the files'. */
  get offsets(): number {
    return this.files.length + 2;
  }

  /** What stands at an offset below `offsets`. */
  atOffset(offset: number): SharedBlob {
    if (offset === 0) return this.root;
    return offset === 1 ? this.metadata : this.files[offset - 2].blob;
  }

  withHash(hash: Uint8Array): SharedBlob | undefined {
    return this.#byHash.get(hash.toHex());
  }

  /** Whether a blob is a file, and not the root or the metadata. */
  isFile(blob: SharedBlob): boolean {
    return blob !== this.root && blob !== this.metadata;
  }

  /** The only name at the top, or how many files there are. */
  get title(): string {
    const tops = new Set(this.files.map((file) => file.name.split("/", 1)[0]));
    return tops.size === 1 ? [...tops][0] : `${this.files.length} files`;
  }
}
