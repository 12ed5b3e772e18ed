// Finds whether a share has any sendable file left after one was lost. One search at a time. It begins at the file
// that was found last, so it is long only if everything is lost.

import { isSendable } from "../../store/shared_blob.ts";
import type { SharedCollection } from "./shared_collection.ts";

export class SendableSearch {
  readonly #collection: SharedCollection;
  readonly #closed: AbortSignal;
  #presentIndex = 0;
  #search: Promise<boolean> | undefined;

  /** @param closed aborts a search when the share is closed */
  constructor(collection: SharedCollection, closed: AbortSignal) {
    this.#collection = collection;
    this.#closed = closed;
  }

  /** Whether a file can still be sent. Calls during a search share its result. Throws `disk_*`. */
  async hasAny(): Promise<boolean> {
    this.#search ??= this.#findAny();
    try {
      return await this.#search;
    } finally {
      this.#search = undefined;
    }
  }

  async #findAny(): Promise<boolean> {
    const { files } = this.#collection;
    for (let count = 0; count < files.length; count++) {
      if (this.#closed.aborted) return true;
      const index = (this.#presentIndex + count) % files.length;
      if (!await isSendable(files.at(index)!.blob)) continue;
      this.#presentIndex = index;
      return true;
    }
    return false;
  }
}
