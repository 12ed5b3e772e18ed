// A file as a shared blob: hashed once from front to back, then served by verifying each block as it is read.
// Kept per file: 32 bytes a block, the tree above them, and the left siblings on the way to the last group.
// A file that is no longer what was hashed is noticed before a wrong byte leaves.

import type { SpanRequest } from "../bao/encoder.ts";
import {
  BLOCK_BYTES,
  BLOCK_CHUNKS,
  blockCount,
  CHUNK_BYTES,
  chunkCount,
  type ChunkSpan,
  GROUP_BYTES,
  HASH_BYTES,
} from "../bao/geometry.ts";
import { ValueTree } from "../bao/value_tree.ts";
import { BlockSpan, EdgeSpan, lastGroupStart, type VerifiedSpan } from "../bao/verified_span.ts";
import { equalBytes } from "../bytes/equal.ts";
import { throwIfAborted } from "../abort.ts";
import { isPliError, PliError } from "../errors.ts";
import type { Disk, DiskFile, Hasher } from "../ports.ts";
import type { BlobReader, SharedBlob } from "./shared_blob.ts";

/** Bytes read and hashed at a time. */
const PIECE_BYTES = 4 * BLOCK_BYTES;

export interface FileBlobOptions {
  disk: Disk;
  hasher: Hasher;
  /** What the file is called in the share, for errors. */
  name: string;
  path: string;
  /** Told after each piece. */
  onHashed?: (bytes: number) => void;
  signal?: AbortSignal;
}

/** Hashes a file. Throws `source_changed` when it is gone or shrinks meanwhile, `disk_*`, `cancelled`. */
export async function hashFile(options: FileBlobOptions): Promise<FileBlob> {
  const file = await openSource(options);
  try {
    const { sizeBytes } = await file.status();
    const units = new Uint8Array(blockCount(sizeBytes) * HASH_BYTES);
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, sizeBytes));
    let edge: Uint8Array = new Uint8Array(0);
    for (let offset = 0; offset < sizeBytes || offset === 0; offset += PIECE_BYTES) {
      throwIfAborted(options.signal);
      const piece = buffer.subarray(0, Math.min(PIECE_BYTES, sizeBytes - offset));
      await readExactly(file, piece, offset, options.name);
      if (sizeBytes <= BLOCK_BYTES) {
        const block = new BlockSpan(options.hasher, piece, 0, true);
        units.set(block.top);
        edge = block.edge();
      } else {
        units.set(
          options.hasher.hashBlocks(piece, offset / CHUNK_BYTES),
          offset / BLOCK_BYTES * HASH_BYTES,
        );
        if (offset + piece.length === sizeBytes) edge = lastBlock(options.hasher, piece, offset).edge();
      }
      options.onHashed?.(piece.length);
    }
    return new FileBlob(options, sizeBytes, units, edge);
  } finally {
    await file.close();
  }
}

function lastBlock(hasher: Hasher, piece: Uint8Array, pieceOffset: number): BlockSpan {
  const start = Math.floor((piece.length - 1) / BLOCK_BYTES) * BLOCK_BYTES;
  return new BlockSpan(hasher, piece.subarray(start), (pieceOffset + start) / CHUNK_BYTES, false);
}

export class FileBlob implements SharedBlob {
  readonly blocks: ValueTree;
  readonly #options: FileBlobOptions;
  readonly #edge: Uint8Array;

  constructor(options: FileBlobOptions, readonly sizeBytes: number, units: Uint8Array, edge: Uint8Array) {
    this.#options = options;
    this.#edge = edge;
    this.blocks = new ValueTree(options.hasher, units, BLOCK_CHUNKS, 0, units.length > HASH_BYTES);
  }

  get hash(): Uint8Array {
    return this.blocks.top;
  }

  async open(): Promise<BlobReader> {
    const file = await this.#whileServing(openSource(this.#options));
    let blockBuffer: Uint8Array | undefined;
    const read = (request: SpanRequest) => {
      // One buffer for all blocks of a response; a proof of the size needs a small one, once.
      const buffer = request.edgeOnly
        ? new Uint8Array(GROUP_BYTES)
        : blockBuffer ??= new Uint8Array(Math.min(BLOCK_BYTES, this.sizeBytes));
      return this.#whileServing(this.#read(file, buffer, request));
    };
    return { read, close: () => file.close() };
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

  async #read(file: DiskFile, buffer: Uint8Array, { block, edgeOnly }: SpanRequest): Promise<VerifiedSpan> {
    const { hasher, name } = this.#options;
    const start = block * BLOCK_CHUNKS;
    const chunks: ChunkSpan = { start, end: Math.min(start + BLOCK_CHUNKS, chunkCount(this.sizeBytes)) };
    const offsetBytes = (edgeOnly ? lastGroupStart(chunks) : start) * CHUNK_BYTES;
    const bytes = buffer.subarray(0, Math.min(chunks.end * CHUNK_BYTES, this.sizeBytes) - offsetBytes);
    await readExactly(file, bytes, offsetBytes, name);
    const isRoot = this.sizeBytes <= BLOCK_BYTES;
    const span = edgeOnly
      ? new EdgeSpan(hasher, bytes, chunks, this.#edge, isRoot)
      : new BlockSpan(hasher, bytes, start, isRoot);
    if (!equalBytes(span.top, this.blocks.unit(block))) throw new PliError("source_changed", { name });
    return span;
  }
}

async function openSource({ disk, path, name }: FileBlobOptions): Promise<DiskFile> {
  const file = await disk.open(path, "read");
  if (file === null) throw new PliError("source_changed", { name });
  return file;
}

async function readExactly(
  file: DiskFile,
  bytes: Uint8Array,
  offsetBytes: number,
  name: string,
): Promise<void> {
  const count = bytes.length === 0 ? 0 : await file.readAt(bytes, offsetBytes);
  if (count < bytes.length) throw new PliError("source_changed", { name });
}
