// A set of chunk numbers as sorted, half-open, disjoint ranges that do not touch. Immutable.

import type { ChunkSpan } from "./geometry.ts";

export class RangeSet {
  /** Sorted borders: the ranges are [b0, b1), [b2, b3), … */
  private constructor(readonly borders: readonly number[]) {}

  static readonly EMPTY = new RangeSet([]);

  static of(start: number, end: number): RangeSet {
    return start < end ? new RangeSet([start, end]) : RangeSet.EMPTY;
  }

  /** From rising borders, a start and an end in turn. */
  static ofBorders(borders: readonly number[]): RangeSet {
    return borders.length === 0 ? RangeSet.EMPTY : new RangeSet(borders);
  }

  /** From spans in any order, which may overlap. */
  static from(spans: Iterable<ChunkSpan>): RangeSet {
    const sorted = [...spans].filter((span) => span.start < span.end).sort((a, b) => a.start - b.start);
    const borders: number[] = [];
    for (const { start, end } of sorted) {
      const last = borders.length - 1;
      if (last > 0 && start <= borders[last]) borders[last] = Math.max(borders[last], end);
      else borders.push(start, end);
    }
    return new RangeSet(borders);
  }

  get isEmpty(): boolean {
    return this.borders.length === 0;
  }

  *spans(): Generator<ChunkSpan> {
    for (let i = 0; i < this.borders.length; i += 2) {
      yield { start: this.borders[i], end: this.borders[i + 1] };
    }
  }

  /** How many borders are at or below `chunk`: odd inside a range, even outside. */
  #rank(chunk: number): number {
    let low = 0;
    let high = this.borders.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.borders[middle] <= chunk) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether all of the chunks from `start` to before `end` are in the set. */
  covers(start: number, end: number): boolean {
    const rank = this.#rank(start);
    return start >= end || (rank % 2 === 1 && this.borders[rank] >= end);
  }

  /** Whether any of the chunks from `start` to before `end` is in the set. */
  intersects(start: number, end: number): boolean {
    if (start >= end) return false;
    const rank = this.#rank(start);
    return rank % 2 === 1 || (rank < this.borders.length && this.borders[rank] < end);
  }

  union(other: RangeSet): RangeSet {
    if (this.isEmpty) return other;
    if (other.isEmpty) return this;
    const [a, b] = [this.borders, other.borders];
    const borders: number[] = [];
    for (let i = 0, j = 0; i < a.length || j < b.length;) {
      const border = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
      if (a[i] === border) i++;
      if (b[j] === border) j++;
      // An odd number of borders behind is inside.
      const isInside = i % 2 === 1 || j % 2 === 1;
      if (isInside !== (borders.length % 2 === 1)) borders.push(border);
    }
    return new RangeSet(borders);
  }
}
