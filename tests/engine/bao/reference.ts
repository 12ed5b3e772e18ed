// Bao encoding by its definition: recursive over the whole input, hashing every subtree from its bytes again. It is the
// slow reference for the encoder, the plan and the value trees.

import type { Hasher } from "../../../src/engine/ports.ts";

const CHUNK_BYTES = 1024;
const GROUP_CHUNKS = 16;

/**
 * The encoding of the chunks for which `isSelected` is true, without the size; of the subtree that begins with
 * `firstChunk`.
 */
export function referenceEncoding(
  hasher: Hasher,
  data: Uint8Array,
  isSelected: (chunk: number) => boolean,
  firstChunk = 0,
): Uint8Array[] {
  const value = (bytes: Uint8Array, first: number): Uint8Array => {
    const chunks = Math.ceil(bytes.length / CHUNK_BYTES);
    if (chunks <= 1) return hasher.leaf(bytes, first, false);
    const left = leftChunks(chunks);
    return hasher.parent(
      value(bytes.subarray(0, left * CHUNK_BYTES), first),
      value(bytes.subarray(left * CHUNK_BYTES), first + left),
      false,
    );
  };
  const encode = (bytes: Uint8Array, first: number): Uint8Array[] => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, i) => first + i);
    if (!chunks.some(isSelected)) return [];
    if (chunks.length === 1 || (chunks.length <= GROUP_CHUNKS && chunks.every(isSelected))) return [bytes];
    const left = leftChunks(chunks.length);
    const halves = [bytes.subarray(0, left * CHUNK_BYTES), bytes.subarray(left * CHUNK_BYTES)];
    return [
      value(halves[0], first),
      value(halves[1], first + left),
      ...encode(halves[0], first),
      ...encode(halves[1], first + left),
    ];
  };
  return encode(data, firstChunk);
}

function leftChunks(chunks: number): number {
  return 2 ** (Math.ceil(Math.log2(chunks)) - 1);
}
