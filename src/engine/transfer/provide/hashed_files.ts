// The hashed files of a share, as columns, because there may be a million. A file of one chunk group needs only its
// hash to be served, so its blob is created on demand.

import { GROUP_BYTES, HASH_BYTES } from "../../bao/geometry.ts";
import type { Listed } from "../../listed.ts";
import type { Disk, FileValues, Hasher } from "../../ports.ts";
import { FileBlob } from "../../store/file_blob.ts";
import type { SharedFile } from "./shared_collection.ts";

const NO_SIZE_PROOF = new Uint8Array(0);
/** The size of a file that is not hashed. */
const UNKNOWN = -1;

interface Source {
  name: string;
  path: string;
}

export class HashedFiles implements Listed<SharedFile> {
  readonly #ports: { disk: Disk; hasher: Hasher };
  readonly #names: string[];
  readonly #paths: string[];
  readonly #sizesBytes: Float64Array;
  readonly #hashes: Uint8Array;
  /** Files of more than one chunk group. */
  readonly #large = new Map<number, FileBlob>();

  /** No source is hashed yet. */
  constructor({ disk, hasher }: { disk: Disk; hasher: Hasher }, sources: readonly Source[]) {
    this.#ports = { disk, hasher };
    this.#names = sources.map(({ name }) => name);
    this.#paths = sources.map(({ path }) => path);
    this.#sizesBytes = new Float64Array(sources.length).fill(UNKNOWN);
    this.#hashes = new Uint8Array(sources.length * HASH_BYTES);
  }

  get length(): number {
    return this.#names.length;
  }

  /** Notes the values of a hashed file. */
  note(index: number, sizeBytes: number, { blockValues, sizeProof }: FileValues): void {
    this.#sizesBytes[index] = sizeBytes;
    if (sizeBytes > GROUP_BYTES) this.#large.set(index, this.#blob(index, blockValues, sizeProof));
    else this.#hashes.set(blockValues, index * HASH_BYTES);
  }

  isHashed(index: number): boolean {
    return this.#sizesBytes[index] !== UNKNOWN;
  }

  /** Removes the files that were not hashed; the others get their numbers in the collection. */
  settle(): void {
    let count = 0;
    for (let index = 0; index < this.length; index++) {
      if (!this.isHashed(index)) continue;
      this.#names[count] = this.#names[index];
      this.#paths[count] = this.#paths[index];
      this.#sizesBytes[count] = this.#sizesBytes[index];
      this.#hashes.copyWithin(count * HASH_BYTES, index * HASH_BYTES, (index + 1) * HASH_BYTES);
      const large = this.#large.get(index);
      this.#large.delete(index);
      if (large !== undefined) this.#large.set(count, large);
      count++;
    }
    this.#names.length = this.#paths.length = count;
  }

  at(index: number): SharedFile | undefined {
    if (!(index >= 0 && index < this.length)) return undefined;
    const hash = this.#hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    return {
      name: this.#names[index],
      blob: this.#large.get(index) ?? this.#blob(index, hash, NO_SIZE_PROOF),
    };
  }

  *[Symbol.iterator](): Generator<SharedFile> {
    for (let index = 0; index < this.length; index++) yield this.at(index)!;
  }

  /** The path of the file with this name; undefined if there is none. */
  pathOf(name: string): string | undefined {
    return this.#paths[this.#names.indexOf(name)];
  }

  #blob(index: number, blockValues: Uint8Array, sizeProof: Uint8Array): FileBlob {
    const source = { ...this.#ports, name: this.#names[index], path: this.#paths[index] };
    return new FileBlob(source, this.#sizesBytes[index], blockValues, sizeProof);
  }
}
