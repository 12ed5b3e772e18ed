import assert from "node:assert/strict";
import fc from "fast-check";
import { BLOCK_BYTES, BLOCK_CHUNKS, blockCount } from "../../../src/engine/bao/geometry.ts";
import { EVERYTHING, NOTHING, RangeSpec } from "../../../src/engine/wire/range_spec.ts";
import type { RemoteFile } from "../../../src/engine/transfer/fetch/remote_files.ts";
import { isWhole, type Piece, pieceBytes, wholePiece } from "../../../src/engine/store/pieces.ts";
import { rangesOf, type Segment, SegmentQueue } from "../../../src/engine/transfer/fetch/segments.ts";

const MIB = 1024 * 1024;
const hash = new Uint8Array(32);

function remoteFiles(sizes: readonly number[]): RemoteFile[] {
  return sizes.map((sizeBytes, i) => ({ offset: i + 2, name: `${i}`, hash, sizeBytes }));
}

const sizes = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 40 * MIB }), fc.constant(MIB)),
  { minLength: 1, maxLength: 60 },
);

Deno.test("segments contain every requested block once, also when some are returned", () => {
  const steps = fc.array(
    fc.record({
      streams: fc.integer({ min: 1, max: 8 }),
      mib: fc.integer({ min: 4, max: 64 }),
      back: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  );
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
      steps,
      (sizes, choice, steps) => {
        const files = remoteFiles(sizes);
        const wanted = files.flatMap((_, i) => choice[i % choice.length] ? [i] : []);
        const queue = new SegmentQueue(files, wanted.map((i) => wholePiece(i, files[i])));
        const got = new Map<number, Set<number>>();
        const returned: Piece[][] = [];
        let left = wanted.reduce((sum, i) => sum + files[i].sizeBytes, 0);
        for (let i = 0;; i++) {
          const { streams, mib, back } = steps[i % steps.length];
          const held = returned.flat().reduce((sum, piece) => sum + pieceBytes(piece, files), 0);
          assert.equal(queue.leftBytes + held, left);
          const segment = queue.take(streams, mib * MIB);
          if (segment === undefined && returned.length === 0) break;
          if (segment === undefined) {
            returned.splice(0).forEach((pieces) => queue.returnPieces(pieces));
            continue;
          }
          assert.ok(segment.length === 1 || segment.every((piece) => isWhole(piece, files)));
          assert.ok(segment.every(({ index }, at) => at === 0 || segment[at - 1].index < index));
          const bytes = segment.reduce((sum, piece) => sum + pieceBytes(piece, files), 0);
          // Returned pieces are issued again unchanged.
          assert.ok(bytes <= Math.max(...steps.map((step) => step.mib)) * MIB, `${bytes} bytes`);
          // The whole segment, or the part after its first pieces, possibly after later segments.
          const kept = back && i < 30 ? segment.slice(0, i % 3) : segment;
          returned.push(segment.slice(kept.length));
          if (i % 2 === 0 || i >= 30) returned.splice(0).forEach((pieces) => queue.returnPieces(pieces));
          left -= kept.reduce((sum, piece) => sum + pieceBytes(piece, files), 0);
          for (const { index, firstBlock, endBlock } of kept) {
            const blocks = got.get(index) ?? new Set();
            got.set(index, blocks);
            for (let block = firstBlock; block < endBlock; block++) {
              assert.ok(!blocks.has(block), "a block is in two segments");
              blocks.add(block);
            }
          }
        }
        assert.equal(left, 0);
        assert.deepEqual([...got.keys()].sort((a, b) => a - b), wanted);
        for (const [index, blocks] of got) assert.equal(blocks.size, blockCount(files[index].sizeBytes));
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("the size of segments decreases with the remaining bytes, down to 4 MiB", () => {
  const files = remoteFiles([256 * MIB]);
  const queue = new SegmentQueue(files, [wholePiece(0, files[0])]);
  const bytes: number[] = [];
  for (let segment = queue.take(4, 64 * MIB); segment; segment = queue.take(4, 64 * MIB)) {
    bytes.push(pieceBytes(segment[0], files) / MIB);
  }
  assert.equal(bytes[0], 32);
  assert.deepEqual(bytes, bytes.toSorted((a, b) => b - a));
  assert.ok(bytes.slice(0, -1).every((mib) => mib >= 4));
});

Deno.test("one request contains many small files, in runs", () => {
  const files = remoteFiles(Array.from({ length: 10_000 }, () => 4096));
  const all = new SegmentQueue(files, files.map((file, i) => wholePiece(i, file))).take(1, 64 * MIB) ?? [];
  assert.equal(all.length, 4096);
  assert.equal(rangesOf(all, files).entryCount, 2);
  const even = files.flatMap((file, i) => i % 2 === 0 ? [wholePiece(i, file)] : []);
  const runs = new SegmentQueue(files, even).take(1, 64 * MIB) ?? [];
  assert.equal(runs.length, 2000);
});

Deno.test("a request contains exactly the ranges of its segment's pieces", () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 20 }), (sizes, step) => {
      const files = remoteFiles(sizes);
      const queue = new SegmentQueue(
        files,
        files.flatMap((file, i) => i % step === 0 ? [wholePiece(i, file)] : []),
      );
      for (let segment = queue.take(2, 8 * MIB); segment; segment = queue.take(2, 8 * MIB)) {
        const asked = specsByOffset(segment, files);
        for (const { offset } of files) {
          const piece: Piece | undefined = segment!.find(({ index }) => files[index].offset === offset);
          const expected: RangeSpec = piece === undefined
            ? NOTHING
            : isWhole(piece, files)
            ? EVERYTHING
            : RangeSpec.of(piece.firstBlock * BLOCK_CHUNKS, piece.endBlock * BLOCK_CHUNKS);
          assert.ok((asked.get(offset) ?? NOTHING).equals(expected));
        }
        assert.ok(segment.every((piece) => pieceBytes(piece, files) <= Math.max(8 * MIB, BLOCK_BYTES)));
      }
    }),
    { numRuns: 60 },
  );
});

function specsByOffset(segment: Segment, files: readonly RemoteFile[]): Map<number, RangeSpec> {
  const specs = new Map<number, RangeSpec>();
  for (const { start, end, spec } of rangesOf(segment, files).runs(files.length + 2)) {
    for (let offset = start; offset < end; offset++) specs.set(offset, spec);
  }
  return specs;
}
