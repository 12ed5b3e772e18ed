// A ranges sequence offset by offset: the slow twin of its runs.

import type { RangeSpec } from "../../../src/engine/wire/range_spec.ts";
import type { RangesSequence } from "../../../src/engine/wire/ranges_sequence.ts";

/** The specs of the first `count` offsets. */
export function rangesOfOffsets(sequence: RangesSequence, count: number): RangeSpec[] {
  return Array.from({ length: count }, (_, offset) => {
    const entry = sequence.entries.findLast((candidate) => candidate.offset <= BigInt(offset));
    return entry?.spec ?? [];
  });
}
