// What one share serves: a root blob, its metadata and its files, found by hash or by offset.

import { equalBytes } from "../../bytes/equal.ts";
import type { Listed } from "../../listed.ts";
import { encodeNames, joinHashes } from "../../wire/collection.ts";
import { HashSequence } from "../../wire/hash_sequence.ts";
import { HashIndex } from "./hash_index.ts";
import { MemoryBlob, type SharedBlob } from "../../store/shared_blob.ts";
import type { Hasher } from "../../ports.ts";

export interface SharedFile {
  name: string;
  blob: SharedBlob;
}

export class SharedCollection {
  /** Numbers of the metadata and the files by hash. */
  readonly #links: HashIndex;
  readonly sizeBytes: number;

  private constructor(
    readonly root: MemoryBlob,
    readonly metadata: SharedBlob,
    readonly files: Listed<SharedFile>,
  ) {
    this.#links = new HashIndex(new HashSequence(root.bytes));
    let sizeBytes = 0;
    for (const { blob } of files) sizeBytes += blob.sizeBytes;
    this.sizeBytes = sizeBytes;
  }

  static of(hasher: Hasher, files: Listed<SharedFile>): SharedCollection {
    const metadata = MemoryBlob.from(hasher, encodeNames(Array.from(files, ({ name }) => name)));
    const root = MemoryBlob.from(hasher, joinHashes(hashesOf(metadata, files)));
    return new SharedCollection(root, metadata, files);
  }

  get hash(): Uint8Array {
    return this.root.hash;
  }

  /** Number of offsets that a request for the root has: the root, the metadata and the files. */
  get offsets(): number {
    return this.files.length + 2;
  }

  /** The blob at an offset below `offsets`. */
  atOffset(offset: number): SharedBlob {
    if (offset === 0) return this.root;
    return offset === 1 ? this.metadata : this.files.at(offset - 2)!.blob;
  }

  withHash(hash: Uint8Array): SharedBlob | undefined {
    if (equalBytes(hash, this.root.hash)) return this.root;
    const link = this.#links.find(hash);
    return link < 0 ? undefined : this.atOffset(link + 1);
  }

  /** The number of the file with this hash, the same one for all files of equal content; -1 if there is none. */
  fileWithHash(hash: Uint8Array): number {
    return Math.max(-1, this.#links.find(hash) - 1);
  }

  /** Whether a blob is a file, and not the root or the metadata. */
  isFile(blob: SharedBlob): boolean {
    return blob !== this.root && blob !== this.metadata;
  }

  /** The only name at the top, or the number of files. */
  get title(): string {
    let title: string | undefined;
    for (const { name } of this.files) {
      const [top] = name.split("/", 1);
      if (title !== undefined && title !== top) return `${this.files.length} files`;
      title = top;
    }
    return title ?? "0 files";
  }
}

function* hashesOf(metadata: SharedBlob, files: Iterable<SharedFile>): Generator<Uint8Array> {
  yield metadata.hash;
  for (const { blob } of files) yield blob.hash;
}
