import assert from "node:assert/strict";
import fc from "fast-check";
import { RangeSet } from "../../../src/engine/bao/range_set.ts";

const spans = fc.array(fc.record({ start: fc.nat(40), end: fc.nat(40) }), { maxLength: 6 });

function members(list: { start: number; end: number }[]): Set<number> {
  const set = new Set<number>();
  for (const { start, end } of list) for (let i = start; i < end; i++) set.add(i);
  return set;
}

Deno.test("a range set has the members of its spans, and answers like a set of numbers", () => {
  fc.assert(fc.property(spans, fc.nat(45), fc.nat(45), (list, start, end) => {
    const ranges = RangeSet.from(list);
    const set = members(list);
    assert.deepEqual(members([...ranges.spans()]), set);
    const asked = [...members([{ start, end }])];
    assert.equal(ranges.covers(start, end), asked.every((chunk) => set.has(chunk)));
    assert.equal(ranges.intersects(start, end), asked.some((chunk) => set.has(chunk)));
  }));
});

Deno.test("the boundaries of a range set ascend, so ranges neither touch nor overlap", () => {
  fc.assert(fc.property(spans, (list) => {
    const { boundaries } = RangeSet.from(list);
    boundaries.forEach((boundary, i) => assert.ok(i === 0 || boundary > boundaries[i - 1]));
  }));
});

Deno.test("the union has the members of both", () => {
  fc.assert(fc.property(spans, spans, (a, b) => {
    const union = RangeSet.from(a).union(RangeSet.from(b));
    assert.deepEqual(
      members([...union.spans()]),
      members([...a, ...b].filter(({ start, end }) => start < end)),
    );
  }));
});
