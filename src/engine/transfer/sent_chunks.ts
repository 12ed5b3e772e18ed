// Which chunks of a share's files have gone out on streams that ended well, as a union over all receivers.

import { chunkCount } from "../bao/geometry.ts";
import { RangeSet } from "../bao/range_set.ts";
import type { SharedBlob } from "../store/shared_blob.ts";

export class SentChunks {
  /** The chunks still to be sent of each content, by hash; the sets hold what was sent. */
  readonly #unfinished = new Map<string, { chunks: number; sent: RangeSet }>();

  constructor(blobs: Iterable<SharedBlob>) {
    for (const { hash, sizeBytes } of blobs) {
      // Nobody asks for the empty blob: everybody has it.
      if (sizeBytes === 0) continue;
      this.#unfinished.set(hash.toHex(), { chunks: chunkCount(sizeBytes), sent: RangeSet.EMPTY });
    }
  }

  add(hash: Uint8Array, chunks: RangeSet): void {
    const key = hash.toHex();
    const blob = this.#unfinished.get(key);
    if (blob === undefined) return;
    blob.sent = blob.sent.union(chunks);
    if (blob.sent.covers(0, blob.chunks)) this.#unfinished.delete(key);
  }

  get isComplete(): boolean {
    return this.#unfinished.size === 0;
  }
}
