import assert from "node:assert/strict";
import fc from "fast-check";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { chunkCount } from "../../../src/engine/bao/geometry.ts";
import { RangeSet } from "../../../src/engine/bao/range_set.ts";
import { LAST_CHUNK, RangeSpec } from "../../../src/engine/wire/range_spec.ts";
import { bao, boundariesOf, INTERESTING_SIZES, patternBytes } from "../../vectors/mod.ts";
import { blockTree, decodeAll, encodeAll, joined } from "./encoding.ts";
import { leafSizes, selectedBytes, sizeAndSpec } from "./arbitraries.ts";
import { referenceEncoding } from "./reference.ts";

const hasher = wasmHasher();
const hashOf = (bytes: Uint8Array) => blockTree(hasher, bytes).top.toHex();

Deno.test("every bao vector: hash, encoding and outboard are those of the Rust crates", () => {
  for (const vector of bao) {
    const label = `${vector.size} bytes, ${JSON.stringify(vector.ranges)}`;
    const data = patternBytes(vector.size);
    const blocks = blockTree(hasher, data);
    assert.equal(blocks.top.toHex(), vector.hash, label);
    const chunks = chunkCount(vector.size);
    const { encoded } = encodeAll(
      hasher,
      data,
      blocks,
      RangeSpec.of(...boundariesOf(vector.ranges)).select(chunks),
    );
    assert.equal(encoded.length, vector.encoded_len, label);
    if (vector.encoded !== undefined) assert.equal(encoded.toHex(), vector.encoded, label);
    assert.equal(hashOf(encoded), vector.encoded_blake3, label);

    const everything = RangeSet.of(0, chunks);
    const options = { hasher, hash: blocks.top, select: () => everything, maximumBytes: vector.size };
    const { parents } = decodeAll(options, encodeAll(hasher, data, blocks, everything).encoded);
    // An outboard consists of the parents of a whole encoding.
    const outboard = joined(parents);
    assert.equal(outboard.length, vector.outboard_len, label);
    assert.equal(hashOf(outboard), vector.outboard_blake3, label);
  }
});

Deno.test("the encoder equals the recursive reference, for any size and ranges", () => {
  fc.assert(
    fc.property(sizeAndSpec, ([size, spec]) => {
      const data = patternBytes(size);
      const selected = spec.select(chunkCount(size));
      const { encoded, payloadBytes } = encodeAll(hasher, data, blockTree(hasher, data), selected);
      const expected = referenceEncoding(hasher, data, (chunk) => selected.covers(chunk, chunk + 1));
      assert.ok(Buffer.from(encoded.subarray(8)).equals(joined(expected)));
      assert.equal(payloadBytes, selectedBytes(selected, size));
    }),
    { numRuns: Deno.env.has("PLI_LONG") ? 500 : 50 },
  );
});

Deno.test("an encoding decodes to the same bytes at the same positions, and proves the size", () => {
  fc.assert(
    fc.property(sizeAndSpec, leafSizes, ([size, spec], leafChunks) => {
      const data = patternBytes(size);
      const blocks = blockTree(hasher, data);
      const selected = spec.select(chunkCount(size));
      const { encoded } = encodeAll(hasher, data, blocks, selected);
      const options = { hasher, hash: blocks.top, select: () => selected, maximumBytes: size, leafChunks };
      const { leaves, usedBytes, provedSizeBytes } = decodeAll(options, encoded);
      assert.equal(usedBytes, encoded.length);
      for (const { offsetBytes, bytes } of leaves) {
        assert.ok(Buffer.from(bytes).equals(data.subarray(offsetBytes, offsetBytes + bytes.length)));
      }
      const hasLastChunk = selected.covers(chunkCount(size) - 1, chunkCount(size));
      assert.equal(provedSizeBytes, hasLastChunk ? size : null);
      const decodedBytes = leaves.reduce((sum, { bytes }) => sum + bytes.length, 0);
      assert.equal(decodedBytes, selectedBytes(selected, size));
    }),
    { numRuns: Deno.env.has("PLI_LONG") ? 1_000 : 100 },
  );
});

Deno.test("a proof of the size reads the last group only, at every interesting size", () => {
  for (const size of INTERESTING_SIZES) {
    const data = patternBytes(size);
    const { encoded, reads } = encodeAll(
      hasher,
      data,
      blockTree(hasher, data),
      LAST_CHUNK.select(chunkCount(size)),
    );
    assert.ok(
      reads.length <= 1 && reads.every((read) => size === 0 || read.endsWith("last group")),
      `${size}: ${reads}`,
    );
    const expected = size === 0
      ? []
      : referenceEncoding(hasher, data, (chunk) => chunk === chunkCount(size) - 1);
    assert.equal(encoded.length, 8 + joined(expected).length);
  }
});
