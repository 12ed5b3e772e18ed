// The kernel against the official vectors, its slow twin in reference.ts, and another implementation.

import { hash as foreignHash } from "blake3-wasm";
import fc from "fast-check";
import { deepEqual, equal, notDeepEqual, throws } from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { compileKernel, moduleText } from "../../../src/engine/blake3/build_kernel.ts";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
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

Deno.test("groups are leaves of 16 KiB, side by side", () => {
  fc.assert(
    fc.property(sizes(MIB), offsets, firstChunks(1024), (sizeBytes, offset, firstChunk) => {
      const bytes = random.subarray(offset, offset + sizeBytes);
      const groups: number[] = [];
      for (let i = 0; i < bytes.length; i += 16 * KIB) {
        groups.push(...hasher.leaf(bytes.subarray(i, i + 16 * KIB), firstChunk + i / KIB, false));
      }
      deepEqual(hasher.groups(bytes, firstChunk), Uint8Array.from(groups));
    }),
    { numRuns: 50 },
  );
});

Deno.test("groups fold to the value of the leaf that they make up", () => {
  fc.assert(
    fc.property(sizes(MIB), offsets, fc.boolean(), (sizeBytes, offset, isRoot) => {
      fc.pre(sizeBytes > 16 * KIB);
      const bytes = random.subarray(offset, offset + sizeBytes);
      deepEqual(fold(hasher, hasher.groups(bytes, 0), isRoot), hasher.leaf(bytes, 0, isRoot));
    }),
    { numRuns: 50 },
  );
});

Deno.test("blocks are leaves of 1 MiB, and fold to the blob's hash", async () => {
  for (const sizeBytes of [MIB + 1, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1, 3 * MIB + 4097, 5 * MIB]) {
    const blob = random.subarray(0, sizeBytes);
    const blocks = hasher.hashBlocks(blob, 0);
    deepEqual(fold(hasher, blocks, true), foreign(blob), `${sizeBytes} bytes`);
    const second = hasher.leaf(blob.subarray(MIB, 2 * MIB), 1024, false);
    deepEqual(blocks.slice(32, 64), second);
    deepEqual((hasher.hashBlocks(blob.subarray(MIB), 1024)).slice(0, 32), second);
  }
});

Deno.test("no bytes have no groups and no blocks", async () => {
  deepEqual(hasher.groups(new Uint8Array(0), 0), new Uint8Array(0));
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

Deno.test("what is no number, flag or Uint8Array is a TypeError", async () => {
  const bytes = new Uint8Array(32);
  for (const wrong of [null, undefined, "0", 0n, [0], new ArrayBuffer(32)] as never[]) {
    throws(() => hasher.leaf(wrong, 0, false), TypeError);
    throws(() => hasher.leaf(bytes, wrong, false), TypeError);
    throws(() => hasher.leaf(bytes, 0, wrong), TypeError);
    throws(() => hasher.parent(wrong, bytes, false), TypeError);
    throws(() => hasher.parent(bytes, wrong, false), TypeError);
    throws(() => hasher.parent(bytes, bytes, wrong), TypeError);
    throws(() => hasher.groups(wrong, 0), TypeError);
    throws(() => hasher.groups(bytes, wrong), TypeError);
    throws(() => hasher.hashBlocks(wrong, 0), TypeError);
    throws(() => hasher.hashBlocks(bytes, wrong), TypeError);
  }
});

Deno.test("chunk numbers that can not be are a RangeError", async () => {
  const bytes = new Uint8Array(1);
  for (const wrong of [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 43 + 1, 2 ** 53]) {
    throws(() => hasher.leaf(bytes, wrong, false), RangeError);
    throws(() => hasher.groups(bytes, wrong), RangeError);
    throws(() => hasher.hashBlocks(bytes, wrong), RangeError);
  }
});

Deno.test("a place where BLAKE3's tree has no such subtree is a RangeError", async () => {
  throws(() => hasher.leaf(random.subarray(0, KIB + 1), 1, false), RangeError);
  throws(() => hasher.leaf(random.subarray(0, 3 * KIB), 6, false), RangeError);
  throws(() => hasher.leaf(random.subarray(0, MIB), 512, false), RangeError);
  throws(() => hasher.leaf(random.subarray(0, KIB), 1, true), RangeError);
  throws(() => hasher.groups(random.subarray(0, KIB), 8), RangeError);
  throws(() => hasher.hashBlocks(random.subarray(0, KIB), 16), RangeError);
});

Deno.test("more than 1 MiB, and values that are not 32 bytes, are a RangeError", () => {
  throws(() => hasher.leaf(new Uint8Array(MIB + 1), 0, true), RangeError);
  throws(() => hasher.groups(new Uint8Array(MIB + 1), 0), RangeError);
  const value = new Uint8Array(32);
  for (const wrong of [0, 31, 33]) {
    throws(() => hasher.parent(new Uint8Array(wrong), value, false), RangeError);
    throws(() => hasher.parent(value, new Uint8Array(wrong), false), RangeError);
  }
});

Deno.test("the committed kernel is what its sources compile to", async () => {
  const committed = new URL("../../../src/engine/blake3/kernel_wasm.ts", import.meta.url);
  equal(moduleText(await compileKernel()), await Deno.readTextFile(committed), "run: npm run kernel");
});

function foreign(blob: Uint8Array): Uint8Array {
  return Uint8Array.from(foreignHash(blob) as Uint8Array);
}
