// The records of a journal, valid and damaged ones of known blobs: each is found under its blob and node, and no block is
// proved with a wrong value.

import assert from "node:assert/strict";
import { provedBlocks } from "../../src/engine/bao/block_proofs.ts";
import { leftChunks } from "../../src/engine/bao/geometry.ts";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { JournalPairs } from "../../src/engine/store/journal.ts";

const RECORD_BYTES = 76;
/** Records of an input that are looked for. */
const LOOKED_FOR = 64;
const hasher = wasmHasher();

/** Blobs by their index, each with its hash, the values of its blocks, and its records. */
const BLOBS = [2, 3, 7].map((blocks, index) => {
  const values = Array.from(
    { length: blocks },
    (_, i) => hasher.leaf(Uint8Array.of(index, i), i * 1024, false),
  );
  const records: Uint8Array[] = [];
  const value = (first: number, end: number): Uint8Array => {
    if (end - first === 1) return values[first];
    const middle = first + leftChunks(end - first);
    const halves = [value(first, middle), value(middle, end)] as const;
    const record = new Uint8Array(RECORD_BYTES);
    const view = new DataView(record.buffer);
    [index, first, end].forEach((field, at) => view.setUint32(4 * at, field, true));
    halves.forEach((half, at) => record.set(half, 12 + 32 * at));
    records.push(record);
    return hasher.parent(...halves, end - first === blocks);
  };
  return { blocks, values, hash: value(0, blocks), records };
});

/** The true records of all blobs, each node before those below it. */
export const TRUE_RECORDS: readonly Uint8Array[] = BLOBS.flatMap(({ records }) => records.toReversed());

/** Reads records like the journal, and compares the proved blocks with the true ones. */
export function readJournalRecords(bytes: Uint8Array): void {
  const count = Math.floor(bytes.length / RECORD_BYTES);
  const pairs = new JournalPairs(bytes.subarray(0, count * RECORD_BYTES));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let record = 0; record < Math.min(count, LOOKED_FOR); record++) {
    const start = record * RECORD_BYTES;
    const fields = [0, 4, 8].map((at) => view.getUint32(start + at, true));
    const claim = bytes.subarray(start + 12, start + RECORD_BYTES);
    const found = [...pairs.of(fields[0], fields[1], fields[2])];
    assert.ok(
      found.some(({ left, right }) =>
        Buffer.compare(left, claim.subarray(0, 32)) === 0 && Buffer.compare(right, claim.subarray(32)) === 0
      ),
    );
  }
  for (const [index, { blocks, values, hash }] of BLOBS.entries()) {
    let last = -1;
    const proved = provedBlocks(hasher, hash, blocks, (first, end) => pairs.of(index, first, end));
    for (const { block, value } of proved) {
      assert.ok(block > last && block < blocks);
      assert.ok(Buffer.compare(value, values[block]) === 0);
      last = block;
    }
  }
}
