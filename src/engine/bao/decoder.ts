// Decodes and verifies the response for one blob. A state machine without IO: it reports the kind and the
// length of the next node, consumes exactly those bytes, and returns the decoded node. Everything that it returns is
// verified, except the claimed size before the last chunk. A leaf is verified by one call of the hasher, whatever its
// number of chunk groups.

import { hexOf } from "../hex.ts";
import { CHUNK_BYTES, chunkCount, GROUP_CHUNKS, HASH_BYTES, PAIR_BYTES, spanBytes } from "./geometry.ts";
import { type Leaf, type Parent, responsePlan } from "./plan.ts";
import type { RangeSet } from "./range_set.ts";
import { pairsBytes } from "./subtree.ts";
import { equalBytes } from "../bytes/equal.ts";
import { PliError } from "../errors.ts";
import type { Hasher } from "../ports.ts";

const SIZE_BYTES = 8;
const EMPTY = new Uint8Array(0);

export type Decoded =
  /** The claimed size. */
  | { kind: "size"; sizeBytes: number }
  /** A verified hash pair. */
  | { kind: "parent"; parent: Parent; left: Uint8Array; right: Uint8Array }
  /** Verified bytes: the view that was passed in. */
  | { kind: "leaf"; offsetBytes: number; bytes: Uint8Array };

export interface DecoderOptions {
  hasher: Hasher;
  hash: Uint8Array;
  /** The requested chunks, by the number of the blob's chunks. */
  select: (chunks: number) => RangeSet;
  /** A larger claim is refused with `limit_exceeded`. */
  maximumBytes: number;
  /** The largest leaf, from a chunk group (the default) to a block. The bytes on the wire are the same. */
  leafChunks?: number;
}

export class BlobDecoder {
  readonly #options: DecoderOptions;
  #sizeBytes = 0;
  #isSizeProved = false;
  #plan: Iterator<Parent | Leaf, undefined> | undefined;
  #node: Parent | Leaf | undefined;
  /** The expected values of the following nodes, the next one last. */
  readonly #expected: Uint8Array[];
  /** The hash pairs of a leaf, computed from its content. */
  #computedPairs = EMPTY;

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#expected = [options.hash];
  }

  /** The kind of the next node; null when the response is complete. */
  get nextKind(): Decoded["kind"] | null {
    return this.#plan === undefined ? "size" : this.#node?.kind ?? null;
  }

  /** The number of bytes for the next `accept`, for a leaf those of its content; 0 when the response is complete. */
  get needBytes(): number {
    if (this.#plan === undefined) return SIZE_BYTES;
    if (this.#node === undefined) return 0;
    return this.#node.kind === "parent" ? PAIR_BYTES : spanBytes(this.#node, this.#sizeBytes);
  }

  /**
   * The number of bytes of hash pairs for the next `accept`: 0 except for leaves above one chunk group. On the wire they
   * are interleaved with the content (`interleaved` in subtree.ts).
   */
  get needPairsBytes(): number {
    return this.nextKind === "leaf" ? pairsBytes(this.needBytes) : 0;
  }

  /** The blob's size once its last chunk has been verified, null before. */
  get provedSizeBytes(): number | null {
    return this.#isSizeProved ? this.#sizeBytes : null;
  }

  /**
   * Consumes exactly `needBytes` bytes, and `needPairsBytes` of hash pairs. Throws `wrong_bytes`, or `limit_exceeded` for
   * the size.
   */
  accept(bytes: Uint8Array, pairs: Uint8Array = EMPTY): Decoded {
    if (bytes.length !== this.needBytes) throw new RangeError(`${bytes.length} bytes for ${this.needBytes}`);
    if (pairs.length !== this.needPairsBytes) {
      throw new RangeError(`${pairs.length} bytes of pairs for ${this.needPairsBytes}`);
    }
    if (this.#plan === undefined) return this.#acceptSize(bytes);
    const node = this.#node;
    if (node === undefined) throw new RangeError("the response is complete");
    const decoded = node.kind === "parent"
      ? this.#acceptParent(node, bytes)
      : this.#acceptLeaf(node, bytes, pairs);
    this.#node = this.#plan.next().value;
    return decoded;
  }

  #acceptSize(bytes: Uint8Array): Decoded {
    const { maximumBytes, select, leafChunks = GROUP_CHUNKS } = this.#options;
    const claimed = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    if (claimed > BigInt(maximumBytes)) {
      throw new PliError("limit_exceeded", { what: "blob size", maximum: maximumBytes });
    }
    this.#sizeBytes = Number(claimed);
    const chunks = chunkCount(this.#sizeBytes);
    this.#computedPairs = new Uint8Array(pairsBytes(Math.min(leafChunks * CHUNK_BYTES, this.#sizeBytes)));
    this.#plan = responsePlan(chunks, select(chunks), leafChunks);
    this.#node = this.#plan.next().value;
    if (this.#sizeBytes === 0 && this.#node?.kind === "leaf") {
      this.#acceptLeaf(this.#node, EMPTY, EMPTY);
      this.#node = undefined;
    }
    return { kind: "size", sizeBytes: this.#sizeBytes };
  }

  #acceptParent(parent: Parent, bytes: Uint8Array): Decoded {
    const left = bytes.slice(0, HASH_BYTES);
    const right = bytes.slice(HASH_BYTES);
    this.#check(this.#options.hasher.parent(left, right, parent.isRoot), parent.start);
    if (parent.rightSelected) this.#expected.push(right);
    if (parent.leftSelected) this.#expected.push(left);
    return { kind: "parent", parent, left, right };
  }

  #acceptLeaf(leaf: Leaf, bytes: Uint8Array, pairs: Uint8Array): Decoded {
    const computed = this.#computedPairs.subarray(0, pairs.length);
    const value = this.#options.hasher.subtree(bytes, leaf.start, leaf.isRoot, computed);
    // The content alone is proof; wrong hash pairs are refused nevertheless, as a fault of the sender.
    if (!equalBytes(pairs, computed)) throw this.#wrongBytes(leaf.start);
    this.#check(value, leaf.start);
    this.#isSizeProved ||= leaf.end === chunkCount(this.#sizeBytes);
    return { kind: "leaf", offsetBytes: leaf.start * CHUNK_BYTES, bytes };
  }

  #check(value: Uint8Array, chunk: number): void {
    const expected = this.#expected.at(-1);
    if (expected === undefined || !equalBytes(value, expected)) throw this.#wrongBytes(chunk);
    this.#expected.pop();
  }

  #wrongBytes(chunk: number): PliError {
    return new PliError("wrong_bytes", { hash: hexOf(this.#options.hash), chunk });
  }
}
