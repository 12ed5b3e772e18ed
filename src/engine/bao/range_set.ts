// A set of chunk numbers as sorted, half-open, disjoint ranges that do not touch. Immutable.

import type { ChunkSpan } from "./geometry.ts";

export class RangeSet {
  /** Sorted boundaries: the ranges are [b0, b1), [b2, b3), … */
  private constructor(readonly boundaries: readonly number[]) {}

  static readonly EMPTY = new RangeSet([]);

  static of(start: number, end: number): RangeSet {
    return start < end ? new RangeSet([start, end]) : RangeSet.EMPTY;
  }

  /** From ascending boundaries, starts and ends alternating. */
  static ofBoundaries(boundaries: readonly number[]): RangeSet {
    return boundaries.length === 0 ? RangeSet.EMPTY : new RangeSet(boundaries);
  }

  /** From spans in any order, which may overlap. */
  static from(spans: Iterable<ChunkSpan>): RangeSet {
    const sorted = [...spans].filter((span) => span.start < span.end).sort((a, b) => a.start - b.start);
    const boundaries: number[] = [];
    for (const { start, end } of sorted) {
      const last = boundaries.length - 1;
      if (last > 0 && start <= boundaries[last]) boundaries[last] = Math.max(boundaries[last], end);
      else boundaries.push(start, end);
    }
    return new RangeSet(boundaries);
  }

  get isEmpty(): boolean {
    return this.boundaries.length === 0;
  }

  *spans(): Generator<ChunkSpan> {
    for (let i = 0; i < this.boundaries.length; i += 2) {
      yield { start: this.boundaries[i], end: this.boundaries[i + 1] };
    }
  }

  /** The number of boundaries at or below `chunk`: odd inside a range, even outside. */
  #rank(chunk: number): number {
    let low = 0;
    let high = this.boundaries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.boundaries[middle] <= chunk) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether all of the chunks from `start` to before `end` are in the set. */
  covers(start: number, end: number): boolean {
    const rank = this.#rank(start);
    return start >= end || (rank % 2 === 1 && this.boundaries[rank] >= end);
  }

  /** Whether any of the chunks from `start` to before `end` is in the set. */
  intersects(start: number, end: number): boolean {
    if (start >= end) return false;
    const rank = this.#rank(start);
    return rank % 2 === 1 || (rank < this.boundaries.length && this.boundaries[rank] < end);
  }

  union(other: RangeSet): RangeSet {
    if (this.isEmpty) return other;
    if (other.isEmpty) return this;
    const [a, b] = [this.boundaries, other.boundaries];
    const boundaries: number[] = [];
    for (let i = 0, j = 0; i < a.length || j < b.length;) {
      const boundary = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
      if (a[i] === boundary) i++;
      if (b[j] === boundary) j++;
      // An odd number of boundaries before it is inside a range.
      const isInside = i % 2 === 1 || j % 2 === 1;
      if (isInside !== (boundaries.length % 2 === 1)) boundaries.push(boundary);
    }
    return new RangeSet(boundaries);
  }
}
