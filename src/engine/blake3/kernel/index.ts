// @ts-nocheck: this is AssemblyScript, a dialect of TypeScript for WebAssembly, with types of its own
//
// BLAKE3 of up to 1 MiB at a time with SIMD: four chunks, or four parents, are compressed at once, each in
// its own 32-bit lane of the vectors (BLAKE3 paper, section 5.3). Compression is section 2.2 of the paper,
// chunks 2.4, the tree 2.5. No keyed hashing, no derived keys, no output beyond 32 bytes. Nothing is
// checked here: wasm_hasher.ts does that. build_kernel.ts compiles this and unrolls the loop over rounds.
//
// Memory, two pages of 64 KiB, never grown:
//
//        0  VALUES   1,024 values of 32 bytes: of chunks, then of the subtrees above them
//   32,768           3 more, for lanes without work: their results are written and never read
//   32,864  -
//   32,896           what compress.ts works on
//   33,280  -
//   65,536  INPUT    up to 64 chunks

import { BLOCK_BYTES, compress, finish, start, VALUE_BYTES } from "./compress.ts";

export const VALUES: usize = 0;
export const INPUT: usize = 65_536;
export const INPUT_BYTES: usize = 65_536;

const CHUNK_BYTES: usize = 1024;

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;

/**
 * Hashes the chunks in INPUT, the last of which may be short, or empty if it is the only one, to VALUES from
 * index `valueIndex` on. Returns their number. `isRoot` is for the single chunk of a blob. A double holds every
 * chunk number exactly, and is a plain number for the caller.
 */
export function hashChunks(sizeBytes: usize, firstChunk: f64, valueIndex: usize, isRoot: bool): usize {
  const whole = sizeBytes / CHUNK_BYTES;
  const rest = sizeBytes % CHUNK_BYTES;
  const chunks = whole + usize(rest > 0 || whole == 0);
  const lastFlags = isRoot ? CHUNK_END | ROOT : CHUNK_END;
  const values = VALUES + valueIndex * VALUE_BYTES;
  const counter = u64(firstChunk);
  for (let i: usize = 0; i < whole; i += 4) {
    const input = INPUT + i * CHUNK_BYTES;
    hashLanes(input, CHUNK_BYTES, CHUNK_BYTES, counter + i, CHUNK_START, lastFlags, values + i * VALUE_BYTES);
  }
  if (chunks > whole) {
    // A short chunk goes alone, the same in all lanes. Its last block is padded with zeros.
    const input = INPUT + whole * CHUNK_BYTES;
    memory.fill(input + rest, 0, BLOCK_BYTES - rest % BLOCK_BYTES);
    hashLanes(input, 0, rest, counter + whole, CHUNK_START, lastFlags, values + whole * VALUE_BYTES);
  }
  return chunks;
}

/**
 * Replaces the first `count` of VALUES, neighbours in the tree, by those `levels` higher up, but never by
 * less than one. Returns how many there are then. With `isRoot`, the parent of the last two is the root.
 *
 * A value without a neighbour goes up as it is: so every left subtree is the largest power of two that leaves
 * something for the right, which is BLAKE3's tree. Two values side by side are a parent's block.
 */
export function hashParents(count: usize, levels: usize, isRoot: bool): usize {
  for (; levels > 0 && count > 1; levels--) {
    const flags = isRoot && count == 2 ? PARENT | ROOT : PARENT;
    const pairs = count / 2;
    const last = VALUES + (count - 1) * VALUE_BYTES; // read now: idle lanes may write there
    const lastLow = v128.load(last), lastHigh = v128.load(last, 16);
    for (let i: usize = 0; i < pairs; i += 4) {
      const output = VALUES + i * VALUE_BYTES;
      hashLanes(VALUES + i * BLOCK_BYTES, BLOCK_BYTES, BLOCK_BYTES, 0, flags, 0, output);
    }
    if (count % 2 == 1) {
      const moved = VALUES + pairs * VALUE_BYTES;
      v128.store(moved, lastLow);
      v128.store(moved, lastHigh, 16);
    }
    count -= pairs;
  }
  return count;
}

/**
 * Hashes four inputs of `sizeBytes` bytes, which begin `stride` bytes apart, to four values. Chunks that are
 * a chunk apart have consecutive counters, everything else has the same one in all lanes. The high words are
 * the same in all that have work: a subtree of three or more chunks begins at a multiple of four.
 */
function hashLanes(
  input: usize,
  stride: usize,
  sizeBytes: usize,
  counter: u64,
  firstFlags: i32,
  lastFlags: i32,
  output: usize,
): void {
  const steps = stride == CHUNK_BYTES ? i32x4(0, 1, 2, 3) : i32x4.splat(0);
  const counterLow = i32x4.add(i32x4.splat(i32(counter)), steps);
  const counterHigh = i32x4.splat(i32(counter >> 32));
  start();
  let flags = firstFlags;
  for (; sizeBytes > BLOCK_BYTES; sizeBytes -= BLOCK_BYTES) {
    compress(input, stride, counterLow, counterHigh, BLOCK_BYTES, flags);
    input += BLOCK_BYTES;
    flags = 0;
  }
  compress(input, stride, counterLow, counterHigh, i32(sizeBytes), flags | lastFlags);
  finish(output);
}
