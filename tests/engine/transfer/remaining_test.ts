import assert from "node:assert/strict";
import fc from "fast-check";
import { BLOCK_BYTES, blockCount } from "../../../src/engine/bao/geometry.ts";
import { type Piece, pieceBytes, wholePiece } from "../../../src/engine/store/pieces.ts";
import type { RemoteFile } from "../../../src/engine/transfer/fetch/remote_files.ts";
import { Remaining } from "../../../src/engine/transfer/fetch/remaining.ts";

const hash = new Uint8Array(32);

function remoteFiles(sizes: readonly number[]): RemoteFile[] {
  return sizes.map((sizeBytes, i) => ({ offset: i + 2, name: `${i}`, hash, sizeBytes }));
}

const sizes = fc.array(
  fc.oneof(fc.constant(0), fc.nat(70_000), fc.integer({ min: BLOCK_BYTES - 1, max: 30 * BLOCK_BYTES })),
  { minLength: 1, maxLength: 20 },
);

/** The missing part of each file: all of it, nothing, or the runs between present blocks. */
function missingOf(files: readonly RemoteFile[], draw: () => number): Piece[] {
  return files.flatMap((file, index) => {
    const blocks = blockCount(file.sizeBytes);
    const kind = draw() % 3;
    if (kind === 0 || blocks === 1) return [wholePiece(index, file)];
    if (kind === 1) return [];
    const pieces: Piece[] = [];
    for (let block = draw() % 3; block < blocks; block += 1 + draw() % 3) {
      const endBlock = Math.min(block + 1 + draw() % 4, blocks);
      pieces.push({ index, firstBlock: block, endBlock });
      block = endBlock;
    }
    return pieces;
  });
}

Deno.test("D.29 for all interruptions the present part of each file is tracked, and its completion reported once", () => {
  const property = fc.property(sizes, fc.infiniteStream(fc.nat(1000)), (sizes, stream) => {
    const draw = () => stream.next().value;
    const files = remoteFiles(sizes);
    const missing = missingOf(files, draw);
    const remaining = new Remaining(files, missing);
    const asked = new Set(missing.map(({ index }) => index));
    assert.deepEqual(remaining.takeEmpty(), [...asked].filter((index) => sizes[index] === 0));
    assert.deepEqual(remaining.takeEmpty(), []);
    // Blocks that are not written whole; the file is complete when none is left.
    const blocksLeft = new Map<number, Set<number>>();
    for (const { index, firstBlock, endBlock } of missing) {
      if (sizes[index] === 0) continue;
      const blocks = blocksLeft.get(index) ?? new Set();
      for (let block = firstBlock; block < endBlock; block++) blocks.add(block);
      blocksLeft.set(index, blocks);
    }
    const done = new Set<number>();
    const wrote = (index: number, bytes: number, isEnd: boolean) => {
      const isLast = remaining.written(index, bytes);
      assert.equal(isLast, isEnd, `file ${index}`);
      if (!isLast) return;
      assert.ok(!done.has(index));
      done.add(index);
    };
    for (let segments = 0; remaining.waitingBytes > 0; segments++) {
      const segment = remaining.take(1 + draw() % 8, (4 + draw() % 60) * BLOCK_BYTES)!;
      // After many interruptions there are no more.
      const breaksAt = segments < 60 && draw() % 2 === 0 ? draw() % segment.length : segment.length;
      for (const [at, piece] of segment.entries()) {
        const { index, firstBlock } = piece;
        const size = pieceBytes(piece, files);
        const left = blocksLeft.get(index)!;
        const givenBytes = at < breaksAt ? size : draw() % size;
        for (let offset = 0; offset < givenBytes; offset += 65_536) {
          const bytes = Math.min(65_536, givenBytes - offset);
          const end = offset + bytes;
          const block = firstBlock + Math.floor(offset / BLOCK_BYTES);
          if (end % BLOCK_BYTES === 0 || end === size) left.delete(block);
          wrote(index, bytes, left.size === 0);
        }
        if (at < breaksAt) continue;
        const first = firstBlock + Math.floor(givenBytes / BLOCK_BYTES);
        const rest = [{ ...piece, firstBlock: first }, ...segment.slice(at + 1)];
        remaining.returnPieces(rest, givenBytes % BLOCK_BYTES);
        break;
      }
      // Between two segments, the present parts of a file are whole blocks.
      for (const [index, left] of blocksLeft) {
        const pieces = [...left].map((block) => ({ index, firstBlock: block, endBlock: block + 1 }));
        const leftBytes = pieces.reduce((sum, piece) => sum + pieceBytes(piece, files), 0);
        assert.equal(remaining.doneBytesOf(index), sizes[index] - leftBytes);
      }
    }
    assert.equal(remaining.take(1, BLOCK_BYTES), undefined);
    assert.deepEqual(sizes.map((_, index) => remaining.doneBytesOf(index)), sizes);
    assert.deepEqual([...done].sort(), [...blocksLeft.keys()].sort());
  });
  fc.assert(property, { numRuns: 300 });
});
