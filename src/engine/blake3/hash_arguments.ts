// Validation of a hasher's arguments: a subtree that BLAKE3's tree (paper, section 2.1) cannot have at that position is
// refused, because its value would verify nothing. Throws TypeError for a wrong shape, RangeError for a wrong value.

import { BLOCK_BYTES, BLOCK_CHUNKS, CHUNK_BYTES, HASH_BYTES, PAIR_BYTES } from "../bao/geometry.ts";
import { pairsBytes } from "../bao/subtree.ts";

/** Files end before byte 2^53, the limit of JavaScript's exact integers. */
const MAXIMUM_CHUNK = 2 ** 43;

/** The chunk numbers at which a subtree of this size can begin are the multiples of this one. */
function alignmentOf(sizeBytes: number): number {
  let chunks = 1;
  while (chunks * CHUNK_BYTES < sizeBytes) chunks *= 2;
  return chunks;
}

function checkBytes(bytes: Uint8Array, maximumBytes: number): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("bytes must be a Uint8Array");
  if (bytes.length > maximumBytes) throw new RangeError(`at most ${maximumBytes} bytes, not ${bytes.length}`);
}

/** For `leaf`. */
export function checkLeaf(bytes: Uint8Array, firstChunk: number, isRoot: boolean): void {
  checkBytes(bytes, BLOCK_BYTES);
  checkFlag(isRoot);
  checkFirstChunk(firstChunk, alignmentOf(bytes.length));
  if (isRoot && firstChunk !== 0) throw new RangeError("a root begins at chunk 0");
  if (bytes.length === 0 && !isRoot) throw new RangeError("only a whole blob can be empty");
}

/** For `subtree`. */
export function checkSubtree(
  bytes: Uint8Array,
  firstChunk: number,
  isRoot: boolean,
  pairs: Uint8Array,
): void {
  checkLeaf(bytes, firstChunk, isRoot);
  checkPairs(pairs, pairsBytes(bytes.length));
}

/** For `parent`. */
export function checkPair(left: Uint8Array, right: Uint8Array, isRoot: boolean): void {
  checkValue(left);
  checkValue(right);
  checkFlag(isRoot);
}

/** For `parents`. */
export function checkParents(level: Uint8Array, isRoot: boolean): void {
  checkLevel(level);
  checkFlag(isRoot);
  if (isRoot && level.length !== PAIR_BYTES) throw new RangeError("the root is the parent of two values");
}

/** For `hashBlocks`. */
export function checkBlocks(bytes: Uint8Array, firstChunk: number): void {
  checkBytes(bytes, Number.MAX_SAFE_INTEGER);
  checkFirstChunk(firstChunk, BLOCK_CHUNKS);
}

function checkPairs(pairs: Uint8Array, sizeBytes: number): void {
  if (!(pairs instanceof Uint8Array)) throw new TypeError("pairs must be a Uint8Array");
  if (pairs.length !== sizeBytes) {
    throw new RangeError(`this subtree has ${sizeBytes} bytes of pairs, not ${pairs.length}`);
  }
}

function checkLevel(level: Uint8Array): void {
  if (!(level instanceof Uint8Array)) throw new TypeError("a level must be a Uint8Array");
  if (level.length < PAIR_BYTES || level.length % HASH_BYTES !== 0) {
    throw new RangeError(`a level has two or more values of 32 bytes, not ${level.length} bytes`);
  }
}

function checkValue(value: Uint8Array): void {
  if (!(value instanceof Uint8Array)) throw new TypeError("a value must be a Uint8Array");
  if (value.length !== HASH_BYTES) throw new RangeError(`a value has 32 bytes, not ${value.length}`);
}

function checkFlag(isRoot: boolean): void {
  if (typeof isRoot !== "boolean") throw new TypeError("isRoot must be a boolean");
}

function checkFirstChunk(firstChunk: number, alignment: number): void {
  if (typeof firstChunk !== "number") throw new TypeError("firstChunk must be a number");
  if (!Number.isInteger(firstChunk) || firstChunk < 0 || firstChunk > MAXIMUM_CHUNK) {
    throw new RangeError(`firstChunk must be an integer from 0 to 2^43, not ${firstChunk}`);
  }
  if (firstChunk % alignment !== 0) {
    throw new RangeError(
      `no subtree of this size begins at chunk ${firstChunk}, but at multiples of ${alignment}`,
    );
  }
}
