// BLAKE3 as its paper defines it, recursive and slow: the reference for the fast kernel. Written from the paper
// (sections 2.1 to 2.6) alone, word by word, independent of the kernel.

const CHUNK_BYTES = 1024;
const BLOCK_BYTES = 64;

const CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8;

/** Table 1 of the paper. */
const IV = [
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
];

/** Table 2. */
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/** The value of the subtree of `bytes` that begins with chunk `firstChunk`: its chaining value, or the hash. */
export function subtreeValue(bytes: Uint8Array, firstChunk: number, isRoot: boolean): Uint8Array {
  if (bytes.length <= CHUNK_BYTES) return chunkValue(bytes, firstChunk, isRoot);
  let leftChunks = 1; // the largest power of two that leaves at least a byte for the right
  while (leftChunks * 2 * CHUNK_BYTES < bytes.length) leftChunks *= 2;
  const boundary = leftChunks * CHUNK_BYTES;
  return parentValue(
    subtreeValue(bytes.subarray(0, boundary), firstChunk, false),
    subtreeValue(bytes.subarray(boundary), firstChunk + leftChunks, false),
    isRoot,
  );
}

export function parentValue(left: Uint8Array, right: Uint8Array, isRoot: boolean): Uint8Array {
  const block = new Uint8Array([...left, ...right]);
  return toBytes(compress(IV, block, 0, BLOCK_BYTES, PARENT | (isRoot ? ROOT : 0)));
}

function chunkValue(bytes: Uint8Array, chunk: number, isRoot: boolean): Uint8Array {
  let value = IV;
  const blocks = Math.max(1, Math.ceil(bytes.length / BLOCK_BYTES));
  for (let i = 0; i < blocks; i++) {
    const content = bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(content);
    let flags = 0;
    if (i === 0) flags |= CHUNK_START;
    if (i === blocks - 1) flags |= CHUNK_END | (isRoot ? ROOT : 0);
    value = compress(value, block, chunk, content.length, flags);
  }
  return toBytes(value);
}

/** Section 2.2, up to the first eight words of the result. */
function compress(
  value: number[],
  block: Uint8Array,
  counter: number,
  blockBytes: number,
  flags: number,
): number[] {
  const view = new DataView(block.buffer);
  let m = Array.from({ length: 16 }, (_, i) => view.getUint32(4 * i, true));
  const counterWords = [counter % 2 ** 32, Math.floor(counter / 2 ** 32)];
  const v = Uint32Array.from([...value, ...IV.slice(0, 4), ...counterWords, blockBytes, flags]);
  for (let round = 0; round < 7; round++) {
    mix(v, 0, 4, 8, 12, m[0], m[1]);
    mix(v, 1, 5, 9, 13, m[2], m[3]);
    mix(v, 2, 6, 10, 14, m[4], m[5]);
    mix(v, 3, 7, 11, 15, m[6], m[7]);
    mix(v, 0, 5, 10, 15, m[8], m[9]);
    mix(v, 1, 6, 11, 12, m[10], m[11]);
    mix(v, 2, 7, 8, 13, m[12], m[13]);
    mix(v, 3, 4, 9, 14, m[14], m[15]);
    m = PERMUTATION.map((from) => m[from]);
  }
  return Array.from({ length: 8 }, (_, i) => v[i] ^ v[i + 8]);
}

/** The quarter round, G in the paper. */
function mix(v: Uint32Array, a: number, b: number, c: number, d: number, x: number, y: number): void {
  v[a] = v[a] + v[b] + x;
  v[d] = rotateRight(v[d] ^ v[a], 16);
  v[c] = v[c] + v[d];
  v[b] = rotateRight(v[b] ^ v[c], 12);
  v[a] = v[a] + v[b] + y;
  v[d] = rotateRight(v[d] ^ v[a], 8);
  v[c] = v[c] + v[d];
  v[b] = rotateRight(v[b] ^ v[c], 7);
}

function rotateRight(word: number, bits: number): number {
  return word >>> bits | word << (32 - bits);
}

function toBytes(words: number[]): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(4 * i, word, true));
  return bytes;
}
