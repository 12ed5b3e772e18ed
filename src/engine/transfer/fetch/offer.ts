// The offer of a ticket as it is shown for the decision: files, folders, sizes, and what needs consent.

import type { OfferedFile } from "../../events.ts";
import type { Listed } from "../../listed.ts";
import type { Consent, Offer } from "../../options.ts";
import { summarizingNames } from "../../store/name_summary.ts";
import type { Turns } from "../../turns.ts";
import type { RemoteFile, RemoteFiles } from "./remote_files.ts";

/** The offer of some files. Throws `cancelled`. */
export async function offerOf(files: RemoteFiles, turns: Turns): Promise<Offer> {
  const { folders, tops, hiddenFiles, hidden } = await turns.run(summarizingNames(files.names));
  const consents = hidden.map((one): Consent => ({ ...one, reason: "dot_file" }));
  return { files: new OfferedFiles(files), bytes: files.sizeBytes, folders, tops, hiddenFiles, consents };
}

/** The files of an offer, each created on demand. */
class OfferedFiles implements Listed<OfferedFile> {
  readonly #files: RemoteFiles;

  constructor(files: RemoteFiles) {
    this.#files = files;
  }

  get length(): number {
    return this.#files.length;
  }

  at(index: number): OfferedFile | undefined {
    const file = this.#files.at(index);
    return file && offered(file);
  }

  *[Symbol.iterator](): Generator<OfferedFile> {
    for (const file of this.#files) yield offered(file);
  }

  /** In a JSON line they are an array. */
  toJSON(): OfferedFile[] {
    return Array.from(this);
  }
}

function offered({ name, sizeBytes }: RemoteFile): OfferedFile {
  return { name, bytes: sizeBytes };
}
