// Encodes the response for one blob: its size, then its parents and leaves as the plan orders them, whole blocks at a
// time where they are wholly selected. Pure. One traversal of the plan yields the spans of the blob to read and the
// nodes of each; a span is verified before its nodes are encoded, so no unverified byte is sent.

import { BLOCK_CHUNKS, blockCount, chunkCount, HASH_BYTES, PAIR_BYTES, spanBytes } from "./geometry.ts";
import { type Leaf, type Parent, responsePlan } from "./plan.ts";
import type { RangeSet } from "./range_set.ts";
import type { ValueTree } from "./value_tree.ts";
import { lastGroupStart, type VerifiedSpan } from "./verified_span.ts";

/** A block to read; with `lastGroupOnly` only its last chunk group, with the proof of it. */
export interface SpanRequest {
  block: number;
  lastGroupOnly: boolean;
}

/** A span to read, and the nodes of the response from the end of the span before it to its own. */
export interface PlannedSpan {
  request: SpanRequest;
  nodes: readonly (Parent | Leaf)[];
  /** Whether the response ends with it. */
  isLast: boolean;
}

/** Parts to send, one after the other. `payloadBytes` of them are the blob's own; sizes and parents are not. */
export interface EncodedNode {
  send: readonly Uint8Array[];
  payloadBytes: number;
}

/** The spans of a response for the `selected` chunks of a blob, in order; none where nothing is selected or there. */
export function* planSpans(sizeBytes: number, selected: RangeSet): Generator<PlannedSpan, void> {
  if (sizeBytes === 0) return;
  let nodes: (Parent | Leaf)[] = [];
  /** The block of the span that the nodes lead to; -1 while they are all above blocks. */
  let block = -1;
  for (const node of responsePlan(chunkCount(sizeBytes), selected, BLOCK_CHUNKS)) {
    const nodeBlock = isAboveBlocks(node) ? -1 : Math.floor(node.start / BLOCK_CHUNKS);
    if (block !== -1 && nodeBlock !== block) {
      yield { request: spanRequest(sizeBytes, block, selected), nodes, isLast: false };
      nodes = [];
    }
    nodes.push(node);
    block = nodeBlock;
  }
  if (block !== -1) yield { request: spanRequest(sizeBytes, block, selected), nodes, isLast: true };
}

/**
 * The encoding of nodes, as `planSpans` gives them with the request that the span was read for. Parts to send are views
 * of the span or fresh arrays. Throws TypeError for a span of another block.
 *
 * @param blocks the values of the blob's blocks; for a blob of one block its value is the blob's hash
 */
export function* encodeNodes(
  sizeBytes: number,
  blocks: ValueTree,
  nodes: readonly (Parent | Leaf)[],
  span: VerifiedSpan,
): Generator<EncodedNode, void> {
  for (const node of nodes) {
    const isAbove = isAboveBlocks(node);
    if (!isAbove && (node.start < span.start || node.end > span.end)) {
      throw new TypeError(`chunks ${node.start} to ${node.end} of a span from ${span.start} to ${span.end}`);
    }
    if (node.kind === "leaf") {
      yield { send: span.parts(node.start, node.end), payloadBytes: spanBytes(node, sizeBytes) };
      continue;
    }
    const values = isAbove ? blocks : span;
    const pair = new Uint8Array(PAIR_BYTES);
    pair.set(values.value(node.start, node.middle));
    pair.set(values.value(node.middle, node.end), HASH_BYTES);
    yield { send: [pair], payloadBytes: 0 };
  }
}

/** The header of a response: the size of the blob, 8 bytes, little-endian. */
export function encodeSize(sizeBytes: number): EncodedNode {
  const header = new Uint8Array(8);
  new DataView(header.buffer).setBigUint64(0, BigInt(sizeBytes), true);
  return { send: [header], payloadBytes: 0 };
}

/** How many bytes of the blob a request reads. */
export function spanRequestBytes(sizeBytes: number, { block, lastGroupOnly }: SpanRequest): number {
  const chunks = {
    start: block * BLOCK_CHUNKS,
    end: Math.min((block + 1) * BLOCK_CHUNKS, chunkCount(sizeBytes)),
  };
  return spanBytes(
    { start: lastGroupOnly ? lastGroupStart(chunks) : chunks.start, end: chunks.end },
    sizeBytes,
  );
}

function spanRequest(sizeBytes: number, block: number, selected: RangeSet): SpanRequest {
  const start = block * BLOCK_CHUNKS;
  const isLast = block === blockCount(sizeBytes) - 1;
  const lastGroup = lastGroupStart({ start, end: chunkCount(sizeBytes) });
  return { block, lastGroupOnly: isLast && !selected.intersects(start, lastGroup) };
}

function isAboveBlocks({ start, end }: Parent | Leaf): boolean {
  return end - start > BLOCK_CHUNKS;
}
