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
import type { Disk, DiskFile, Hasher, ReadFile } from "../ports.ts";
import type { BlockMemory } from "./block_pool.ts";
import type { BlobReader, SharedBlob } from "./shared_blob.ts";

/** Files of at most this many bytes are read whole, which costs one call. */
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
    if (this.sizeBytes <= SMALL_BYTES) {
      return {
        read: (request) => this.#whileServing(this.#readSmall(request)),
        close: () => Promise.resolve(),
      };
    }
    const file = await this.#whileServing(openSource(this.#options));
    return {
      read: (request, memory) => this.#whileServing(this.#read(file, request, memory)),
      close: () => file.close(),
    };
  }

  /** A file that cannot be read any more is as good as changed: the ticket does not hold for it. */
  async #whileServing<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (cause) {
      if (!isPliError(cause) || cause.code === "source_changed") throw cause;
      throw new PliError("source_changed", { name: this.#options.name }, { cause });
    }
  }

  async #readSmall(request: SpanRequest): Promise<VerifiedSpan> {
    const { bytes } = await readSmall(this.#options);
    if (bytes?.length !== this.sizeBytes) {
      throw new PliError("source_changed", { name: this.#options.name });
    }
    return this.#verified(request, bytes.subarray(bytes.length - spanRequestBytes(this.sizeBytes, request)));
  }

  async #read(file: DiskFile, request: SpanRequest, memory?: BlockMemory): Promise<VerifiedSpan> {
    const chunks = this.#chunksOf(request);
    const offsetBytes = (request.edgeOnly ? lastGroupStart(chunks) : chunks.start) * CHUNK_BYTES;
    const count = spanRequestBytes(this.sizeBytes, request);
    const bytes = memory?.content.subarray(0, count) ?? new Uint8Array(count);
    await readExactly(file, bytes, offsetBytes, this.#options.name);
    return this.#verified(request, bytes, memory);
  }

  #chunksOf({ block }: SpanRequest): ChunkSpan {
    const start = block * BLOCK_CHUNKS;
    return { start, end: Math.min(start + BLOCK_CHUNKS, chunkCount(this.sizeBytes)) };
  }

  /** The span that was read. Throws `source_changed` when it is not what was hashed. */
  #verified(request: SpanRequest, bytes: Uint8Array, memory?: BlockMemory): VerifiedSpan {
    const { block, edgeOnly } = request;
    const { hasher, name } = this.#options;
    const chunks = this.#chunksOf(request);
    const isRoot = this.sizeBytes <= BLOCK_BYTES;
    const span = edgeOnly
      ? new EdgeSpan(hasher, bytes, chunks, this.#edge, isRoot)
      : new BlockSpan(hasher, bytes, chunks.start, isRoot, memory?.pairs);
    if (!equalBytes(span.top, this.blocks.unit(block))) throw new PliError("source_changed", { name });
    return span;
  }
}

/** Reads a small file of a share, or finds that it is not small. Throws `source_changed` when it is gone, `disk_*`. */
export async function readSmall({ disk, path, name }: FileBlobOptions): Promise<ReadFile> {
  const whole = await disk.readWhole(path, SMALL_BYTES);
  if (whole === null) throw new PliError("source_changed", { name });
  return whole;
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
