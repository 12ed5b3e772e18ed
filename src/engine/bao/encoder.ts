// Encodes the response for one blob: its size, then its parents and leaves as the plan orders them, whole blocks
// at a time where they are wholly selected. A machine without IO: it yields bytes to send, or asks for a span of
// the blob that whoever drives it reads and verifies, so that no byte leaves unverified.

import { BLOCK_CHUNKS, blockCount, chunkCount, HASH_BYTES, PAIR_BYTES, spanBytes } from "./geometry.ts";
import { responsePlan } from "./plan.ts";
import { RangeSet } from "./range_set.ts";
import type { ValueTree } from "./value_tree.ts";
import { lastGroupStart, type VerifiedSpan } from "./verified_span.ts";

/** Asks for a block; with `edgeOnly` its last group and what proves it will do. */
export interface SpanRequest {
  block: number;
  edgeOnly: boolean;
}

/** Parts to send, one after the other. `payloadBytes` of them are the blob's own; sizes and parents are not. */
export type EncoderStep = { send: readonly Uint8Array[]; payloadBytes: number } | { read: SpanRequest };

/**
 * The encoding of the `selected` chunks of a blob. Answer a `read` by `next(span)`. Parts to send are views of
 * the span or fresh arrays, valid until the next step.
 *
 * @param blocks the values of the blob's blocks; for a blob of one block its value is the blob's hash
 */
export function* encode(
  sizeBytes: number,
  blocks: ValueTree,
  selected: RangeSet,
): Generator<EncoderStep, void, VerifiedSpan | undefined> {
  yield { send: [sizeHeader(sizeBytes)], payloadBytes: 0 };
  if (sizeBytes === 0) return;
  let span: VerifiedSpan | undefined;
  for (const node of responsePlan(chunkCount(sizeBytes), selected, BLOCK_CHUNKS)) {
    let values: ValueTree | VerifiedSpan = blocks;
    if (node.kind === "leaf" || node.end - node.start <= BLOCK_CHUNKS) {
      if (span === undefined || node.start >= span.end) {
        span = yield { read: spanRequest(sizeBytes, Math.floor(node.start / BLOCK_CHUNKS), selected) };
        if (span === undefined) throw new TypeError("a read step wants a span");
      }
      if (node.kind === "leaf") {
        yield { send: span.parts(node.start, node.end), payloadBytes: spanBytes(node, sizeBytes) };
        continue;
      }
      values = span;
    }
    const pair = new Uint8Array(PAIR_BYTES);
    pair.set(values.value(node.start, node.middle));
    pair.set(values.value(node.middle, node.end), HASH_BYTES);
    yield { send: [pair], payloadBytes: 0 };
  }
}

/** What `encode` will ask for, in its order: whoever drives it can read ahead. */
export function* spanRequests(sizeBytes: number, selected: RangeSet): Generator<SpanRequest> {
  if (sizeBytes === 0) return;
  let next = 0;
  for (const { start, end } of selected.spans()) {
    const last = Math.ceil(end / BLOCK_CHUNKS);
    for (next = Math.max(next, Math.floor(start / BLOCK_CHUNKS)); next < last; next++) {
      yield spanRequest(sizeBytes, next, selected);
    }
  }
}

/** How many bytes of the blob a request reads. */
export function spanRequestBytes(sizeBytes: number, { block, edgeOnly }: SpanRequest): number {
  const chunks = {
    start: block * BLOCK_CHUNKS,
    end: Math.min((block + 1) * BLOCK_CHUNKS, chunkCount(sizeBytes)),
  };
  return spanBytes({ start: edgeOnly ? lastGroupStart(chunks) : chunks.start, end: chunks.end }, sizeBytes);
}

function spanRequest(sizeBytes: number, block: number, selected: RangeSet): SpanRequest {
  const start = block * BLOCK_CHUNKS;
  const isLast = block === blockCount(sizeBytes) - 1;
  const edgeStart = lastGroupStart({ start, end: chunkCount(sizeBytes) });
  return { block, edgeOnly: isLast && !selected.intersects(start, edgeStart) };
}

function sizeHeader(sizeBytes: number): Uint8Array {
  const header = new Uint8Array(8);
  new DataView(header.buffer).setBigUint64(0, BigInt(sizeBytes), true);
  return header;
}
