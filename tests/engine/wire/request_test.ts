import assert from "node:assert/strict";
import fc from "fast-check";
import { PostcardReader, PostcardWriter } from "../../../src/engine/bytes/postcard.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import { HashSequence } from "../../../src/engine/wire/hash_sequence.ts";
import { EVERYTHING, LAST_CHUNK, NOTHING, RangeSpec } from "../../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../../src/engine/wire/ranges_sequence.ts";
import { decodeRequest, encodeRequest, type Request } from "../../../src/engine/wire/request.ts";
import { boundariesIn, boundariesOfOffsets, entriesIn, readSlowly, selectSlowly } from "./ranges.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const spec: fc.Arbitrary<RangeSpec> = fc
  .uniqueArray(fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(0n, 2n ** 64n - 1n)), { maxLength: 6 })
  .map((boundaries) => RangeSpec.of(...boundaries.sort((a, b) => a < b ? -1 : 1)));
const sequence = fc
  .uniqueArray(fc.tuple(fc.nat(50), spec), { maxLength: 8, selector: ([offset]) => offset })
  .map((pairs) => RangesSequence.of(...pairs.sort(([a], [b]) => a - b)));
const plain = { noNullPrototype: true };
const hashes = fc.nat(5).chain((count) => fc.uint8Array({ minLength: 32 * count, maxLength: 32 * count }))
  .map((bytes) => new HashSequence(bytes));
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constant("get" as const), hash, ranges: sequence }, plain),
  fc.record({ kind: fc.constant("get_many" as const), hashes, ranges: sequence }, plain),
);

Deno.test("a request is unchanged after writing and reading", () => {
  fc.assert(fc.property(request, (value) => {
    const bytes = encodeRequest(value);
    const back = decodeRequest(bytes);
    assert.deepEqual(back, value);
    assert.deepEqual(entriesIn(back.ranges), entriesIn(value.ranges));
    assert.equal(encodeRequest(back).toHex(), bytes.toHex());
  }));
});

Deno.test("runs equal the entries, offset by offset, and skip gaps", () => {
  fc.assert(fc.property(sequence, fc.nat(60), (ranges, offsets) => {
    const specs: RangeSpec[] = Array(offsets).fill(NOTHING);
    for (const run of ranges.runs(offsets)) specs.fill(run.spec, run.start, run.end);
    assert.deepEqual(specs.map(boundariesIn), boundariesOfOffsets(ranges, offsets));
    const children = boundariesOfOffsets(ranges, 60).slice(1);
    assert.equal(ranges.asksChildren, children.some((boundaries) => boundaries.length > 0));
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
  assert.equal(decodeRequest(withEntries()).ranges.entryCount, 0);
  assert.equal(decodeRequest(withEntries([top, [top]])).ranges.entryCount, 1);
  const refused: Parameters<typeof withEntries>[] = [
    [[0n, []]], // the first spec is that of nothing, which applies before it already
    [[0n, [0n]], [0n, []]], // two entries at one offset
    [[0n, [0n]], [1n, [0n]]], // a spec that repeats the one before
    [[1n, [0n]], [top, []]], // offsets over 2^64 - 1
    [[0n, [1n, 0n]]], // an empty width
    [[0n, [top, 1n]]], // boundaries over 2^64 - 1
  ];
  for (const entries of refused) {
    assert.throws(
      () => decodeRequest(withEntries(...entries)),
      (error) => isPliError(error, "message_malformed"),
    );
  }
});

Deno.test("B.13 counts are compared with the available bytes before any allocation", () => {
  const huge = new PostcardWriter().u8(9).u64(2n ** 40n).finish();
  assert.throws(() => decodeRequest(huge), (error) => isPliError(error));
  const entries = new PostcardWriter().u8(0).raw(new Uint8Array(32)).u64(2n ** 50n).finish();
  assert.throws(() => decodeRequest(entries), (error) => isPliError(error, "message_malformed"));
});

/** Integers that are as likely to be malformed, repeated or too large as not; some are longer than they need to be. */
const varint = fc.oneof(
  { weight: 6, arbitrary: fc.nat(2) },
  fc.constantFrom(127, 128, 2 ** 28, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 63),
  fc.constantFrom(2n ** 64n - 1n, 2n ** 63n - 1n, 2n ** 64n - 2n ** 20n),
).chain((value) =>
  fc.integer({ min: -8, max: 3 }).map((padding) => {
    const bytes = [...new PostcardWriter().u64(value).finish()];
    for (let i = 0; i < padding; i++) {
      bytes[bytes.length - 1] |= 0x80;
      bytes.push(0);
    }
    return bytes;
  })
);
const maybeEntry = fc.tuple(varint, fc.array(varint, { maxLength: 3 }))
  .map(([delta, widths]) => [...delta, widths.length, ...widths.flat()]);
const maybeSequence = fc.array(maybeEntry, { maxLength: 3 })
  .map((entries) => Uint8Array.of(entries.length, ...entries.flat()));

Deno.test("B.13 a sequence is read or refused like by the slow twin", () => {
  const counts = { read: 0, refused: 0 };
  const what = (read: () => unknown) => {
    try {
      return read();
    } catch (error) {
      assert.ok(isPliError(error, "message_malformed"), String(error));
      return null;
    }
  };
  fc.assert(
    fc.property(maybeSequence, (bytes) => {
      const reader = new PostcardReader(bytes, "test");
      const slowReader = new PostcardReader(bytes, "test");
      const slow = what(() => readSlowly(slowReader));
      const entries = what(() => entriesIn(RangesSequence.read(reader)));
      assert.deepEqual(entries, slow);
      if (slow !== null) assert.equal(reader.offset, slowReader.offset);
      counts[slow === null ? "refused" : "read"]++;
    }),
    { numRuns: 4_000 },
  );
  assert.ok(counts.read > 400 && counts.refused > 400, JSON.stringify(counts));
});

Deno.test("a spec selects the ranges that it lists, truncated at the end, or the last chunk", () => {
  fc.assert(fc.property(spec, fc.integer({ min: 1, max: 120 }), (spec, chunks) => {
    assert.deepEqual(spec.select(chunks), selectSlowly(boundariesIn(spec), chunks));
  }));
  const spans = (spec: RangeSpec, chunks: number) => [...spec.select(chunks).spans()];
  assert.deepEqual(spans(EVERYTHING, 10), [{ start: 0, end: 10 }]);
  assert.deepEqual(spans(NOTHING, 10), []);
  assert.deepEqual(spans(LAST_CHUNK, 10), [{ start: 9, end: 10 }]);
  assert.deepEqual(spans(RangeSpec.of(2, 7, 10, 11), 8), [{ start: 2, end: 8 }]);
  assert.deepEqual(spans(RangeSpec.of(0, 1, 50, 60), 10), [{ start: 0, end: 1 }, { start: 9, end: 10 }]);
  assert.deepEqual(spans(RangeSpec.of(3, 2n ** 64n - 1n), 5), [{ start: 3, end: 5 }]);
});
