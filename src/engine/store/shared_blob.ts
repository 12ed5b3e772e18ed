// A blob as a provider serves it: its hash, its block values, and spans that are read and verified on demand. Blobs in
// memory, the root and the metadata of a collection, are here.

import { BLOCK_BYTES, BLOCK_CHUNKS, HASH_BYTES } from "../bao/geometry.ts";
import type { SpanRequest } from "../bao/encoder.ts";
import { ValueTree } from "../bao/value_tree.ts";
import { BlockSpan, type VerifiedSpan } from "../bao/verified_span.ts";
import { isPliError } from "../errors.ts";
import type { BlockMemory } from "./block_pool.ts";
import type { Hasher } from "../ports.ts";

export interface SharedBlob {
  readonly hash: Uint8Array;
  readonly sizeBytes: number;
  /** The chaining values of its blocks. Of a blob of one block this is the hash. */
  readonly blocks: ValueTree;
  /** Opens it for one response. Throws `source_changed` when it does not exist any more. */
  open(): Promise<BlobReader>;
}

export interface BlobReader {
  /**
   * Reads and verifies a span, into the given memory, whose next use invalidates it, or into new memory. Concurrent
   * calls are permitted. Throws `source_changed`.
   */
  read(request: SpanRequest, memory?: BlockMemory): Promise<VerifiedSpan>;
  close(): Promise<void>;
}

/** Whether a blob is readable, checked by its last chunk group, which proves its size. Other changes are not found. */
export async function isSendable(blob: SharedBlob): Promise<boolean> {
  try {
    const reader = await blob.open();
    try {
      const block = Math.max(Math.ceil(blob.sizeBytes / BLOCK_BYTES), 1) - 1;
      await reader.read({ block, lastGroupOnly: true });
      return true;
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (isPliError(error, "source_changed")) return false;
    throw error;
  }
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
