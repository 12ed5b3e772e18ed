// Blobs, selections and sizes of leaves for property tests; half of them lie at boundaries.

import fc from "fast-check";
import type { RangeSet } from "../../../src/engine/bao/range_set.ts";
import { RangeSpec } from "../../../src/engine/wire/range_spec.ts";
import { INTERESTING_SIZES } from "../../vectors/mod.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Besides the interesting ones: at the boundaries of larger leaves, and several blocks with a short last one. */
const BORDER_SIZES = [64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 256 * KIB, 256 * KIB + 1, 2 * MIB, 3 * MIB + 5];

export const sizes = fc.oneof(
  fc.constantFrom(...INTERESTING_SIZES.slice(0, -1), ...BORDER_SIZES),
  fc.nat(300 * KIB),
  fc.nat(2 * MIB),
);

/** Specs as in a request, also past the end: everything, the last chunk, whole groups and blocks, or any. */
const specs = fc.oneof(
  fc.constantFrom([0], [2 ** 40]),
  rising(fc.oneof(fc.nat(40), fc.nat(2100))),
  rising(fc.nat(130).map((group) => group * 16)),
  rising(fc.nat(3).map((block) => block * 1024)),
).map((boundaries) => RangeSpec.of(...boundaries));

function rising(chunk: fc.Arbitrary<number>): fc.Arbitrary<number[]> {
  return fc.uniqueArray(chunk, { maxLength: 6 }).map((list) => list.sort((a, b) => a - b));
}

export const sizeAndSpec = fc.tuple(sizes, specs);

/** Maximum sizes of leaves in chunks: from a group to a block. */
export const leafSizes = fc.constantFrom(16, 64, 256, 1024);

/** The number of selected bytes of a blob. */
export function selectedBytes(selected: RangeSet, sizeBytes: number): number {
  return [...selected.spans()]
    .reduce((sum, { start, end }) => sum + Math.min(end * KIB, sizeBytes) - start * KIB, 0);
}
