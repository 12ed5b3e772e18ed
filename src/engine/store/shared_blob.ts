// A blob as a provider serves it: its hash, its block values, and spans of it that are read and verified on
// demand. This file has the ones that live in memory: the root and the metadata of a collection.

import { BLOCK_BYTES, BLOCK_CHUNKS, HASH_BYTES } from "../bao/geometry.ts";
import type { SpanRequest } from "../bao/encoder.ts";
import { ValueTree } from "../bao/value_tree.ts";
import { BlockSpan, type VerifiedSpan } from "../bao/verified_span.ts";
import type { BlockMemory } from "./block_pool.ts";
import type { Hasher } from "../ports.ts";

export interface SharedBlob {
  readonly hash: Uint8Array;
  readonly sizeBytes: number;
  /** The values of its blocks; for a blob of one block that value is the hash. */
  readonly blocks: ValueTree;
  /** Opens it for the time of one response. Throws `source_changed` when it is gone. */
  open(): Promise<BlobReader>;
}

export interface BlobReader {
  /**
   * Reads a span and verifies it: into the memory that is lent for it, where it is valid until that is used for
   * something else, or into fresh memory. Any number at a time. Throws `source_changed`.
   */
  read(request: SpanRequest, memory?: BlockMemory): Promise<VerifiedSpan>;
  close(): Promise<void>;
}

/** A blob whose bytes are in memory. */
export class MemoryBlob implements SharedBlob {
  readonly blocks: ValueTree;

  private constructor(readonly hasher: Hasher, readonly bytes: Uint8Array, units: Uint8Array) {
    this.blocks = new ValueTree(hasher, units, BLOCK_CHUNKS, 0, units.length > HASH_BYTES);
  }

  static from(hasher: Hasher, bytes: Uint8Array): MemoryBlob {
    const units = bytes.length <= BLOCK_BYTES ? hasher.leaf(bytes, 0, true) : hasher.hashBlocks(bytes, 0);
    return new MemoryBlob(hasher, bytes, units);
  }

  get hash(): Uint8Array {
    return this.blocks.top;
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  open(): Promise<BlobReader> {
    const read = ({ block }: SpanRequest) => {
      const bytes = this.bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
      const isRoot = this.bytes.length <= BLOCK_BYTES;
      return Promise.resolve(new BlockSpan(this.hasher, bytes, block * BLOCK_CHUNKS, isRoot));
    };
    return Promise.resolve({ read, close: () => Promise.resolve() });
  }
}
