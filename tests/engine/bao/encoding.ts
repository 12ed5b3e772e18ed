// Encodes and decodes whole blobs in memory: the loops around the pure encoder and decoder in tests.

import assert from "node:assert/strict";
import { BlobDecoder, type Decoded, type DecoderOptions } from "../../../src/engine/bao/decoder.ts";
import { encodeNodes, encodeSize, planSpans } from "../../../src/engine/bao/encoder.ts";
import { BLOCK_BYTES, BLOCK_CHUNKS, CHUNK_BYTES } from "../../../src/engine/bao/geometry.ts";
import type { RangeSet } from "../../../src/engine/bao/range_set.ts";
import { interleaved } from "../../../src/engine/bao/subtree.ts";
import { ValueTree } from "../../../src/engine/bao/value_tree.ts";
import { BlockSpan, LastGroupSpan, lastGroupStart } from "../../../src/engine/bao/verified_span.ts";
import type { Hasher } from "../../../src/engine/ports.ts";
import { concatenate, UnexpectedEnd } from "../../../src/engine/transfer/stream_reader.ts";

/** The values of the blocks, as a tree. */
export function blockTree(hasher: Hasher, data: Uint8Array): ValueTree {
  const isOne = data.length <= BLOCK_BYTES;
  const units = isOne ? hasher.leaf(data, 0, true) : hasher.hashBlocks(data, 0);
  return new ValueTree(hasher, units, BLOCK_CHUNKS, 0, !isOne);
}

/** The response for one blob, and the spans that it read. */
export function encodeAll(hasher: Hasher, data: Uint8Array, blocks: ValueTree, selected: RangeSet) {
  const sent = [...encodeSize(data.length).send];
  const reads: string[] = [];
  let payloadBytes = 0;
  let isComplete = false;
  for (const { request: { block, lastGroupOnly }, nodes, isLast } of planSpans(data.length, selected)) {
    assert.ok(!isComplete, "a span after the last one");
    isComplete = isLast;
    reads.push(`${block}${lastGroupOnly ? " last group" : ""}`);
    const content = data.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
    const isRoot = data.length <= BLOCK_BYTES;
    const whole = new BlockSpan(hasher, content, block * BLOCK_CHUNKS, isRoot);
    const chunks = { start: whole.start, end: whole.end };
    const group = content.subarray((lastGroupStart(chunks) - chunks.start) * CHUNK_BYTES);
    const span = lastGroupOnly ? new LastGroupSpan(hasher, group, chunks, whole.sizeProof(), isRoot) : whole;
    for (const { send, payloadBytes: count } of encodeNodes(data.length, blocks, nodes, span)) {
      sent.push(...send.map((part) => part.slice()));
      payloadBytes += count;
    }
  }
  assert.ok(isComplete || reads.length === 0, "no span is the last one");
  return { encoded: joined(sent), reads, payloadBytes };
}

/** The items that a decoder yields for a response, each with the number of bytes used by then. Throws UnexpectedEnd. */
export function* decodeSteps(
  decoder: BlobDecoder,
  encoded: Uint8Array,
): Generator<{ decoded: Decoded; usedBytes: number }> {
  let usedBytes = 0;
  const fill = (part: Uint8Array) => {
    if (usedBytes + part.length > encoded.length) throw new UnexpectedEnd();
    part.set(encoded.subarray(usedBytes, usedBytes += part.length));
  };
  while (decoder.nextKind !== null) {
    const bytes = new Uint8Array(decoder.needBytes);
    const pairs = new Uint8Array(decoder.needPairsBytes);
    (decoder.nextKind === "leaf" ? interleaved(bytes, pairs) : [bytes]).forEach(fill);
    yield { decoded: decoder.accept(bytes, pairs), usedBytes };
  }
}

/** The result of decoding a response: the verified leaves at their positions, and the parents in order. */
export function decodeAll(options: DecoderOptions, encoded: Uint8Array) {
  const decoder = new BlobDecoder(options);
  const leaves: { offsetBytes: number; bytes: Uint8Array }[] = [];
  const parents: Uint8Array[] = [];
  let usedBytes = 0;
  for (const step of decodeSteps(decoder, encoded)) {
    usedBytes = step.usedBytes;
    if (step.decoded.kind === "leaf") leaves.push(step.decoded);
    if (step.decoded.kind === "parent") parents.push(step.decoded.left, step.decoded.right);
  }
  return { leaves, parents, usedBytes, provedSizeBytes: decoder.provedSizeBytes };
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return concatenate(parts, parts.reduce((sum, { length }) => sum + length, 0));
}
