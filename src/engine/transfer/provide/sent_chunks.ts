// The chunks of a share's files that were sent on streams that ended well, as a union over all receivers.

import { chunkCount } from "../../bao/geometry.ts";
import { RangeSet } from "../../bao/range_set.ts";
import type { SharedCollection } from "./shared_collection.ts";

export class SentChunks {
  readonly #collection: SharedCollection;
  /** Which files are completely sent, by number. Of files with equal content the first one found stands for all. */
  readonly #isDone: Uint8Array;
  /** Number of files that are not. */
  #unfinished = 0;
  /** Sent chunks of files that are sent in part. */
  readonly #parts = new Map<number, RangeSet>();

  constructor(collection: SharedCollection) {
    this.#collection = collection;
    this.#isDone = new Uint8Array(collection.files.length).fill(1);
    let index = 0;
    for (const { blob } of collection.files) {
      // The empty blob is never requested, because its content is known.
      if (blob.sizeBytes > 0 && collection.fileWithHash(blob.hash) === index) {
        this.#isDone[index] = 0;
        this.#unfinished++;
      }
      index++;
    }
  }

  add(hash: Uint8Array, chunks: RangeSet): void {
    const index = this.#collection.fileWithHash(hash);
    if (index < 0 || this.#isDone[index] === 1) return;
    const sent = (this.#parts.get(index) ?? RangeSet.EMPTY).union(chunks);
    if (sent.covers(0, chunkCount(this.#collection.files.at(index)!.blob.sizeBytes))) {
      this.#parts.delete(index);
      this.#isDone[index] = 1;
      this.#unfinished--;
    } else {
      this.#parts.set(index, sent);
    }
  }

  get isComplete(): boolean {
    return this.#unfinished === 0;
  }
}
