// @ts-nocheck: this is AssemblyScript, a dialect of TypeScript for WebAssembly, with types of its own
//
// BLAKE3's compression function (BLAKE3 paper, section 2.2) of four blocks at once, each in its own 32-bit lane
// of the vectors (section 5.3). A sequence of blocks is start(), compress() of each, finish(). The words of
// messages and states lie transposed in memory: one vector holds the same word of all four.
//
//   32,896  MESSAGE  16 vectors: the blocks being compressed
//   33,152  STATE    8 vectors: the chaining values between blocks

const MESSAGE: usize = 32_896;
const STATE: usize = 33_152;

export const BLOCK_BYTES: usize = 64;
export const VALUE_BYTES: usize = 32;

const IV0 = 0x6a09e667, IV1 = 0xbb67ae85, IV2 = 0x3c6ef372, IV3 = 0xa54ff53a;
const IV4 = 0x510e527f, IV5 = 0x9b05688c, IV6 = 0x1f83d9ab, IV7 = 0x5be0cd19;

/** Makes the initialisation vector the chaining value in each lane. */
export function start(): void {
  v128.store(STATE, i32x4.splat(IV0));
  v128.store(STATE, i32x4.splat(IV1), 16);
  v128.store(STATE, i32x4.splat(IV2), 32);
  v128.store(STATE, i32x4.splat(IV3), 48);
  v128.store(STATE, i32x4.splat(IV4), 64);
  v128.store(STATE, i32x4.splat(IV5), 80);
  v128.store(STATE, i32x4.splat(IV6), 96);
  v128.store(STATE, i32x4.splat(IV7), 112);
}

/** Writes the chaining value of each lane, one after the other. */
export function finish(output: usize): void {
  transpose(STATE, 16, output, VALUE_BYTES);
  transpose(STATE + 64, 16, output + 16, VALUE_BYTES);
}

/**
 * Compresses one block in each lane: those at `input`, `input + stride`, and so on. build_kernel.ts unrolls the
 * loop over the rounds, which makes it a seventh faster.
 */
export function compress(
  input: usize,
  stride: usize,
  counterLow: v128,
  counterHigh: v128,
  blockBytes: i32,
  flags: i32,
): void {
  transpose(input, stride, MESSAGE, 16);
  transpose(input + 16, stride, MESSAGE + 64, 16);
  transpose(input + 32, stride, MESSAGE + 128, 16);
  transpose(input + 48, stride, MESSAGE + 192, 16);
  let m0 = v128.load(MESSAGE), m1 = v128.load(MESSAGE, 16);
  let m2 = v128.load(MESSAGE, 32), m3 = v128.load(MESSAGE, 48);
  let m4 = v128.load(MESSAGE, 64), m5 = v128.load(MESSAGE, 80);
  let m6 = v128.load(MESSAGE, 96), m7 = v128.load(MESSAGE, 112);
  let m8 = v128.load(MESSAGE, 128), m9 = v128.load(MESSAGE, 144);
  let m10 = v128.load(MESSAGE, 160), m11 = v128.load(MESSAGE, 176);
  let m12 = v128.load(MESSAGE, 192), m13 = v128.load(MESSAGE, 208);
  let m14 = v128.load(MESSAGE, 224), m15 = v128.load(MESSAGE, 240);

  let v0 = v128.load(STATE), v1 = v128.load(STATE, 16);
  let v2 = v128.load(STATE, 32), v3 = v128.load(STATE, 48);
  let v4 = v128.load(STATE, 64), v5 = v128.load(STATE, 80);
  let v6 = v128.load(STATE, 96), v7 = v128.load(STATE, 112);
  let v8 = i32x4.splat(IV0), v9 = i32x4.splat(IV1), v10 = i32x4.splat(IV2), v11 = i32x4.splat(IV3);
  let v12 = counterLow, v13 = counterHigh, v14 = i32x4.splat(blockBytes), v15 = i32x4.splat(flags);

  for (let round = 0; round < 7; round++) {
    // Columns
    v0 = add3(v0, v4, m0);
    v12 = xor16(v12, v0);
    v8 = add(v8, v12);
    v4 = xor12(v4, v8);
    v0 = add3(v0, v4, m1);
    v12 = xor8(v12, v0);
    v8 = add(v8, v12);
    v4 = xor7(v4, v8);

    v1 = add3(v1, v5, m2);
    v13 = xor16(v13, v1);
    v9 = add(v9, v13);
    v5 = xor12(v5, v9);
    v1 = add3(v1, v5, m3);
    v13 = xor8(v13, v1);
    v9 = add(v9, v13);
    v5 = xor7(v5, v9);

    v2 = add3(v2, v6, m4);
    v14 = xor16(v14, v2);
    v10 = add(v10, v14);
    v6 = xor12(v6, v10);
    v2 = add3(v2, v6, m5);
    v14 = xor8(v14, v2);
    v10 = add(v10, v14);
    v6 = xor7(v6, v10);

    v3 = add3(v3, v7, m6);
    v15 = xor16(v15, v3);
    v11 = add(v11, v15);
    v7 = xor12(v7, v11);
    v3 = add3(v3, v7, m7);
    v15 = xor8(v15, v3);
    v11 = add(v11, v15);
    v7 = xor7(v7, v11);

    // Diagonals
    v0 = add3(v0, v5, m8);
    v15 = xor16(v15, v0);
    v10 = add(v10, v15);
    v5 = xor12(v5, v10);
    v0 = add3(v0, v5, m9);
    v15 = xor8(v15, v0);
    v10 = add(v10, v15);
    v5 = xor7(v5, v10);

    v1 = add3(v1, v6, m10);
    v12 = xor16(v12, v1);
    v11 = add(v11, v12);
    v6 = xor12(v6, v11);
    v1 = add3(v1, v6, m11);
    v12 = xor8(v12, v1);
    v11 = add(v11, v12);
    v6 = xor7(v6, v11);

    v2 = add3(v2, v7, m12);
    v13 = xor16(v13, v2);
    v8 = add(v8, v13);
    v7 = xor12(v7, v8);
    v2 = add3(v2, v7, m13);
    v13 = xor8(v13, v2);
    v8 = add(v8, v13);
    v7 = xor7(v7, v8);

    v3 = add3(v3, v4, m14);
    v14 = xor16(v14, v3);
    v9 = add(v9, v14);
    v4 = xor12(v4, v9);
    v3 = add3(v3, v4, m15);
    v14 = xor8(v14, v3);
    v9 = add(v9, v14);
    v4 = xor7(v4, v9);
    // The permutation of the message words for the next round: once unrolled, only names change place.
    const t0 = m0, t1 = m1;
    m0 = m2;
    m2 = m3;
    m3 = m10;
    m10 = m12;
    m12 = m9;
    m9 = m11;
    m11 = m5;
    m5 = t0;
    m1 = m6;
    m6 = m4;
    m4 = m7;
    m7 = m13;
    m13 = m14;
    m14 = m15;
    m15 = m8;
    m8 = t1;
  }

  v128.store(STATE, v128.xor(v0, v8));
  v128.store(STATE, v128.xor(v1, v9), 16);
  v128.store(STATE, v128.xor(v2, v10), 32);
  v128.store(STATE, v128.xor(v3, v11), 48);
  v128.store(STATE, v128.xor(v4, v12), 64);
  v128.store(STATE, v128.xor(v5, v13), 80);
  v128.store(STATE, v128.xor(v6, v14), 96);
  v128.store(STATE, v128.xor(v7, v15), 112);
}

/** Transposes four by four words: from vectors `fromStride` bytes apart to vectors `toStride` apart. */
function transpose(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromStride);
  const c = v128.load(from + fromStride * 2);
  const d = v128.load(from + fromStride * 3);
  const abLow = i32x4.shuffle(a, b, 0, 4, 1, 5), abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdLow = i32x4.shuffle(c, d, 0, 4, 1, 5), cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(abLow, cdLow, 0, 2));
  v128.store(to + toStride, i64x2.shuffle(abLow, cdLow, 1, 3));
  v128.store(to + toStride * 2, i64x2.shuffle(abHigh, cdHigh, 0, 2));
  v128.store(to + toStride * 3, i64x2.shuffle(abHigh, cdHigh, 1, 3));
}

function add(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

function add3(a: v128, b: v128, c: v128): v128 {
  return i32x4.add(i32x4.add(a, b), c);
}

/** Exclusive or, then each word rotated right by 16 bits; the next three alike. */
function xor16(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

function xor12(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20));
}

function xor8(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return i8x16.shuffle(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}

function xor7(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25));
}
