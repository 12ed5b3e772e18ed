import assert from "node:assert/strict";
import fc from "fast-check";
import { PostcardWriter } from "../../../src/engine/bytes/postcard.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import {
  EVERYTHING,
  LAST_CHUNK,
  NOTHING,
  type RangeSpec,
  select,
} from "../../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../../src/engine/wire/ranges_sequence.ts";
import { decodeRequest, encodeRequest, type Request } from "../../../src/engine/wire/request.ts";
import { rangesOfOffsets } from "./ranges.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const spec: fc.Arbitrary<RangeSpec> = fc
  .uniqueArray(fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(0n, 2n ** 64n - 1n)), { maxLength: 6 })
  .map((borders) => borders.sort((a, b) => a < b ? -1 : 1));
const sequence = fc
  .uniqueArray(fc.tuple(fc.nat(50), spec), { maxLength: 8, selector: ([offset]) => offset })
  .map((pairs) => RangesSequence.of(...pairs.sort(([a], [b]) => a - b)));
const plain = { noNullPrototype: true };
const hashes = fc.array(hash, { maxLength: 5 });
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constant("get" as const), hash, ranges: sequence }, plain),
  fc.record({ kind: fc.constant("get_many" as const), hashes, ranges: sequence }, plain),
);

Deno.test("a request survives being written and read", () => {
  fc.assert(fc.property(request, (value) => {
    assert.deepEqual(decodeRequest(encodeRequest(value)), value);
  }));
});

Deno.test("runs say the same as the entries, offset by offset, and jump over gaps", () => {
  fc.assert(fc.property(sequence, fc.nat(60), (ranges, offsets) => {
    const specs: RangeSpec[] = Array(offsets).fill(NOTHING);
    for (const run of ranges.runs(offsets)) specs.fill(run.spec, run.start, run.end);
    assert.deepEqual(specs, rangesOfOffsets(ranges, offsets));
  }));
  const far = RangesSequence.of([2 ** 53 - 1, EVERYTHING]);
  assert.deepEqual([...far.runs(1_000_000)], []);
});

Deno.test("B.13 a request with bytes behind it, without an end, or of an unknown kind is refused", () => {
  const bytes = encodeRequest({
    kind: "get",
    hash: new Uint8Array(32),
    ranges: RangesSequence.of([0, EVERYTHING]),
  });
  for (
    const damaged of [
      Uint8Array.of(...bytes, 0),
      bytes.slice(0, -1),
      Uint8Array.of(2, ...bytes.slice(1)),
      bytes.slice(0, 0),
    ]
  ) {
    assert.throws(() => decodeRequest(damaged), (error) => isPliError(error, "message_malformed"));
  }
});

Deno.test("B.13 only canonical sequences are read", () => {
  const withEntries = (...entries: [delta: bigint, widths: bigint[]][]) => {
    const writer = new PostcardWriter().u8(0).raw(new Uint8Array(32)).u64(entries.length);
    for (const [delta, widths] of entries) {
      writer.u64(delta).u64(widths.length);
      for (const width of widths) writer.u64(width);
    }
    return writer.finish();
  };
  const top = 2n ** 64n - 1n;
  assert.equal(decodeRequest(withEntries()).ranges.entries.length, 0);
  assert.equal(decodeRequest(withEntries([top, [top]])).ranges.entries.length, 1);
  const refused: Parameters<typeof withEntries>[] = [
    [[0n, []]], // the first spec is that of nothing, which holds before it already
    [[0n, [0n]], [0n, []]], // two entries at one offset
    [[0n, [0n]], [1n, [0n]]], // a spec that repeats the one before
    [[1n, [0n]], [top, []]], // offsets over 2^64 - 1
    [[0n, [1n, 0n]]], // an empty width
    [[0n, [top, 1n]]], // borders over 2^64 - 1
  ];
  for (const entries of refused) {
    assert.throws(
      () => decodeRequest(withEntries(...entries)),
      (error) => isPliError(error, "message_malformed"),
    );
  }
});

Deno.test("B.13 counts are held against the bytes that are there before anything is made", () => {
  const huge = new PostcardWriter().u8(9).u64(2n ** 40n).finish();
  assert.throws(() => decodeRequest(huge), (error) => isPliError(error));
  const entries = new PostcardWriter().u8(0).raw(new Uint8Array(32)).u64(2n ** 50n).finish();
  assert.throws(() => decodeRequest(entries), (error) => isPliError(error, "message_malformed"));
});

Deno.test("what a spec selects is what it lists, cut at the end, or the last chunk", () => {
  const spans = (borders: RangeSpec, chunks: number) => [...select(borders, chunks).spans()];
  assert.deepEqual(spans(EVERYTHING, 10), [{ start: 0, end: 10 }]);
  assert.deepEqual(spans(NOTHING, 10), []);
  assert.deepEqual(spans(LAST_CHUNK, 10), [{ start: 9, end: 10 }]);
  assert.deepEqual(spans([2n, 7n, 10n, 11n], 8), [{ start: 2, end: 8 }]);
  assert.deepEqual(spans([0n, 1n, 50n, 60n], 10), [{ start: 0, end: 1 }, { start: 9, end: 10 }]);
  assert.deepEqual(spans([3n, 2n ** 64n - 1n], 5), [{ start: 3, end: 5 }]);
});

Deno.test("a spec of half a million ranges past the end is not walked through", () => {
  const hostile = Array.from({ length: 1_000_000 }, (_, i) => BigInt(1000 + i));
  // Walking through it a thousand times would take minutes.
  for (let i = 0; i < 1000; i++) assert.equal(select(hostile, 10).borders.length, 2);
});
