// A part of a blob that was read and verified: its bytes, and the value of every node inside it. It is a
// whole block, or only the last chunk group of a blob with the values that prove the blob's size.

import { CHUNK_BYTES, chunkCount, type ChunkSpan, GROUP_CHUNKS, HASH_BYTES, leftChunks } from "./geometry.ts";
import { findNode, interleaved, pairsBytes } from "./subtree.ts";
import type { Hasher } from "../ports.ts";

export interface VerifiedSpan extends ChunkSpan {
  /** The value of the whole span, to be compared with the expected one before any other part is used. */
  readonly top: Uint8Array;
  /** The value of a node inside the span. */
  value(start: number, end: number): Uint8Array;
  /** The wire form of a wholly selected node inside the span, as views. */
  parts(start: number, end: number): Uint8Array[];
}

/** A block (or a blob of at most one block), hashed from its bytes by one call. */
export class BlockSpan implements VerifiedSpan {
  readonly end: number;
  readonly top: Uint8Array;
  /** The hash pairs above the block's chunk groups, in pre-order. */
  readonly #pairs: Uint8Array;

  /**
   * @param isRoot whether the block is the whole blob
   * @param pairs memory for its hash pairs, which may be longer and may come from an earlier block
   */
  constructor(
    readonly hasher: Hasher,
    readonly content: Uint8Array,
    readonly start: number,
    isRoot: boolean,
    pairs: Uint8Array = new Uint8Array(pairsBytes(content.length)),
  ) {
    this.end = start + chunkCount(content.length);
    this.#pairs = pairs.subarray(0, pairsBytes(content.length));
    this.top = hasher.subtree(content, start, isRoot, this.#pairs);
  }

  value(start: number, end: number): Uint8Array {
    if (start === this.start && end === this.end) return this.top;
    return findNode(this, this.#pairs, { start, end }).value ??
      this.hasher.leaf(this.#bytes(start, end), start, false);
  }

  parts(start: number, end: number): Uint8Array[] {
    const bytes = this.#bytes(start, end);
    const { pairsOffset } = findNode(this, this.#pairs, { start, end });
    return interleaved(bytes, this.#pairs.subarray(pairsOffset, pairsOffset + pairsBytes(bytes.length)));
  }

  #bytes(start: number, end: number): Uint8Array {
    return this.content.subarray((start - this.start) * CHUNK_BYTES, (end - this.start) * CHUNK_BYTES);
  }

  /**
   * The left siblings on the path from the block's top to its last chunk group, topmost first, 32 bytes each, at most 6.
   * With them the last chunk group alone proves the size.
   */
  sizeProof(): Uint8Array {
    const siblings = [...leftSiblings(this)].map(({ start, end }) => this.value(start, end));
    const proof = new Uint8Array(siblings.length * HASH_BYTES);
    siblings.forEach((value, i) => proof.set(value, i * HASH_BYTES));
    return proof;
  }
}

/** The last group of a block, with the left siblings above it. */
export class LastGroupSpan implements VerifiedSpan {
  readonly #group: BlockSpan;
  /** Values of the nodes from a left boundary to the block's end, and of their left siblings, by that boundary. */
  readonly #right = new Map<number, Uint8Array>();
  readonly #left = new Map<number, Uint8Array>();

  /**
   * @param block the chunks of the block
   * @param sizeProof the result of `BlockSpan.sizeProof`
   * @param isRoot whether the block is the whole blob
   */
  constructor(
    hasher: Hasher,
    lastGroup: Uint8Array,
    readonly block: ChunkSpan,
    sizeProof: Uint8Array,
    isRoot: boolean,
  ) {
    const siblings = [...leftSiblings(block)];
    this.#group = new BlockSpan(hasher, lastGroup, lastGroupStart(block), isRoot && siblings.length === 0);
    let value = this.#group.top;
    for (let i = siblings.length - 1; i >= 0; i--) {
      const left = sizeProof.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
      this.#left.set(siblings[i].start, left);
      value = hasher.parent(left, value, isRoot && i === 0);
      this.#right.set(siblings[i].start, value);
    }
  }

  get start(): number {
    return this.block.start;
  }

  get end(): number {
    return this.block.end;
  }

  get top(): Uint8Array {
    return this.#right.get(this.start) ?? this.#group.top;
  }

  value(start: number, end: number): Uint8Array {
    const known = (end === this.end ? this.#right : this.#left).get(start);
    return known ?? this.#group.value(start, end);
  }

  parts(start: number, end: number): Uint8Array[] {
    return this.#group.parts(start, end);
  }
}

/** The first chunk of the last group of a block. */
export function lastGroupStart(block: ChunkSpan): number {
  return block.start + Math.floor((block.end - block.start - 1) / GROUP_CHUNKS) * GROUP_CHUNKS;
}

function* leftSiblings({ start, end }: ChunkSpan): Generator<ChunkSpan> {
  while (end - start > GROUP_CHUNKS) {
    const middle = start + leftChunks(end - start);
    yield { start, end: middle };
    start = middle;
  }
}
