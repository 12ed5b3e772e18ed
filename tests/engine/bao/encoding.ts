// Encodes and decodes whole blobs in memory: the loops that turn the machines' cranks in tests.

import { BlobDecoder, type DecoderOptions } from "../../../src/engine/bao/decoder.ts";
import { encode } from "../../../src/engine/bao/encoder.ts";
import { BLOCK_BYTES, BLOCK_CHUNKS, CHUNK_BYTES, chunkCount } from "../../../src/engine/bao/geometry.ts";
import type { RangeSet } from "../../../src/engine/bao/range_set.ts";
import { ValueTree } from "../../../src/engine/bao/value_tree.ts";
import { BlockSpan, EdgeSpan, lastGroupStart } from "../../../src/engine/bao/verified_span.ts";
import type { Hasher } from "../../../src/engine/ports.ts";
import { concatenate } from "../../../src/engine/transfer/stream_reader.ts";

/** The values of the blocks, as a tree. */
export function blockTree(hasher: Hasher, data: Uint8Array): ValueTree {
  const isOne = data.length <= BLOCK_BYTES;
  const units = isOne ? hasher.leaf(data, 0, true) : hasher.hashBlocks(data, 0);
  return new ValueTree(hasher, units, BLOCK_CHUNKS, 0, !isOne);
}

/** The response for one blob, and which spans it read. */
export function encodeAll(hasher: Hasher, data: Uint8Array, blocks: ValueTree, selected: RangeSet) {
  const steps = encode(data.length, blocks, selected);
  const sent: Uint8Array[] = [];
  const reads: string[] = [];
  let step = steps.next();
  while (!step.done) {
    if ("send" in step.value) {
      sent.push(step.value.send.slice());
      step = steps.next();
      continue;
    }
    const { block, edgeOnly } = step.value.read;
    reads.push(`${block}${edgeOnly ? " edge" : ""}`);
    const content = data.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
    const isRoot = data.length <= BLOCK_BYTES;
    const whole = new BlockSpan(hasher, content, block * BLOCK_CHUNKS, isRoot);
    const chunks = { start: whole.start, end: whole.end };
    const group = content.subarray((lastGroupStart(chunks) - chunks.start) * CHUNK_BYTES);
    step = steps.next(edgeOnly ? new EdgeSpan(hasher, group, chunks, whole.edge(), isRoot) : whole);
  }
  return { encoded: concatenate(sent, sent.reduce((sum, bytes) => sum + bytes.length, 0)), reads };
}

/** What a decoder makes of a response: the verified leaves laid in place, and the parents in their order. */
export function decodeAll(options: DecoderOptions, encoded: Uint8Array) {
  const decoder = new BlobDecoder(options);
  const leaves: { offsetBytes: number; bytes: Uint8Array }[] = [];
  const parents: Uint8Array[] = [];
  let offset = 0;
  while (decoder.needBytes > 0) {
    if (offset + decoder.needBytes > encoded.length) throw new Error("cut short");
    const decoded = decoder.accept(encoded.subarray(offset, offset += decoder.needBytes));
    if (decoded.kind === "leaf") leaves.push(decoded);
    if (decoded.kind === "parent") parents.push(decoded.left, decoded.right);
  }
  return { leaves, parents, usedBytes: offset, provedSizeBytes: decoder.provedSizeBytes };
}

export function chunksOf(data: Uint8Array): number {
  return chunkCount(data.length);
}
