// A file as a shared blob: hashed once (hash_file.ts), then served by verifying each block as it is read.
// Kept per file: 32 bytes a block, the tree above them, and the left siblings on the way to the last group.
// A file that is no longer what was hashed is noticed before a wrong byte leaves.

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
import { BlockSpan, EdgeSpan, lastGroupStart, type VerifiedSpan } from "../bao/verified_span.ts";
import { equalBytes } from "../bytes/equal.ts";
import { isPliError, PliError } from "../errors.ts";
import type { Disk, DiskFile, Hasher, ReadOutcome } from "../ports.ts";
import type { BlockMemory } from "./block_pool.ts";
import type { BlobReader, SharedBlob } from "./shared_blob.ts";

/** Files of at most this many bytes are read whole, many together. */
export const SMALL_BYTES = 64 * 1024;

const NO_EDGE = new Uint8Array(0);

export interface FileBlobOptions {
  disk: Disk;
  hasher: Hasher;
  /** What the file is called in the share, for errors. */
  name: string;
  path: string;
}

export class FileBlob implements SharedBlob {
  readonly blocks: ValueTree;
  readonly #options: FileBlobOptions;
  readonly #edge: Uint8Array;

  constructor(
    { disk, hasher, name, path }: FileBlobOptions,
    readonly sizeBytes: number,
    units: Uint8Array,
    edge: Uint8Array,
  ) {
    // No more than is needed: there may be a million of these.
    this.#options = { disk, hasher, name, path };
    this.#edge = edge.length === 0 ? NO_EDGE : edge;
    this.blocks = new ValueTree(hasher, units, BLOCK_CHUNKS, 0, units.length > HASH_BYTES);
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
   * A span of each of some small files, in fresh memory, or the `source_changed` that stands in its place. Throws what
   * is about none of them.
   */
  static async readSmall(wishes: readonly SmallWish[]): Promise<(VerifiedSpan | PliError)[]> {
    if (wishes.length === 0) return [];
    const { disk } = wishes[0].blob.#options;
    const outcomes = await disk.readFiles(wishes.map(({ blob }) => blob.#options.path), SMALL_BYTES);
    return wishes.map(({ blob, request }, at) => blob.#small(request, outcomes[at]));
  }

  #small(request: SpanRequest, outcome: ReadOutcome): VerifiedSpan | PliError {
    if (isPliError(outcome)) return this.#changed(outcome);
    const bytes = outcome?.bytes;
    if (bytes?.length !== this.sizeBytes) return this.#changed();
    const start = bytes.length - spanRequestBytes(this.sizeBytes, request);
    return this.#verified(request, bytes.subarray(start)) ?? this.#changed();
  }

  /** A file that cannot be read any more is as good as changed: the ticket does not hold for it. */
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
    const offsetBytes = (request.edgeOnly ? lastGroupStart(chunks) : chunks.start) * CHUNK_BYTES;
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

  /** The span that was read; null when it is not what was hashed. */
  #verified(request: SpanRequest, bytes: Uint8Array, memory?: BlockMemory): VerifiedSpan | null {
    const { block, edgeOnly } = request;
    const { hasher } = this.#options;
    const chunks = this.#chunksOf(request);
    const isRoot = this.sizeBytes <= BLOCK_BYTES;
    const span = edgeOnly
      ? new EdgeSpan(hasher, bytes, chunks, this.#edge, isRoot)
      : new BlockSpan(hasher, bytes, chunks.start, isRoot, memory?.pairs);
    return equalBytes(span.top, this.blocks.unit(block)) ? span : null;
  }
}

/** What is to be read of a small file. */
export interface SmallWish {
  blob: FileBlob;
  request: SpanRequest;
}

/** Opens a file of a share for reading. Throws `source_changed` when it is gone, `disk_*`. */
export async function openSource({ disk, path, name }: FileBlobOptions): Promise<DiskFile> {
  const file = await disk.open(path, "read");
  if (file === null) throw new PliError("source_changed", { name });
  return file;
}

/** Fills `bytes` from a file. Throws `source_changed` when it is too short, `disk_*`. */
export async function readExactly(
  file: DiskFile,
  bytes: Uint8Array,
  offsetBytes: number,
  name: string,
): Promise<void> {
  const count = bytes.length === 0 ? 0 : await file.readAt(bytes, offsetBytes);
  if (count < bytes.length) throw new PliError("source_changed", { name });
}
