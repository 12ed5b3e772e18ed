// The kernel against the official vectors, its slow twin in reference.ts, and another implementation.

import { hash as foreignHash } from "blake3-wasm";
import fc from "fast-check";
import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { compileKernel, moduleText } from "../../../src/engine/blake3/build_kernel.ts";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import type { Hasher } from "../../../src/engine/ports.ts";
import vectors from "../../vectors/blake3.json" with { type: "json" };
import { fold } from "./fold.ts";
import { parentValue, subtreeValue } from "./reference.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

const hasher = wasmHasher();
const random = randomFillSync(new Uint8Array(5 * MIB));

/** Sizes with a reason: around the borders of blocks, chunks, four lanes, groups, 64 KiB portions and 1 MiB. */
const SIZES = [0, 1, 63, 64, 65, 127, 128, 960, 961]
  .concat([1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 1023, 1024].flatMap(
    (chunks) => [chunks * KIB - 1, chunks * KIB, chunks * KIB + 1],
  ))
  .filter((sizeBytes) => sizeBytes <= MIB);

/** Sizes up to a maximum: those of SIZES as often as any other. */
function sizes(maximumBytes: number): fc.Arbitrary<number> {
  const notable = SIZES.filter((sizeBytes) => sizeBytes <= maximumBytes);
  return fc.oneof(fc.constantFrom(...notable), fc.nat({ max: maximumBytes }));
}

/** Where in `random` a content of at most 1 MiB begins. */
const offsets = fc.nat({ max: random.length - MIB });

/** Multiples of `alignment`: around 2^32, where counters get a second word, the largest, and any. */
function firstChunks(alignment: number): fc.Arbitrary<number> {
  const count = 2 ** 43 / alignment;
  return fc.oneof(
    fc.constantFrom(0, 1, 2, 2 ** 32 / alignment - 1, 2 ** 32 / alignment, count - 1),
    fc.maxSafeInteger().map((n) => Math.abs(n) % count),
  ).map((n) => n * alignment);
}

const values = fc.uint8Array({ minLength: 32, maxLength: 32 });

Deno.test("hashes the official vectors", () => {
  equal(vectors.cases.length, 35);
  for (const { input_len, hash } of vectors.cases) {
    const input = Uint8Array.from({ length: input_len }, (_, i) => i % 251);
    deepEqual(hasher.leaf(input, 0, true).toHex(), hash.slice(0, 64), `${input_len} bytes`);
  }
});

Deno.test("hashes blobs of every notable size as another implementation does", () => {
  for (const sizeBytes of SIZES) {
    const blob = random.subarray(0, sizeBytes);
    deepEqual(hasher.leaf(blob, 0, true), foreign(blob), `${sizeBytes} bytes`);
  }
});

Deno.test("a leaf is the subtree that the paper defines, at any place in a blob", () => {
  fc.assert(
    fc.property(sizes(40 * KIB), offsets, firstChunks(64), (sizeBytes, offset, firstChunk) => {
      const bytes = random.subarray(offset, offset + sizeBytes);
      deepEqual(hasher.leaf(bytes, firstChunk, false), subtreeValue(bytes, firstChunk, false));
      deepEqual(hasher.leaf(bytes, 0, true), subtreeValue(bytes, 0, true));
    }),
    { numRuns: 50 },
  );
});

Deno.test("a leaf of 1 MiB has the value of its own tree, with counters beyond 32 bits", () => {
  for (const [sizeBytes, firstChunk] of [[MIB, 2 ** 32 - 1024], [MIB, 2 ** 43 - 1024], [MIB - 1, 2 ** 32]]) {
    const bytes = random.subarray(0, sizeBytes);
    deepEqual(hasher.leaf(bytes, firstChunk, false), subtreeValue(bytes, firstChunk, false));
  }
  const byte = random.subarray(0, 1);
  deepEqual(hasher.leaf(byte, 2 ** 43, false), subtreeValue(byte, 2 ** 43, false));
});

Deno.test("a parent is what the paper defines, as root or not", () => {
  fc.assert(fc.property(values, values, fc.boolean(), (left, right, isRoot) => {
    deepEqual(hasher.parent(left, right, isRoot), parentValue(left, right, isRoot));
  }));
});

Deno.test("parents are the values of the pairs of a level, an odd last value as it is", () => {
  const counts = fc.oneof(
    fc.integer({ min: 2, max: 20 }),
    fc.integer({ min: 1000, max: 1050 }),
    fc.nat(2500),
  );
  fc.assert(
    fc.property(counts, offsets, (count, offset) => {
      fc.pre(count >= 2);
      const level = random.subarray(offset, offset + count * 32);
      deepEqual(hasher.parents(level, false), parentsOneByOne(level));
    }),
    { numRuns: 50, examples: [[1024, 0], [1025, 1], [2047, 2], [2048, 3], [2049, 4], [61_001, 0]] },
  );
});

Deno.test("parents fold to what parent by parent does, also from 61,000 values, with the root at the top", () => {
  for (const count of [2, 3, 5, 64, 1023, 1025, 4097, 61_035]) {
    const units = random.subarray(0, count * 32);
    let level: Uint8Array = units;
    while (level.length > 64) level = hasher.parents(level, false);
    for (const isRoot of [false, true]) {
      deepEqual(hasher.parents(level, isRoot), fold(hasher, units, isRoot), `${count} values`);
    }
  }
});

Deno.test("a subtree has the value of its leaf, and the pairs of its parents in pre-order", () => {
  fc.assert(
    fc.property(
      sizes(MIB),
      offsets,
      fc.oneof(fc.constant(0), firstChunks(1024)),
      fc.boolean(),
      (sizeBytes, offset, firstChunk, asRoot) => {
        const isRoot = asRoot && firstChunk === 0;
        const bytes = random.subarray(offset, offset + sizeBytes);
        const expected = Buffer.concat(pairsOneByOne(bytes, firstChunk, hasher.leaf.bind(hasher)));
        const pairs = new Uint8Array(expected.length).fill(0xee);
        deepEqual(hasher.subtree(bytes, firstChunk, isRoot, pairs), hasher.leaf(bytes, firstChunk, isRoot));
        ok(expected.equals(pairs));
      },
    ),
    { numRuns: 150, examples: [[MIB, 0, 0, true], [MIB - 1, 0, 2 ** 43 - 1024, false], [0, 0, 0, true]] },
  );
});

Deno.test("a subtree has the values that the paper defines, as root or not", () => {
  for (const sizeBytes of [0, 1, 1025, 16 * KIB, 16 * KIB + 1, 33 * KIB, 64 * KIB - 1, 80 * KIB + 5]) {
    const bytes = random.subarray(7, 7 + sizeBytes);
    for (const [firstChunk, isRoot] of [[0, true], [0, false], [2 ** 32 - 1024, false]] as const) {
      const expected = Buffer.concat(pairsOneByOne(bytes, firstChunk, subtreeValue));
      const pairs = new Uint8Array(expected.length);
      deepEqual(hasher.subtree(bytes, firstChunk, isRoot, pairs), subtreeValue(bytes, firstChunk, isRoot));
      ok(expected.equals(pairs), `${sizeBytes} bytes`);
    }
  }
});

Deno.test("a subtree writes its pairs to where they belong and nowhere else", () => {
  const memory = new Uint8Array(64 * 64).fill(0xee);
  hasher.subtree(random.subarray(0, 33 * KIB), 0, true, memory.subarray(64, 3 * 64));
  ok(memory.subarray(0, 64).every((byte) => byte === 0xee));
  ok(memory.subarray(3 * 64).every((byte) => byte === 0xee));
});

Deno.test("blocks are leaves of 1 MiB, and fold to the blob's hash", () => {
  for (const sizeBytes of [MIB + 1, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1, 3 * MIB + 4097, 5 * MIB]) {
    const blob = random.subarray(0, sizeBytes);
    const blocks = hasher.hashBlocks(blob, 0);
    deepEqual(fold(hasher, blocks, true), foreign(blob), `${sizeBytes} bytes`);
    const second = hasher.leaf(blob.subarray(MIB, 2 * MIB), 1024, false);
    deepEqual(blocks.slice(32, 64), second);
    deepEqual(hasher.hashBlocks(blob.subarray(MIB), 1024).slice(0, 32), second);
  }
});

Deno.test("no bytes have no blocks", () => {
  deepEqual(hasher.hashBlocks(new Uint8Array(0), 1024), new Uint8Array(0));
});

Deno.test("a value is fresh, and leaves of earlier calls do not show in later ones", () => {
  const first = hasher.leaf(random.subarray(0, MIB), 0, true);
  const kept = first.slice();
  first.fill(0);
  deepEqual(hasher.leaf(random.subarray(0, 100), 0, true), foreign(random.subarray(0, 100)));
  deepEqual(hasher.leaf(random.subarray(0, MIB), 0, true), kept);
  equal(first.buffer.byteLength, 32);
});

Deno.test("place and the root flag change a leaf's value", () => {
  const bytes = random.subarray(0, 2 * KIB);
  const value = hasher.leaf(bytes, 0, false);
  notDeepEqual(hasher.leaf(bytes, 2, false), value);
  notDeepEqual(hasher.leaf(bytes, 2 ** 32, false), value);
  notDeepEqual(hasher.leaf(bytes, 0, true), value);
});

Deno.test("what is no number, flag or Uint8Array is a TypeError", () => {
  const bytes = new Uint8Array(32);
  const none = new Uint8Array(0);
  for (const wrong of [null, undefined, "0", 0n, [0], new ArrayBuffer(32)] as never[]) {
    throws(() => hasher.leaf(wrong, 0, false), TypeError);
    throws(() => hasher.leaf(bytes, wrong, false), TypeError);
    throws(() => hasher.leaf(bytes, 0, wrong), TypeError);
    throws(() => hasher.parent(wrong, bytes, false), TypeError);
    throws(() => hasher.parent(bytes, wrong, false), TypeError);
    throws(() => hasher.parent(bytes, bytes, wrong), TypeError);
    throws(() => hasher.parents(wrong, false), TypeError);
    throws(() => hasher.parents(new Uint8Array(64), wrong), TypeError);
    throws(() => hasher.subtree(wrong, 0, false, none), TypeError);
    throws(() => hasher.subtree(bytes, wrong, false, none), TypeError);
    throws(() => hasher.subtree(bytes, 0, wrong, none), TypeError);
    throws(() => hasher.subtree(bytes, 0, false, wrong), TypeError);
    throws(() => hasher.hashBlocks(wrong, 0), TypeError);
    throws(() => hasher.hashBlocks(bytes, wrong), TypeError);
  }
});

Deno.test("chunk numbers that can not be are a RangeError", () => {
  const bytes = new Uint8Array(1);
  for (const wrong of [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 43 + 1, 2 ** 53]) {
    throws(() => hasher.leaf(bytes, wrong, false), RangeError);
    throws(() => hasher.subtree(bytes, wrong, false, new Uint8Array(0)), RangeError);
    throws(() => hasher.hashBlocks(bytes, wrong), RangeError);
  }
});

Deno.test("a place where BLAKE3's tree has no such subtree is a RangeError", () => {
  const places = [[KIB + 1, 1, false], [3 * KIB, 6, false], [MIB, 512, false], [KIB, 1, true]] as const;
  for (const [sizeBytes, firstChunk, isRoot] of places) {
    const bytes = random.subarray(0, sizeBytes);
    throws(() => hasher.leaf(bytes, firstChunk, isRoot), RangeError);
    const pairs = new Uint8Array(sizeBytes === MIB ? 63 * 64 : 0);
    throws(() => hasher.subtree(bytes, firstChunk, isRoot, pairs), /begins at/);
  }
  throws(() => hasher.hashBlocks(random.subarray(0, KIB), 16), RangeError);
});

Deno.test("more than 1 MiB, and values that are not 32 bytes, are a RangeError", () => {
  throws(() => hasher.leaf(new Uint8Array(MIB + 1), 0, true), RangeError);
  throws(() => hasher.subtree(new Uint8Array(MIB + 1), 0, true, new Uint8Array(64 * 64)), RangeError);
  const value = new Uint8Array(32);
  for (const wrong of [0, 31, 33]) {
    throws(() => hasher.parent(new Uint8Array(wrong), value, false), RangeError);
    throws(() => hasher.parent(value, new Uint8Array(wrong), false), RangeError);
  }
});

Deno.test("levels of less than two whole values, and roots above more than two, are a RangeError", () => {
  for (const wrong of [0, 1, 32, 63, 65, 95]) {
    throws(() => hasher.parents(new Uint8Array(wrong), false), RangeError);
  }
  for (const count of [3, 4, 1025]) {
    throws(() => hasher.parents(random.subarray(0, count * 32), true), RangeError);
  }
});

Deno.test("memory for more or fewer pairs than a subtree has is a RangeError", () => {
  for (const [sizeBytes, pairs] of [[0, 0], [1, 0], [16 * KIB, 0], [16 * KIB + 1, 1], [MIB, 63]]) {
    for (const wrong of [pairs * 64 - 64, pairs * 64 - 1, pairs * 64 + 1, pairs * 64 + 64]) {
      if (wrong < 0) continue;
      const bytes = random.subarray(0, sizeBytes);
      throws(() => hasher.subtree(bytes, 0, true, new Uint8Array(wrong)), RangeError, `${sizeBytes}`);
    }
  }
});

Deno.test("the committed kernel is what its sources compile to", async () => {
  const committed = new URL("../../../src/engine/blake3/kernel_wasm.ts", import.meta.url);
  equal(moduleText(await compileKernel()), await Deno.readTextFile(committed), "run: npm run kernel");
});

/** The slow twin of `parents`. */
function parentsOneByOne(level: Uint8Array): Uint8Array {
  const above: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 64) {
    const [left, right] = [level.subarray(i, i + 32), level.subarray(i + 32, i + 64)];
    above.push(right.length === 0 ? left : hasher.parent(left, right, false));
  }
  return Uint8Array.from(Buffer.concat(above));
}

/** The slow twin of `subtree`: the pairs above the groups, from both halves' bytes and then within each half. */
function pairsOneByOne(bytes: Uint8Array, firstChunk: number, valueOf: Hasher["leaf"]): Uint8Array[] {
  if (bytes.length <= 16 * KIB) return [];
  let left = 16;
  while (left * 2 * KIB < bytes.length) left *= 2;
  const halves = [bytes.subarray(0, left * KIB), bytes.subarray(left * KIB)];
  return [
    valueOf(halves[0], firstChunk, false),
    valueOf(halves[1], firstChunk + left, false),
    ...pairsOneByOne(halves[0], firstChunk, valueOf),
    ...pairsOneByOne(halves[1], firstChunk + left, valueOf),
  ];
}

function foreign(blob: Uint8Array): Uint8Array {
  return Uint8Array.from(foreignHash(blob) as Uint8Array);
}
