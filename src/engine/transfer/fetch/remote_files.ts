// The files of a collection at its receiver, as columns; a file object is created on demand. A million objects with
// names and hashes would use three times the memory.

import { Texts } from "../../bytes/texts.ts";
import type { Work } from "../../work.ts";
import type { Listed } from "../../listed.ts";
import type { HashSequence } from "../../wire/hash_sequence.ts";

export interface RemoteFile {
  /** Its position in requests: in a collection behind the root and the metadata, alone at the root. */
  readonly offset: number;
  readonly name: string;
  readonly hash: Uint8Array;
  readonly sizeBytes: number;
}

/** Cost of matching a name against a few patterns, in units of `Work`. */
const CHOICE_UNITS = 1_024;

interface Columns {
  /** The blobs behind the root in requests: of a collection the metadata and the files, of a raw file none. */
  links: HashSequence;
  /** Hash of the root: of a raw file the file itself. */
  rootHash: Uint8Array;
  /** Position of the first file in requests. */
  firstOffset: number;
  names: Texts;
  sizesBytes: Float64Array;
}

export class RemoteFiles implements Listed<RemoteFile> {
  readonly #columns: Columns;
  /** Indices of the chosen files; all if undefined. */
  readonly #chosen: Uint32Array | undefined;

  constructor(columns: Columns, chosen?: Uint32Array) {
    this.#columns = columns;
    this.#chosen = chosen;
  }

  get length(): number {
    return this.#chosen?.length ?? this.#columns.names.length;
  }

  /** Their total size. */
  get sizeBytes(): number {
    const { sizesBytes } = this.#columns;
    if (this.#chosen === undefined) return sizesBytes.reduce((sum, size) => sum + size, 0);
    return this.#chosen.reduce((sum, index) => sum + sizesBytes[index], 0);
  }

  /** Their names, in order. */
  get names(): Texts {
    const { bytes, starts, ends } = this.#columns.names;
    const chosen = this.#chosen;
    if (chosen === undefined) return this.#columns.names;
    return new Texts(bytes, chosen.map((index) => starts[index]), chosen.map((index) => ends[index]));
  }

  at(index: number): RemoteFile | undefined {
    if (!(index >= 0 && index < this.length)) return undefined;
    return new ListedFile(this.#columns, this.#chosen?.[index] ?? index);
  }

  *[Symbol.iterator](): Generator<RemoteFile> {
    for (let index = 0; index < this.length; index++) yield this.at(index)!;
  }

  /** The files whose name is wanted. */
  *choosing(isWanted: (name: string) => boolean): Work<RemoteFiles> {
    const chosen: number[] = [];
    for (const { offset, name } of this) {
      if (isWanted(name)) chosen.push(offset - this.#columns.firstOffset);
      yield name.length + CHOICE_UNITS;
    }
    return new RemoteFiles(this.#columns, Uint32Array.from(chosen));
  }
}

/** Position of the first file of a collection in requests for the root. */
export const FIRST_OFFSET = 2;

class ListedFile implements RemoteFile {
  readonly #columns: Columns;
  readonly #index: number;

  constructor(columns: Columns, index: number) {
    this.#columns = columns;
    this.#index = index;
  }

  get offset(): number {
    return this.#index + this.#columns.firstOffset;
  }

  get name(): string {
    return this.#columns.names.at(this.#index);
  }

  get hash(): Uint8Array {
    const { rootHash, links } = this.#columns;
    return this.offset === 0 ? rootHash : links.at(this.offset - 1);
  }

  get sizeBytes(): number {
    return this.#columns.sizesBytes[this.#index];
  }
}

/** Total size of files. */
export function sizeOf(files: Iterable<RemoteFile>): number {
  let bytes = 0;
  for (const { sizeBytes } of files) bytes += sizeBytes;
  return bytes;
}
