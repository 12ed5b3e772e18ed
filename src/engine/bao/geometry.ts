// The shape of BLAKE3's tree over a blob (BLAKE3 paper, section 2.1), counted in chunks of 1,024 bytes. The
// left subtree of n > 1 chunks has the largest power of two below n, so every split of a large blob falls on
// a boundary of chunk groups and of blocks. An empty blob has one chunk, which is empty.

/** Bytes of a chunk. */
export const CHUNK_BYTES = 1024;
/** Chunks of a chunk group, the leaf of the tree on the wire. */
export const GROUP_CHUNKS = 16;
export const GROUP_BYTES = GROUP_CHUNKS * CHUNK_BYTES;
/** Chunks of a block, the unit in which files are read, verified and cached. */
export const BLOCK_CHUNKS = 1024;
export const BLOCK_BYTES = BLOCK_CHUNKS * CHUNK_BYTES;
/** Bytes of a hash, or of a chaining value. */
export const HASH_BYTES = 32;
/** Bytes of a hash pair, which is a parent on the wire: the values of its two children. */
export const PAIR_BYTES = 2 * HASH_BYTES;

/** How many chunks a blob has: at least one. */
export function chunkCount(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / CHUNK_BYTES));
}

/** How many groups a blob, or a subtree, has: at least one. */
export function groupCount(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / GROUP_BYTES));
}

/** How many blocks a blob has: at least one. */
export function blockCount(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / BLOCK_BYTES));
}

/** The chunks of the left subtree of a node of `chunks` > 1: the largest power of two below `chunks`. */
export function leftChunks(chunks: number): number {
  let left = 1;
  while (left * 2 < chunks) left *= 2;
  return left;
}

/** A half-open range of chunks. */
export interface ChunkSpan {
  start: number;
  end: number;
}

/** The number of bytes of a span of chunks in a blob of `sizeBytes`. */
export function spanBytes(span: ChunkSpan, sizeBytes: number): number {
  return Math.min(span.end * CHUNK_BYTES, sizeBytes) - span.start * CHUNK_BYTES;
}
