// The refusals of the decoder, and its calls of the hasher.

import assert from "node:assert/strict";
import fc from "fast-check";
import { BlobDecoder } from "../../../src/engine/bao/decoder.ts";
import { chunkCount } from "../../../src/engine/bao/geometry.ts";
import { RangeSet } from "../../../src/engine/bao/range_set.ts";
import { pairsBytes } from "../../../src/engine/bao/subtree.ts";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import type { Hasher } from "../../../src/engine/ports.ts";
import { UnexpectedEnd } from "../../../src/engine/transfer/stream_reader.ts";
import { EVERYTHING, LAST_CHUNK, type RangeSpec } from "../../../src/engine/wire/range_spec.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { leafSizes, sizeAndSpec } from "./arbitraries.ts";
import { blockTree, decodeAll, decodeSteps, encodeAll } from "./encoding.ts";

const MIB = 1024 * 1024;

const hasher = wasmHasher();

interface Response {
  data: Uint8Array;
  hash: Uint8Array;
  spec: RangeSpec;
  encoded: Uint8Array;
}

function respond(sizeBytes: number, spec: RangeSpec): Response {
  const data = patternBytes(sizeBytes);
  const blocks = blockTree(hasher, data);
  const { encoded } = encodeAll(hasher, data, blocks, spec.select(chunkCount(sizeBytes)));
  return { data, hash: blocks.top, spec, encoded };
}

function decoderOf({ hash, spec }: Response, leafChunks?: number): BlobDecoder {
  const options = { hasher, hash, select: (chunks: number) => spec.select(chunks), leafChunks };
  return new BlobDecoder({ ...options, maximumBytes: Number.MAX_SAFE_INTEGER });
}

/**
 * Flips one bit of a response. After the size, no data that contains the bit is returned, before or with the error. A
 * false size may pass if its chunks were not requested, because it is not proved then.
 */
function checkFlip(response: Response, leafChunks: number, position: number, bit: number): void {
  const damaged = response.encoded.slice();
  damaged[position] ^= 1 << bit;
  const decoder = decoderOf(response, leafChunks);
  const label = `bit ${bit} of byte ${position}, leaves of ${leafChunks}`;
  let goodBytes = 0;
  try {
    for (const { decoded, usedBytes } of decodeSteps(decoder, damaged)) {
      goodBytes = usedBytes;
      if (decoded.kind !== "leaf") continue;
      const { offsetBytes, bytes } = decoded;
      const truth = response.data.subarray(offsetBytes, offsetBytes + bytes.length);
      assert.ok(Buffer.from(bytes).equals(truth), label);
    }
  } catch (error) {
    const isSizeError = error instanceof UnexpectedEnd || isPliError(error, "limit_exceeded");
    assert.ok(isPliError(error, "wrong_bytes") || (position < 8 && isSizeError), `${label}: ${error}`);
    assert.ok(position < 8 || goodBytes <= position, label);
    assert.equal(decoder.provedSizeBytes, null, label);
    return;
  }
  assert.ok(position < 8, label);
  assert.equal(decoder.provedSizeBytes, null, label);
}

/** The positions in an encoding that are not content: the size, and every pair above leaves of a group. */
function treePositions(response: Response): number[] {
  const positions: number[] = [];
  let usedBefore = 0;
  for (const { decoded, usedBytes } of decodeSteps(decoderOf(response), response.encoded)) {
    if (decoded.kind !== "leaf") { for (let i = usedBefore; i < usedBytes; i++) positions.push(i); }
    usedBefore = usedBytes;
  }
  return positions;
}

Deno.test("each flipped bit of the size or of a pair is refused, for all sizes of leaves", () => {
  const response = respond(5 * 16_384 + 1, EVERYTHING);
  const positions = treePositions(response);
  assert.equal(positions.length, 8 + pairsBytes(response.data.length));
  for (const position of positions) {
    for (let bit = 0; bit < 8; bit++) {
      for (const leaf of [16, 64, 1024]) checkFlip(response, leaf, position, bit);
    }
  }
});

Deno.test("each flipped bit of a small blob is refused", () => {
  for (const sizeBytes of [1, 1024, 1025]) {
    const response = respond(sizeBytes, EVERYTHING);
    for (let i = 0; i < response.encoded.length * 8; i++) checkFlip(response, 16, i >>> 3, i & 7);
  }
});

Deno.test("a flipped bit is refused before any byte of its subtree is returned, for any size and ranges", () => {
  fc.assert(
    fc.property(
      sizeAndSpec.map(([size, spec]) => respond(size, spec)),
      leafSizes,
      fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 3, maxLength: 3 }),
      (response, leafChunks, flips) => {
        for (const [at, bit] of flips) checkFlip(response, leafChunks, at % response.encoded.length, bit);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("a damaged leaf does not change the state of the decoder", () => {
  const response = respond(5 * 16_384, EVERYTHING);
  const { data } = response;
  const decoder = decoderOf(response, 1024);
  decoder.accept(response.encoded.subarray(0, 8));
  const pairs = new Uint8Array(decoder.needPairsBytes);
  hasher.subtree(data, 0, true, pairs);
  const damagedPairs = pairs.slice();
  damagedPairs[pairs.length - 1] ^= 1;
  const wrong = (error: unknown) => isPliError(error, "wrong_bytes");
  assert.throws(() => decoder.accept(data, damagedPairs), wrong);
  assert.throws(() => decoder.accept(data.with(70_000, 1 ^ data[70_000]), pairs), wrong);
  assert.equal(decoder.nextKind, "leaf");
  assert.deepEqual(decoder.accept(data, pairs), { kind: "leaf", offsetBytes: 0, bytes: data });
  assert.equal(decoder.nextKind, null);
});

Deno.test("a decoder reports the number of bytes that it needs, and consumes exactly these", () => {
  const response = respond(MIB + 16_385, EVERYTHING);
  const decoder = decoderOf(response, 1024);
  const next = () => [decoder.nextKind, decoder.needBytes, decoder.needPairsBytes];
  const seen = [next()];
  for (const _ of decodeSteps(decoder, response.encoded)) seen.push(next());
  assert.deepEqual(seen, [
    ["size", 8, 0],
    ["parent", 64, 0],
    ["leaf", MIB, 63 * 64],
    ["leaf", 16_385, 64],
    [null, 0, 0],
  ]);
  const another = decoderOf(response, 1024);
  assert.throws(() => another.accept(new Uint8Array(7)), RangeError);
  assert.throws(() => another.accept(new Uint8Array(8), new Uint8Array(64)), RangeError);
  another.accept(response.encoded.subarray(0, 8));
  another.accept(response.encoded.subarray(8, 72));
  assert.throws(() => another.accept(response.data.subarray(0, MIB)), RangeError);
  assert.throws(() => another.accept(response.data.subarray(0, MIB), new Uint8Array(62 * 64)), RangeError);
});

Deno.test("a block costs one call of the hasher, to encode and to decode", () => {
  const calls: string[] = [];
  const counting = new Proxy(hasher, {
    get(target, name: keyof Hasher) {
      return (...args: never[]) => {
        calls.push(name);
        return (target[name] as (...args: never[]) => unknown)(...args);
      };
    },
  });
  const { data, hash, encoded } = respond(3 * MIB + 70_000, EVERYTHING);
  const blocks = blockTree(hasher, data);
  const everything = (chunks: number) => RangeSet.of(0, chunks);
  encodeAll(counting, data, blocks, everything(chunkCount(data.length)));
  assert.deepEqual(calls, ["subtree", "subtree", "subtree", "subtree"]);
  calls.length = 0;
  decodeAll(
    { hasher: counting, hash, select: everything, maximumBytes: data.length, leafChunks: 1024 },
    encoded,
  );
  assert.deepEqual(
    calls,
    ["parent", "parent", "subtree", "subtree", "parent", "subtree", "subtree"],
  );
});

Deno.test("a false size is never proved", () => {
  const { hash, encoded } = respond(70_000, EVERYTHING);
  for (const claim of [0, 1, 69_999, 70_001, 65_536, 2 ** 32, 2 ** 53 - 1]) {
    new DataView(encoded.buffer).setBigUint64(0, BigInt(claim), true);
    for (const leafChunks of [16, 1024]) {
      for (const spec of [EVERYTHING, LAST_CHUNK]) {
        const options = { hasher, hash, select: (chunks: number) => spec.select(chunks), leafChunks };
        const decode = () => decodeAll({ ...options, maximumBytes: Number.MAX_SAFE_INTEGER }, encoded);
        assert.throws(decode, Error, `${claim}`);
      }
    }
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
