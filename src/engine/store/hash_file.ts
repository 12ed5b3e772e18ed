// Hashing files once, from front to back. Small ones are read together. A large one is read ahead in pieces: while one
// is hashed, which keeps this thread busy, the next ones are on their way into the other buffers of a small ring.

import { throwIfAborted } from "../abort.ts";
import { isPliError, PliError } from "../errors.ts";
import { BLOCK_BYTES, blockCount, CHUNK_BYTES, HASH_BYTES } from "../bao/geometry.ts";
import { BlockSpan } from "../bao/verified_span.ts";
import type { DiskFile, FileStatus, FileValues, Hasher } from "../ports.ts";
import { FileBlob, type FileBlobOptions, openSource, readExactly, SMALL_BYTES } from "./file_blob.ts";

/** Bytes read and hashed at a time. */
const PIECE_BYTES = 8 * BLOCK_BYTES;
/** Buffers of a file: one is hashed, the others are being filled. */
const RING_PIECES = 3;
/** The most memory that hashing a file takes for its bytes. */
export const RING_BYTES = RING_PIECES * PIECE_BYTES;

export interface HashOptions extends FileBlobOptions {
  /** Told after each piece. */
  onHashed?: (bytes: number) => void;
  signal?: AbortSignal;
}

export interface HashedFile {
  values: FileValues;
  /** What the file was when its reading began. */
  opened: FileStatus;
}

/** How much memory hashing a file of this size takes for its bytes. */
export function hashingBytes(sizeBytes: number): number {
  return Math.min(sizeBytes, RING_BYTES);
}

/**
 * Hashes files of one disk, of which none should have more than SMALL_BYTES: what `hashFile` gives or throws for each.
 * Throws `cancelled`, and what is about none of them.
 */
export async function hashSmallFiles(files: readonly HashOptions[]): Promise<(HashedFile | PliError)[]> {
  const outcomes = await files[0].disk.readFiles(files.map(({ path }) => path), SMALL_BYTES);
  const hashed: (HashedFile | PliError)[] = [];
  for (const [at, options] of files.entries()) {
    throwIfAborted(options.signal);
    const outcome = outcomes[at];
    if (isPliError(outcome)) hashed.push(outcome);
    else if (outcome === null) hashed.push(new PliError("source_changed", { name: options.name }));
    else if (outcome.bytes !== null) hashed.push(hashWhole(options, outcome.status, outcome.bytes));
    // It has grown since it was listed.
    else hashed.push(await hashFile(options).catch(told));
  }
  return hashed;
}

/** A fault of one file. Throws every other. */
export function told(error: unknown): PliError {
  if (!isPliError(error) || error.code === "cancelled") throw error;
  return error;
}

/** Hashes a file. Throws `source_changed` when it is gone or shrinks meanwhile, `disk_*`, `cancelled`. */
export async function hashFile(options: HashOptions): Promise<HashedFile> {
  throwIfAborted(options.signal);
  const file = await openSource(options);
  try {
    const opened = file.opened ?? await file.status();
    const hash = opened.sizeBytes <= BLOCK_BYTES ? hashBlock : hashPieces;
    const values = await hash(file, opened.sizeBytes, options);
    return { values, opened };
  } finally {
    await file.close();
  }
}

/** A hashed file as what serves it: the tree above its blocks is made here. */
export function blobOf(options: FileBlobOptions, { opened, values }: HashedFile): FileBlob {
  return new FileBlob(options, opened.sizeBytes, values.units, values.edge);
}

/** A file that was read whole; `source_changed` when it was cut meanwhile. */
function hashWhole(options: HashOptions, opened: FileStatus, bytes: Uint8Array): HashedFile | PliError {
  if (bytes.length !== opened.sizeBytes) return new PliError("source_changed", { name: options.name });
  const block = new BlockSpan(options.hasher, bytes, 0, true);
  const values = { units: block.top, edge: block.edge() };
  options.onHashed?.(bytes.length);
  return { values, opened };
}

/** A file of at most one block: its block's value is its hash. */
async function hashBlock(file: DiskFile, sizeBytes: number, options: HashOptions): Promise<FileValues> {
  const bytes = new Uint8Array(sizeBytes);
  await readExactly(file, bytes, 0, options.name);
  throwIfAborted(options.signal);
  const block = new BlockSpan(options.hasher, bytes, 0, true);
  options.onHashed?.(sizeBytes);
  return { units: block.top, edge: block.edge() };
}

async function hashPieces(file: DiskFile, sizeBytes: number, options: HashOptions): Promise<FileValues> {
  const { hasher, name, onHashed, signal } = options;
  const units = new Uint8Array(blockCount(sizeBytes) * HASH_BYTES);
  let edge: Uint8Array = new Uint8Array(0);
  for await (const { bytes, offsetBytes } of readAhead(file, sizeBytes, name)) {
    throwIfAborted(signal);
    units.set(hasher.hashBlocks(bytes, offsetBytes / CHUNK_BYTES), offsetBytes / BLOCK_BYTES * HASH_BYTES);
    if (offsetBytes + bytes.length === sizeBytes) edge = lastBlock(hasher, bytes, offsetBytes).edge();
    onHashed?.(bytes.length);
  }
  return { units, edge };
}

function lastBlock(hasher: Hasher, piece: Uint8Array, pieceOffset: number): BlockSpan {
  const start = Math.floor((piece.length - 1) / BLOCK_BYTES) * BLOCK_BYTES;
  return new BlockSpan(hasher, piece.subarray(start), (pieceOffset + start) / CHUNK_BYTES, false);
}

interface Piece {
  /** Valid until the next piece is asked for. */
  bytes: Uint8Array;
  offsetBytes: number;
}

/** The pieces of a file in order. When it ends, in whatever way, no read of the file is under way. */
async function* readAhead(file: DiskFile, sizeBytes: number, name: string): AsyncGenerator<Piece> {
  const underWay: Promise<Piece>[] = [];
  let nextBytes = 0;
  const start = (buffer: ArrayBuffer): void => {
    const offsetBytes = nextBytes;
    const bytes = new Uint8Array(buffer, 0, Math.min(buffer.byteLength, sizeBytes - offsetBytes));
    nextBytes += bytes.length;
    const piece = readExactly(file, bytes, offsetBytes, name).then(() => ({ bytes, offsetBytes }));
    // A fault is told when the piece's turn comes; until then nobody else may find it unhandled.
    piece.catch(() => {});
    underWay.push(piece);
  };
  try {
    while (nextBytes < sizeBytes && underWay.length < RING_PIECES) {
      start(new ArrayBuffer(Math.min(PIECE_BYTES, sizeBytes - nextBytes)));
    }
    while (underWay.length > 0) {
      const piece = await underWay[0];
      underWay.shift();
      yield piece;
      // Whatever is left fits: only the last buffer of a ring can be short, and then nothing is left.
      if (nextBytes < sizeBytes) start(piece.bytes.buffer as ArrayBuffer);
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}
