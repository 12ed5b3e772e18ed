// Both hashers compared with the official vectors, their slow twin in reference.ts, and another implementation.

import { hash as foreignHash } from "blake3-wasm";
import fc from "fast-check";
import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import type { Hasher } from "../../../src/engine/ports.ts";
import vectors from "../../vectors/blake3.json" with { type: "json" };
import { fold } from "./fold.ts";
import { parentValue, subtreeValue } from "./reference.ts";
import { contract, KIB, MIB } from "./two_hashers.ts";

const random = randomFillSync(new Uint8Array(5 * MIB));

/** Sizes with a reason: around the boundaries of blocks, chunks, four lanes, groups, 64 KiB portions and 1 MiB. */
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

/** The start in `random` of a content of at most 1 MiB. */
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

contract("hashes the official vectors", (hasher) => {
  equal(vectors.cases.length, 35);
  for (const { input_len, hash } of vectors.cases) {
    const input = Uint8Array.from({ length: input_len }, (_, i) => i % 251);
    deepEqual(hasher.leaf(input, 0, true).toHex(), hash.slice(0, 64), `${input_len} bytes`);
  }
});

contract("hashes blobs of every notable size like another implementation", (hasher) => {
  for (const sizeBytes of SIZES) {
    const blob = random.subarray(0, sizeBytes);
    deepEqual(hasher.leaf(blob, 0, true), foreign(blob), `${sizeBytes} bytes`);
  }
});

contract("a leaf is the subtree that the paper defines, at any position in a blob", (hasher) => {
  fc.assert(
    fc.property(sizes(40 * KIB), offsets, firstChunks(64), (sizeBytes, offset, firstChunk) => {
      const bytes = random.subarray(offset, offset + sizeBytes);
      if (sizeBytes > 0) {
        deepEqual(hasher.leaf(bytes, firstChunk, false), subtreeValue(bytes, firstChunk, false));
      }
      deepEqual(hasher.leaf(bytes, 0, true), subtreeValue(bytes, 0, true));
    }),
    { numRuns: 50 },
  );
});

contract("a leaf of 1 MiB has the value of its own tree, with counters beyond 32 bits", (hasher) => {
  for (const [sizeBytes, firstChunk] of [[MIB, 2 ** 32 - 1024], [MIB, 2 ** 43 - 1024], [MIB - 1, 2 ** 32]]) {
    const bytes = random.subarray(0, sizeBytes);
    deepEqual(hasher.leaf(bytes, firstChunk, false), subtreeValue(bytes, firstChunk, false));
  }
  const byte = random.subarray(0, 1);
  deepEqual(hasher.leaf(byte, 2 ** 43, false), subtreeValue(byte, 2 ** 43, false));
});

contract("a parent has the value that the paper defines, as root or not", (hasher) => {
  fc.assert(fc.property(values, values, fc.boolean(), (left, right, isRoot) => {
    deepEqual(hasher.parent(left, right, isRoot), parentValue(left, right, isRoot));
  }));
});

contract("parents are the values of the pairs of a level, with an odd last value unchanged", (hasher) => {
  const counts = fc.oneof(
    fc.integer({ min: 2, max: 20 }),
    fc.integer({ min: 1000, max: 1050 }),
    fc.nat(2500),
  );
  fc.assert(
    fc.property(counts, offsets, (count, offset) => {
      fc.pre(count >= 2);
      const level = random.subarray(offset, offset + count * 32);
      deepEqual(hasher.parents(level, false), parentsOneByOne(hasher, level));
    }),
    { numRuns: 50, examples: [[1024, 0], [1025, 1], [2047, 2], [2048, 3], [2049, 4], [61_001, 0]] },
  );
});

contract(
  "parents equal a fold of single parents, also from 61,000 values, with the root at the top",
  (hasher) => {
    for (const count of [2, 3, 5, 64, 1023, 1025, 4097, 61_035]) {
      const units = random.subarray(0, count * 32);
      let level: Uint8Array = units;
      while (level.length > 64) level = hasher.parents(level, false);
      for (const isRoot of [false, true]) {
        deepEqual(hasher.parents(level, isRoot), fold(hasher, units, isRoot), `${count} values`);
      }
    }
  },
);

contract("a subtree has the value of its leaf, and the pairs of its parents in pre-order", (hasher) => {
  fc.assert(
    fc.property(
      sizes(MIB),
      offsets,
      fc.oneof(fc.constant(0), firstChunks(1024)),
      fc.boolean(),
      (sizeBytes, offset, firstChunk, asRoot) => {
        const isRoot = asRoot && firstChunk === 0;
        fc.pre(isRoot || sizeBytes > 0);
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

contract("a subtree has the values that the paper defines, as root or not", (hasher) => {
  for (const sizeBytes of [0, 1, 1025, 16 * KIB, 16 * KIB + 1, 33 * KIB, 64 * KIB - 1, 80 * KIB + 5]) {
    const bytes = random.subarray(7, 7 + sizeBytes);
    for (const [firstChunk, isRoot] of [[0, true], [0, false], [2 ** 32 - 1024, false]] as const) {
      if (sizeBytes === 0 && !isRoot) continue;
      const expected = Buffer.concat(pairsOneByOne(bytes, firstChunk, subtreeValue));
      const pairs = new Uint8Array(expected.length);
      deepEqual(hasher.subtree(bytes, firstChunk, isRoot, pairs), subtreeValue(bytes, firstChunk, isRoot));
      ok(expected.equals(pairs), `${sizeBytes} bytes`);
    }
  }
});

contract("a subtree writes its pairs to their positions only", (hasher) => {
  const memory = new Uint8Array(64 * 64).fill(0xee);
  hasher.subtree(random.subarray(0, 33 * KIB), 0, true, memory.subarray(64, 3 * 64));
  ok(memory.subarray(0, 64).every((byte) => byte === 0xee));
  ok(memory.subarray(3 * 64).every((byte) => byte === 0xee));
});

contract("blocks are leaves of 1 MiB, and fold to the blob's hash", (hasher) => {
  for (const sizeBytes of [MIB + 1, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1, 3 * MIB + 4097, 5 * MIB]) {
    const blob = random.subarray(0, sizeBytes);
    const blocks = hasher.hashBlocks(blob, 0);
    deepEqual(fold(hasher, blocks, true), foreign(blob), `${sizeBytes} bytes`);
    const second = hasher.leaf(blob.subarray(MIB, 2 * MIB), 1024, false);
    deepEqual(blocks.slice(32, 64), second);
    deepEqual(hasher.hashBlocks(blob.subarray(MIB), 1024).slice(0, 32), second);
  }
});

contract("no bytes have no blocks", (hasher) => {
  deepEqual(hasher.hashBlocks(new Uint8Array(0), 1024), new Uint8Array(0));
});

contract("results do not alias, and do not depend on earlier calls", (hasher) => {
  const first = hasher.leaf(random.subarray(0, MIB), 0, true);
  const kept = first.slice();
  first.fill(0);
  deepEqual(hasher.leaf(random.subarray(0, 100), 0, true), foreign(random.subarray(0, 100)));
  deepEqual(hasher.leaf(random.subarray(0, MIB), 0, true), kept);
  equal(first.buffer.byteLength, 32);
});

contract("the position and the root flag change a leaf's value", (hasher) => {
  const bytes = random.subarray(0, 2 * KIB);
  const value = hasher.leaf(bytes, 0, false);
  notDeepEqual(hasher.leaf(bytes, 2, false), value);
  notDeepEqual(hasher.leaf(bytes, 2 ** 32, false), value);
  notDeepEqual(hasher.leaf(bytes, 0, true), value);
});

/** The slow twin of `parents`. */
function parentsOneByOne(hasher: Hasher, level: Uint8Array): Uint8Array {
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
