// A file as a shared blob: hashed once (hash_file.ts), then served by verifying each block as it is read. Per file
// there are 32 bytes a block, the tree above them, and the left siblings on the path to the last chunk group. A file
// that differs from its hash is detected before a wrong byte is sent.

import { type SpanRequest, spanRequestBytes } from "../bao/encoder.ts";
import {
  BLOCK_BYTES,
  BLOCK_CHUNKS,
  CHUNK_BYTES,
  chunkCount,
  type ChunkSpan,
  HASH_BYTES,
} from "../bao/geometry.ts";
import { ValueTree } from "../bao/value_tree.ts";
import { BlockSpan, LastGroupSpan, lastGroupStart, type VerifiedSpan } from "../bao/verified_span.ts";
import { equalBytes } from "../bytes/equal.ts";
import { isPliError, PliError } from "../errors.ts";
import type { Disk, DiskFile, Hasher, ReadOutcome } from "../ports.ts";
import type { BlockMemory } from "./block_pool.ts";
import type { BlobReader, SharedBlob } from "./shared_blob.ts";

/** Files up to this size are read whole, in batches. */
export const SMALL_BYTES = 64 * 1024;

const NO_SIZE_PROOF = new Uint8Array(0);

export interface FileBlobOptions {
  disk: Disk;
  hasher: Hasher;
  /** Name of the file in the share, for errors. */
  name: string;
  path: string;
}

export class FileBlob implements SharedBlob {
  readonly blocks: ValueTree;
  readonly #options: FileBlobOptions;
  readonly #sizeProof: Uint8Array;

  constructor(
    { disk, hasher, name, path }: FileBlobOptions,
    readonly sizeBytes: number,
    blockValues: Uint8Array,
    sizeProof: Uint8Array,
  ) {
    // Only these fields, because there may be a million blobs.
    this.#options = { disk, hasher, name, path };
    this.#sizeProof = sizeProof.length === 0 ? NO_SIZE_PROOF : sizeProof;
    this.blocks = new ValueTree(hasher, blockValues, BLOCK_CHUNKS, 0, blockValues.length > HASH_BYTES);
  }

  get hash(): Uint8Array {
    return this.blocks.top;
  }

  async open(): Promise<BlobReader> {
    const file = await this.#whileServing(openSource(this.#options));
    return {
      read: (request, memory) => this.#whileServing(this.#read(file, request, memory)),
      close: () => file.close(),
    };
  }

  /**
   * A span of each of several small files, in new memory, or its `source_changed`. Throws errors that are not about
   * one file.
   */
  static async readSmall(reads: readonly SmallRead[]): Promise<(VerifiedSpan | PliError)[]> {
    if (reads.length === 0) return [];
    const { disk } = reads[0].blob.#options;
    const outcomes = await disk.readFiles(reads.map(({ blob }) => blob.#options.path), SMALL_BYTES);
    return reads.map(({ blob, request }, at) => blob.#small(request, outcomes[at]));
  }

  #small(request: SpanRequest, outcome: ReadOutcome): VerifiedSpan | PliError {
    if (isPliError(outcome)) return this.#changed(outcome);
    const bytes = outcome?.bytes;
    if (bytes?.length !== this.sizeBytes) return this.#changed();
    const start = bytes.length - spanRequestBytes(this.sizeBytes, request);
    return this.#verified(request, bytes.subarray(start)) ?? this.#changed();
  }

  /** An unreadable file counts as changed, because its ticket cannot be served. */
  async #whileServing<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (cause) {
      throw !isPliError(cause) || cause.code === "source_changed" ? cause : this.#changed(cause);
    }
  }

  #changed(cause?: PliError): PliError {
    return new PliError("source_changed", { name: this.#options.name }, { cause });
  }

  async #read(file: DiskFile, request: SpanRequest, memory?: BlockMemory): Promise<VerifiedSpan> {
    const chunks = this.#chunksOf(request);
    const offsetBytes = (request.lastGroupOnly ? lastGroupStart(chunks) : chunks.start) * CHUNK_BYTES;
    const count = spanRequestBytes(this.sizeBytes, request);
    const bytes = memory?.content.subarray(0, count) ?? new Uint8Array(count);
    await readExactly(file, bytes, offsetBytes, this.#options.name);
    const span = this.#verified(request, bytes, memory);
    if (span === null) throw this.#changed();
    return span;
  }

  #chunksOf({ block }: SpanRequest): ChunkSpan {
    const start = block * BLOCK_CHUNKS;
    return { start, end: Math.min(start + BLOCK_CHUNKS, chunkCount(this.sizeBytes)) };
  }

  /** The span that was read; null if its bytes do not match the hash. */
  #verified(request: SpanRequest, bytes: Uint8Array, memory?: BlockMemory): VerifiedSpan | null {
    const { block, lastGroupOnly } = request;
    const { hasher } = this.#options;
    const chunks = this.#chunksOf(request);
    const isRoot = this.sizeBytes <= BLOCK_BYTES;
    const span = lastGroupOnly
      ? new LastGroupSpan(hasher, bytes, chunks, this.#sizeProof, isRoot)
      : new BlockSpan(hasher, bytes, chunks.start, isRoot, memory?.pairs);
    return equalBytes(span.top, this.blocks.unit(block)) ? span : null;
  }
}

/** The part of a small file to read. */
export interface SmallRead {
  blob: FileBlob;
  request: SpanRequest;
}

/** Opens a file of a share for reading. Throws `source_changed` when it does not exist, `disk_*`. */
export async function openSource({ disk, path, name }: FileBlobOptions): Promise<DiskFile> {
  const file = await disk.open(path, "read");
  if (file === null) throw new PliError("source_changed", { name });
  return file;
}

/** Fills `bytes` from a file. Throws `source_changed` when the file is too short, `disk_*`. */
export async function readExactly(
  file: DiskFile,
  bytes: Uint8Array,
  offsetBytes: number,
  name: string,
): Promise<void> {
  const count = bytes.length === 0 ? 0 : await file.readAt(bytes, offsetBytes);
  if (count < bytes.length) throw new PliError("source_changed", { name });
}
