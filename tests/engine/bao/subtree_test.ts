// The layout of subtrees on the wire, the spans that are read for it, and the plan that lists it.

import assert from "node:assert/strict";
import fc from "fast-check";
import { chunkCount, leftChunks } from "../../../src/engine/bao/geometry.ts";
import { type Leaf, type Parent, responsePlan } from "../../../src/engine/bao/plan.ts";
import { RangeSet } from "../../../src/engine/bao/range_set.ts";
import { interleaved, pairsBytes } from "../../../src/engine/bao/subtree.ts";
import { ValueTree } from "../../../src/engine/bao/value_tree.ts";
import { BlockSpan } from "../../../src/engine/bao/verified_span.ts";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { leafSizes, sizeAndSpec, sizes } from "./arbitraries.ts";
import { joined } from "./encoding.ts";
import { referenceEncoding } from "./reference.ts";

const KIB = 1024;
const MIB = KIB * KIB;
const GROUP = 16 * KIB;

const hasher = wasmHasher();
const blockSizes = sizes.filter((sizeBytes) => sizeBytes <= MIB);

Deno.test("six groups and their pairs are in pre-order, neighbours as one view", () => {
  const content = patternBytes(6 * GROUP - 5);
  const pairs = patternBytes(5 * 64);
  assert.deepEqual(interleaved(content, pairs), [
    pairs.subarray(0, 3 * 64),
    content.subarray(0, 2 * GROUP),
    pairs.subarray(3 * 64, 4 * 64),
    content.subarray(2 * GROUP, 4 * GROUP),
    pairs.subarray(4 * 64),
    content.subarray(4 * GROUP),
  ]);
});

Deno.test("a last group without a neighbour follows the one before; up to one group there are no pairs", () => {
  const five = patternBytes(5 * GROUP);
  const views = interleaved(five, new Uint8Array(4 * 64));
  assert.deepEqual(views.map(({ length }) => length), [3 * 64, 2 * GROUP, 64, 3 * GROUP]);
  for (const sizeBytes of [0, 1, GROUP]) {
    assert.equal(pairsBytes(sizeBytes), 0);
    const content = patternBytes(sizeBytes);
    assert.deepEqual(interleaved(content, new Uint8Array(0)), [content]);
  }
  assert.equal(pairsBytes(GROUP + 1), 64);
  assert.equal(pairsBytes(MIB), 63 * 64);
});

Deno.test("too many or too few pairs are a RangeError", () => {
  for (const wrong of [0, 63, 128]) {
    assert.throws(() => interleaved(new Uint8Array(GROUP + 1), new Uint8Array(wrong)), RangeError);
  }
  assert.throws(
    () => new BlockSpan(hasher, new Uint8Array(GROUP + 1), 0, true, new Uint8Array(63)),
    RangeError,
  );
});

Deno.test("the views cover the two arrays, and scatter gathered bytes", () => {
  fc.assert(fc.property(blockSizes, (sizeBytes) => {
    const content = patternBytes(sizeBytes);
    const pairs = patternBytes(pairsBytes(sizeBytes)).reverse();
    const wire = joined(interleaved(content, pairs));
    const received = { content: new Uint8Array(content.length), pairs: new Uint8Array(pairs.length) };
    let offset = 0;
    for (const view of interleaved(received.content, received.pairs)) {
      view.set(wire.subarray(offset, offset += view.length));
    }
    assert.equal(offset, content.length + pairs.length);
    assert.ok(Buffer.from(received.content).equals(content) && Buffer.from(received.pairs).equals(pairs));
  }));
});

/** The nodes of the subtree over [start, end), down to chunks. */
function* nodes(start: number, end: number): Generator<{ start: number; end: number }> {
  yield { start, end };
  if (end - start === 1) return;
  const middle = start + leftChunks(end - start);
  yield* nodes(start, middle);
  yield* nodes(middle, end);
}

Deno.test("the span of a block has the value and the encoding of every node, and reuses its memory", () => {
  const pairs = new Uint8Array(64 * 64).fill(0xee);
  const blocks = fc.tuple(blockSizes, fc.constantFrom(0, 1024, 2 ** 32));
  fc.assert(
    fc.property(blocks, fc.boolean(), fc.boolean(), ([sizeBytes, first], asRoot, again) => {
      // Only a whole blob can be empty.
      const isRoot = first === 0 && (asRoot || sizeBytes === 0);
      fc.pre(isRoot || sizeBytes > 0);
      const content = patternBytes(sizeBytes);
      const span = new BlockSpan(hasher, content, first, isRoot, again ? pairs : undefined);
      assert.equal(span.end, first + chunkCount(sizeBytes));
      for (const { start, end } of nodes(first, span.end)) {
        const bytes = content.subarray((start - first) * KIB, (end - first) * KIB);
        const isTop = end - start === span.end - first;
        assert.deepEqual(span.value(start, end), hasher.leaf(bytes, start, isTop && isRoot));
        // The reference encoding is slow; that of nodes inside a group is their bytes.
        if (end - start <= 16) assert.deepEqual(span.parts(start, end), [bytes]);
        else if (end - start > 256 || start % 256 === 64) {
          const expected = joined(referenceEncoding(hasher, bytes, () => true, start));
          assert.ok(Buffer.from(joined(span.parts(start, end))).equals(expected), `${start} to ${end}`);
        }
      }
    }),
    {
      numRuns: 15,
      examples: [[[MIB, 1024], false, true], [[MIB - 1, 0], true, true], [[0, 0], true, false]],
    },
  );
});

Deno.test("a tree of values equals one of its subtrees' values, for any number of blocks", () => {
  const data = patternBytes(7 * MIB + 1);
  for (let count = 2; count <= 8; count++) {
    const bytes = data.subarray(0, Math.min(count * MIB, data.length));
    const tree = new ValueTree(hasher, hasher.hashBlocks(bytes, 0), 1024, 0, true);
    const value = (start: number, end: number, isRoot: boolean): Uint8Array => {
      if (end - start <= 1024) return hasher.leaf(bytes.subarray(start * KIB, end * KIB), start, false);
      const middle = start + leftChunks(end - start);
      const made = hasher.parent(value(start, middle, false), value(middle, end, false), isRoot);
      assert.deepEqual(tree.value(start, end), made);
      return made;
    };
    assert.deepEqual(tree.top, value(0, chunkCount(bytes.length), true));
  }
});

/** A plan in which each leaf above a group is split into groups. */
function split(plan: Iterable<Parent | Leaf>): (Parent | Leaf)[] {
  const apart = ({ start, end, isRoot }: Leaf): (Parent | Leaf)[] => {
    if (end - start <= 16) return [{ kind: "leaf", start, end, isRoot }];
    const middle = start + leftChunks(end - start);
    return [
      { kind: "parent", start, middle, end, isRoot, leftSelected: true, rightSelected: true },
      ...apart({ kind: "leaf", start, end: middle, isRoot: false }),
      ...apart({ kind: "leaf", start: middle, end, isRoot: false }),
    ];
  };
  return [...plan].flatMap((node) => node.kind === "leaf" ? apart(node) : [node]);
}

Deno.test("a plan with large leaves equals the one with groups, and its leaves have the maximum size", () => {
  fc.assert(fc.property(sizeAndSpec, leafSizes, ([size, spec], leafChunks) => {
    const chunks = chunkCount(size);
    const selected = spec.select(chunks);
    const plan = [...responsePlan(chunks, selected, leafChunks)];
    assert.deepEqual(split(plan), [...responsePlan(chunks, selected)]);
    for (const { kind, start, end } of plan) {
      if (kind === "leaf") assert.ok(end - start <= leafChunks && selected.covers(start, end));
      else assert.ok(end - start > leafChunks || !selected.covers(start, end));
    }
  }));
});

Deno.test("leaves smaller than a group or larger than a block are a RangeError", () => {
  for (const wrong of [0, 15, 1025, NaN, Infinity]) {
    assert.throws(() => responsePlan(1, RangeSet.of(0, 1), wrong).next(), RangeError);
  }
});
