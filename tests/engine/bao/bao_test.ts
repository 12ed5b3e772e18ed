import assert from "node:assert/strict";
import fc from "fast-check";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { chunkCount, HASH_BYTES } from "../../../src/engine/bao/geometry.ts";
import { RangeSet } from "../../../src/engine/bao/range_set.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import { concatenate } from "../../../src/engine/transfer/stream_reader.ts";
import { LAST_CHUNK, select } from "../../../src/engine/wire/range_spec.ts";
import { bao, bordersOf, INTERESTING_SIZES, patternBytes } from "../../vectors/mod.ts";
import { blockTree, decodeAll, encodeAll } from "./encoding.ts";
import { referenceEncoding } from "./reference.ts";

const hasher = wasmHasher();
const hashOf = (bytes: Uint8Array) =>
  bytes.length <= 1024 * 1024
    ? Promise.resolve(hasher.leaf(bytes, 0, true).toHex())
    : blockTree(hasher, bytes).then((tree) => tree.top.toHex());

Deno.test("every bao vector: hash, encoding and outboard are those of the Rust crates", async () => {
  for (const vector of bao) {
    const label = `${vector.size} bytes, ${JSON.stringify(vector.ranges)}`;
    const data = patternBytes(vector.size);
    const blocks = blockTree(hasher, data);
    assert.equal(blocks.top.toHex(), vector.hash, label);
    const chunks = chunkCount(vector.size);
    const { encoded } = encodeAll(hasher, data, blocks, select(bordersOf(vector.ranges), chunks));
    assert.equal(encoded.length, vector.encoded_len, label);
    if (vector.encoded !== undefined) assert.equal(encoded.toHex(), vector.encoded, label);
    assert.equal(await hashOf(encoded), vector.encoded_blake3, label);

    const everything = RangeSet.of(0, chunks);
    const options = { hasher, hash: blocks.top, select: () => everything, maximumBytes: vector.size };
    const { parents } = decodeAll(options, encodeAll(hasher, data, blocks, everything).encoded);
    // An outboard is the parents of a whole encoding.
    const outboard = concatenate(parents, parents.length * HASH_BYTES);
    assert.equal(outboard.length, vector.outboard_len, label);
    assert.equal(await hashOf(outboard), vector.outboard_blake3, label);
  }
});

/** A size around the interesting ones, and a set of chunks that may reach past its end. */
const sizeAndBorders = fc.tuple(
  fc.oneof(fc.constantFrom(...INTERESTING_SIZES.slice(0, -1)), fc.nat(300 * 1024), fc.nat(2 * 1024 * 1024)),
  fc.uniqueArray(fc.oneof(fc.nat(40), fc.nat(2100)), { maxLength: 6 }),
);

function sortedBorders(borders: number[]): bigint[] {
  return borders.sort((a, b) => a - b).map(BigInt);
}

Deno.test("the encoder says what the recursive reference says, for any size and ranges", async () => {
  await fc.assert(
    fc.asyncProperty(sizeAndBorders, async ([size, borders]) => {
      const data = patternBytes(size);
      const selected = select(sortedBorders(borders), chunkCount(size));
      const { encoded } = encodeAll(hasher, data, blockTree(hasher, data), selected);
      const expected = referenceEncoding(hasher, data, (chunk) => selected.covers(chunk, chunk + 1));
      const body = concatenate(expected, expected.reduce((sum, bytes) => sum + bytes.length, 0));
      assert.ok(Buffer.from(encoded.subarray(8)).equals(body));
    }),
    { numRuns: 150 },
  );
});

Deno.test("what was encoded decodes to the same bytes at the same places, and proves the size", async () => {
  await fc.assert(
    fc.asyncProperty(sizeAndBorders, async ([size, borders]) => {
      const data = patternBytes(size);
      const blocks = blockTree(hasher, data);
      const selected = select(sortedBorders(borders), chunkCount(size));
      const { encoded } = encodeAll(hasher, data, blocks, selected);
      const options = { hasher, hash: blocks.top, select: () => selected, maximumBytes: size };
      const { leaves, usedBytes, provedSizeBytes } = decodeAll(options, encoded);
      assert.equal(usedBytes, encoded.length);
      for (const { offsetBytes, bytes } of leaves) {
        assert.ok(Buffer.from(bytes).equals(data.subarray(offsetBytes, offsetBytes + bytes.length)));
      }
      const hasLastChunk = selected.covers(chunkCount(size) - 1, chunkCount(size));
      assert.equal(provedSizeBytes, hasLastChunk ? size : null);
      const decodedBytes = leaves.reduce((sum, { bytes }) => sum + bytes.length, 0);
      const selectedBytes = [...selected.spans()]
        .reduce((sum, { start, end }) => sum + Math.min(end * 1024, size) - start * 1024, 0);
      assert.equal(decodedBytes, selectedBytes);
    }),
    { numRuns: 150 },
  );
});

Deno.test("a proof of the size reads the last group only, at every interesting size", async () => {
  for (const size of INTERESTING_SIZES) {
    const data = patternBytes(size);
    const { encoded, reads } = encodeAll(
      hasher,
      data,
      blockTree(hasher, data),
      select(LAST_CHUNK, chunkCount(size)),
    );
    assert.ok(
      reads.length <= 1 && reads.every((read) => size === 0 || read.endsWith("edge")),
      `${size}: ${reads}`,
    );
    const expected = size === 0
      ? []
      : referenceEncoding(hasher, data, (chunk) => chunk === chunkCount(size) - 1);
    assert.equal(encoded.length, 8 + expected.reduce((sum, bytes) => sum + bytes.length, 0));
  }
});

Deno.test("a flipped bit is an error before the bytes behind it are given out", async () => {
  const data = patternBytes(100_000);
  const blocks = blockTree(hasher, data);
  const everything = RangeSet.of(0, chunkCount(data.length));
  const { encoded } = encodeAll(hasher, data, blocks, everything);
  fc.assert(
    fc.property(fc.nat(encoded.length - 9), fc.nat(7), (position, bit) => {
      const damaged = encoded.slice();
      damaged[position + 8] ^= 1 << bit;
      const options = { hasher, hash: blocks.top, select: () => everything, maximumBytes: data.length };
      assert.throws(() => decodeAll(options, damaged), (error) => isPliError(error, "wrong_bytes"));
    }),
    { numRuns: 500 },
  );
});

Deno.test("a false size is never proved", async () => {
  const data = patternBytes(70_000);
  const blocks = blockTree(hasher, data);
  for (const claim of [0, 1, 69_999, 70_001, 65_536, 2 ** 32, 2 ** 53 - 1]) {
    const everything = (chunks: number) => RangeSet.of(0, chunks);
    const { encoded } = encodeAll(hasher, data, blocks, everything(chunkCount(data.length)));
    new DataView(encoded.buffer).setBigUint64(0, BigInt(claim), true);
    const options = { hasher, hash: blocks.top, select: everything, maximumBytes: Number.MAX_SAFE_INTEGER };
    assert.throws(() => decodeAll(options, encoded), Error, `${claim}`);
  }
});

Deno.test("a claim over the maximum is refused from its eight bytes", () => {
  for (const claim of [1001n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
    const header = new Uint8Array(8);
    new DataView(header.buffer).setBigUint64(0, claim, true);
    const options = { hasher, hash: new Uint8Array(32), select: () => RangeSet.EMPTY, maximumBytes: 1000 };
    assert.throws(() => decodeAll(options, header), (error) => isPliError(error, "limit_exceeded"));
  }
});
