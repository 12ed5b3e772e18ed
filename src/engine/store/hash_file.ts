// Hashes files from front to back. Small files are read in batches. A large file is read ahead in pieces into a ring
// of buffers: while one is hashed, which blocks this thread, the next ones are read.

import { throwIfAborted } from "../abort.ts";
import { isPliError, PliError } from "../errors.ts";
import { BLOCK_BYTES, blockCount, CHUNK_BYTES, HASH_BYTES } from "../bao/geometry.ts";
import { BlockSpan } from "../bao/verified_span.ts";
import type { DiskFile, FileStatus, FileValues, Hasher } from "../ports.ts";
import { FileBlob, type FileBlobOptions, openSource, readExactly, SMALL_BYTES } from "./file_blob.ts";

/** Bytes that are read and hashed at a time. */
const PIECE_BYTES = 8 * BLOCK_BYTES;
/** Buffers of a file: one is hashed, the others are being filled. */
const RING_PIECES = 3;
/** Maximum memory for the bytes of a file that is hashed. */
export const RING_BYTES = RING_PIECES * PIECE_BYTES;

export interface HashOptions extends FileBlobOptions {
  /** Called after each piece. */
  onHashed?: (bytes: number) => void;
  signal?: AbortSignal;
}

export interface HashedFile {
  values: FileValues;
  /** Status of the file when reading began. */
  opened: FileStatus;
}

/** Memory for the bytes of a file of this size while it is hashed. */
export function hashingBytes(sizeBytes: number): number {
  return Math.min(sizeBytes, RING_BYTES);
}

/**
 * Hashes files of one disk, none larger than SMALL_BYTES: for each the result or the error of `hashFile`. Throws
 * `cancelled`, and errors that are not about one file.
 */
export async function hashSmallFiles(files: readonly HashOptions[]): Promise<(HashedFile | PliError)[]> {
  const outcomes = await files[0].disk.readFiles(files.map(({ path }) => path), SMALL_BYTES);
  const hashed: (HashedFile | PliError)[] = [];
  for (const [at, options] of files.entries()) {
    throwIfAborted(options.signal);
    const outcome = outcomes[at];
    if (isPliError(outcome)) hashed.push(outcome);
    else if (outcome === null) hashed.push(new PliError("source_changed", { name: options.name }));
    else if (outcome.bytes !== null) {
      const whole = hashWhole(options, outcome.status, outcome.bytes);
      hashed.push(whole ?? await sizeFault(options, outcome.status));
    } // It has grown since it was listed.
    else hashed.push(await hashFile(options).catch(toPliError));
  }
  return hashed;
}

/** An error of one file. Throws every other. */
export function toPliError(error: unknown): PliError {
  if (!isPliError(error) || error.code === "cancelled") throw error;
  return error;
}

/**
 * Hashes a file. Throws `source_changed` when it was removed or shrinks meanwhile, `source_unsendable` when it yields
 * another number of bytes than its size, `disk_*`, `cancelled`.
 */
export async function hashFile(options: HashOptions): Promise<HashedFile> {
  throwIfAborted(options.signal);
  const file = await openSource(options);
  try {
    const opened = file.opened ?? await file.status();
    const hash = opened.sizeBytes <= BLOCK_BYTES ? hashBlock : hashPieces;
    const values = await hash(file, opened.sizeBytes, options).catch(async (error) => {
      throw isPliError(error, "source_changed") ? await sizeFault(options, opened) : error;
    });
    return { values, opened };
  } finally {
    await file.close();
  }
}

/** A hashed file as a blob, with the tree above its blocks. */
export function blobOf(options: FileBlobOptions, { opened, values }: HashedFile): FileBlob {
  return new FileBlob(options, opened.sizeBytes, values.blockValues, values.sizeProof);
}

/** The result for a file that was read whole; null if it yielded another number of bytes than its size. */
function hashWhole(options: HashOptions, opened: FileStatus, bytes: Uint8Array): HashedFile | null {
  if (bytes.length !== opened.sizeBytes) return null;
  const block = new BlockSpan(options.hasher, bytes, 0, true);
  const values = { blockValues: block.top, sizeProof: block.sizeProof() };
  options.onHashed?.(bytes.length);
  return { values, opened };
}

/**
 * The error of a file that yields another number of bytes than its size: it was changed meanwhile, or it reports a
 * wrong size, as the files of /proc and /sys do.
 */
async function sizeFault({ disk, path, name }: HashOptions, opened: FileStatus): Promise<PliError> {
  const now = await disk.status(path).catch(() => null);
  const { sizeBytes, modifiedMs } = opened;
  if (now === null || now.sizeBytes !== sizeBytes || (sizeBytes > 0 && now.modifiedMs !== modifiedMs)) {
    return new PliError("source_changed", { name });
  }
  return new PliError("source_unsendable", { path, reason: "size_unknown" });
}

/** A file of at most one block: the block's value is its hash. */
async function hashBlock(file: DiskFile, sizeBytes: number, options: HashOptions): Promise<FileValues> {
  const bytes = new Uint8Array(sizeBytes);
  await readExactly(file, bytes, 0, options.name);
  throwIfAborted(options.signal);
  const block = new BlockSpan(options.hasher, bytes, 0, true);
  options.onHashed?.(sizeBytes);
  return { blockValues: block.top, sizeProof: block.sizeProof() };
}

async function hashPieces(file: DiskFile, sizeBytes: number, options: HashOptions): Promise<FileValues> {
  const { hasher, name, onHashed, signal } = options;
  const blockValues = new Uint8Array(blockCount(sizeBytes) * HASH_BYTES);
  let sizeProof: Uint8Array = new Uint8Array(0);
  for await (const { bytes, offsetBytes } of readAhead(file, sizeBytes, name)) {
    throwIfAborted(signal);
    blockValues.set(
      hasher.hashBlocks(bytes, offsetBytes / CHUNK_BYTES),
      offsetBytes / BLOCK_BYTES * HASH_BYTES,
    );
    if (offsetBytes + bytes.length === sizeBytes) {
      sizeProof = lastBlock(hasher, bytes, offsetBytes).sizeProof();
    }
    onHashed?.(bytes.length);
  }
  return { blockValues, sizeProof };
}

function lastBlock(hasher: Hasher, piece: Uint8Array, pieceOffset: number): BlockSpan {
  const start = Math.floor((piece.length - 1) / BLOCK_BYTES) * BLOCK_BYTES;
  return new BlockSpan(hasher, piece.subarray(start), (pieceOffset + start) / CHUNK_BYTES, false);
}

interface Piece {
  /** Valid until the next piece is requested. */
  bytes: Uint8Array;
  offsetBytes: number;
}

/** The pieces of a file in order. When it ends, no read of the file is in progress. */
async function* readAhead(file: DiskFile, sizeBytes: number, name: string): AsyncGenerator<Piece> {
  const underWay: Promise<Piece>[] = [];
  let nextBytes = 0;
  const start = (buffer: ArrayBuffer): void => {
    const offsetBytes = nextBytes;
    const bytes = new Uint8Array(buffer, 0, Math.min(buffer.byteLength, sizeBytes - offsetBytes));
    nextBytes += bytes.length;
    const piece = readExactly(file, bytes, offsetBytes, name).then(() => ({ bytes, offsetBytes }));
    // The error is handled when the piece is requested; before that it must not count as unhandled.
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
      // The rest fits: only the last buffer of a ring can be short, and then there is no rest.
      if (nextBytes < sizeBytes) start(piece.bytes.buffer as ArrayBuffer);
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}
