// Damaged responses for a few known blobs: for any bytes the decoder returns only bytes of the blob, and proves no other
// size.

import assert from "node:assert/strict";
import { BlobDecoder } from "../../src/engine/bao/decoder.ts";
import { BLOCK_CHUNKS, GROUP_CHUNKS } from "../../src/engine/bao/geometry.ts";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { PliError } from "../../src/engine/errors.ts";
import { EVERYTHING, LAST_CHUNK, RangeSpec } from "../../src/engine/wire/range_spec.ts";
import { blockTree, decodeSteps } from "../engine/bao/encoding.ts";
import { UnexpectedEnd } from "../../src/engine/transfer/stream_reader.ts";
import { patternBytes } from "../vectors/mod.ts";

const hasher = wasmHasher();

/** The blobs and the requested ranges. The first byte of an input chooses one; the rest is the response. */
const QUESTIONS = ([
  [0, EVERYTHING],
  [1, EVERYTHING],
  [1025, EVERYTHING],
  [3000, LAST_CHUNK],
  [16 * 1024 + 1, EVERYTHING],
  [50_000, RangeSpec.of(1, 2, 40, 41)],
  [100_000, LAST_CHUNK],
] satisfies [number, RangeSpec][]).map(([sizeBytes, spec]: [number, RangeSpec]) => {
  const data = patternBytes(sizeBytes);
  return { data, spec, hash: blockTree(hasher, data).top };
});
/** Set in the first byte when leaves may be as large as a block. */
const LARGE_LEAVES = 0x80;

/** Decodes an input. Throws the errors of the decoder, and `connection_lost` at its end. */
export function decodeDamagedBlob(bytes: Uint8Array): void {
  const [choice = 0] = bytes;
  const { data, spec, hash } = QUESTIONS[(choice & ~LARGE_LEAVES) % QUESTIONS.length];
  const decoder = new BlobDecoder({
    hasher,
    hash,
    select: (chunks) => spec.select(chunks),
    maximumBytes: Number.MAX_SAFE_INTEGER,
    leafChunks: (choice & LARGE_LEAVES) === 0 ? GROUP_CHUNKS : BLOCK_CHUNKS,
  });
  try {
    for (const { decoded } of decodeSteps(decoder, bytes.subarray(1))) {
      if (decoded.kind !== "leaf") continue;
      const { offsetBytes, bytes: leaf } = decoded;
      assert.ok(Buffer.from(data.subarray(offsetBytes, offsetBytes + leaf.length)).equals(leaf));
    }
  } catch (error) {
    if (error instanceof UnexpectedEnd) throw new PliError("connection_lost", {}, { cause: error });
    throw error;
  } finally {
    assert.ok(decoder.provedSizeBytes === null || decoder.provedSizeBytes === data.length);
  }
}
