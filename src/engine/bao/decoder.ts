// Decodes and verifies the response for one blob. A machine without IO: it says how many bytes it needs next,
// takes exactly those, and gives what they mean. Nothing that it gives is unverified, except the claimed size
// until the last chunk has been seen.

import { CHUNK_BYTES, chunkCount, HASH_BYTES, spanBytes } from "./geometry.ts";
import { type Leaf, type Parent, responsePlan } from "./plan.ts";
import type { RangeSet } from "./range_set.ts";
import { equalBytes } from "../bytes/equal.ts";
import { PliError } from "../errors.ts";
import type { Hasher } from "../ports.ts";

const SIZE_BYTES = 8;
const EMPTY = new Uint8Array(0);

export type Decoded =
  /** The claimed size. */
  | { kind: "size"; sizeBytes: number }
  /** A verified pair of values. */
  | { kind: "parent"; parent: Parent; left: Uint8Array; right: Uint8Array }
  /** Verified bytes: the view that was given. */
  | { kind: "leaf"; offsetBytes: number; bytes: Uint8Array };

export interface DecoderOptions {
  hasher: Hasher;
  hash: Uint8Array;
  /** Which chunks were asked for, once the size is known. */
  select: (chunks: number) => RangeSet;
  /** A larger claim is refused with `limit_exceeded`. */
  maximumBytes: number;
}

export class BlobDecoder {
  readonly #options: DecoderOptions;
  #sizeBytes = 0;
  #isSizeProved = false;
  #plan: Iterator<Parent | Leaf, undefined> | undefined;
  #node: Parent | Leaf | undefined;
  /** The values of the nodes to come, the next one last. */
  readonly #expected: Uint8Array[];

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#expected = [options.hash];
  }

  /** How many bytes `accept` wants next; 0 when the response is complete. */
  get needBytes(): number {
    if (this.#plan === undefined) return SIZE_BYTES;
    if (this.#node === undefined) return 0;
    return this.#node.kind === "parent" ? 2 * HASH_BYTES : spanBytes(this.#node, this.#sizeBytes);
  }

  /** The blob's size once its last chunk has been verified, null before. */
  get provedSizeBytes(): number | null {
    return this.#isSizeProved ? this.#sizeBytes : null;
  }

  /** Takes exactly `needBytes` bytes. Throws `wrong_bytes`, or `limit_exceeded` for the size. */
  accept(bytes: Uint8Array): Decoded {
    if (bytes.length !== this.needBytes) throw new RangeError(`${bytes.length} bytes for ${this.needBytes}`);
    if (this.#plan === undefined) return this.#acceptSize(bytes);
    const node = this.#node;
    if (node === undefined) throw new RangeError("the response is complete");
    const decoded = node.kind === "parent" ? this.#acceptParent(node, bytes) : this.#acceptLeaf(node, bytes);
    this.#node = this.#plan.next().value;
    return decoded;
  }

  #acceptSize(bytes: Uint8Array): Decoded {
    const { maximumBytes, select } = this.#options;
    const claimed = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    if (claimed > BigInt(maximumBytes)) {
      throw new PliError("limit_exceeded", { what: "blob size", maximum: maximumBytes });
    }
    this.#sizeBytes = Number(claimed);
    const chunks = chunkCount(this.#sizeBytes);
    this.#plan = responsePlan(chunks, select(chunks));
    this.#node = this.#plan.next().value;
    if (this.#sizeBytes === 0 && this.#node?.kind === "leaf") {
      this.#acceptLeaf(this.#node, EMPTY);
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

  #acceptLeaf(leaf: Leaf, bytes: Uint8Array): Decoded {
    this.#check(this.#options.hasher.leaf(bytes, leaf.start, leaf.isRoot), leaf.start);
    this.#isSizeProved ||= leaf.end === chunkCount(this.#sizeBytes);
    return { kind: "leaf", offsetBytes: leaf.start * CHUNK_BYTES, bytes };
  }

  #check(value: Uint8Array, chunk: number): void {
    const expected = this.#expected.pop();
    if (expected === undefined || !equalBytes(value, expected)) {
      throw new PliError("wrong_bytes", { hash: this.#options.hash.toHex(), chunk });
    }
  }
}
