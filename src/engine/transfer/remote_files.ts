// The files of a collection as its receiver knows them: columns, of which a file is made when it is asked for. A
// million objects with their names and hashes would take three times as much.

import type { Texts } from "../bytes/texts.ts";
import type { Listed } from "../listed.ts";
import type { HashSequence } from "../wire/hash_sequence.ts";

export interface RemoteFile {
  /** Where it stands in requests for the root: behind the root itself and the metadata. */
  readonly offset: number;
  readonly name: string;
  readonly hash: Uint8Array;
  readonly sizeBytes: number;
}

interface Columns {
  /** Of the metadata and the files. */
  links: HashSequence;
  names: Texts;
  sizesBytes: Float64Array;
}

export class RemoteFiles implements Listed<RemoteFile> {
  readonly #columns: Columns;
  /** Which of them; all when not given. */
  readonly #chosen: Uint32Array | undefined;

  constructor(columns: Columns, chosen?: Uint32Array) {
    this.#columns = columns;
    this.#chosen = chosen;
  }

  get length(): number {
    return this.#chosen?.length ?? this.#columns.names.length;
  }

  at(index: number): RemoteFile | undefined {
    if (!(index >= 0 && index < this.length)) return undefined;
    return new ListedFile(this.#columns, this.#chosen?.[index] ?? index);
  }

  *[Symbol.iterator](): Generator<RemoteFile> {
    for (let index = 0; index < this.length; index++) yield this.at(index)!;
  }

  /** Those that are wanted, by their name. */
  choose(isWanted: (name: string) => boolean): RemoteFiles {
    const chosen: number[] = [];
    for (const { offset, name } of this) if (isWanted(name)) chosen.push(offset - FIRST_OFFSET);
    return new RemoteFiles(this.#columns, Uint32Array.from(chosen));
  }
}

/** Where the first file stands in requests for the root. */
export const FIRST_OFFSET = 2;

class ListedFile implements RemoteFile {
  readonly #columns: Columns;
  readonly #index: number;

  constructor(columns: Columns, index: number) {
    this.#columns = columns;
    this.#index = index;
  }

  get offset(): number {
    return this.#index + FIRST_OFFSET;
  }

  get name(): string {
    return this.#columns.names.at(this.#index);
  }

  get hash(): Uint8Array {
    return this.#columns.links.at(this.#index + 1);
  }

  get sizeBytes(): number {
    return this.#columns.sizesBytes[this.#index];
  }
}
