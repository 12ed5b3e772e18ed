import { strictEqual } from "node:assert";
import { BLOCK_BYTES } from "../../../src/engine/bao/geometry.ts";
import type { RemoteFile } from "../../../src/engine/transfer/fetch/remote_files.ts";
import { ReusableBytes } from "../../../src/engine/transfer/fetch/reusable_bytes.ts";

const HALF_BYTES = BLOCK_BYTES / 2;
const LAST_BYTES = 77;

/** Of one file of two blocks and a part of a third. */
function newCount(bytes = 0): ReusableBytes {
  const file = { sizeBytes: 2 * BLOCK_BYTES + LAST_BYTES } as RemoteFile;
  return new ReusableBytes([file], bytes);
}

Deno.test("reusable bytes: a block counts when all of it is written, in any order", () => {
  const reusable = newCount(5);
  for (const offset of [0, HALF_BYTES]) reusable.begun(0, offset);
  reusable.written(0, HALF_BYTES, HALF_BYTES);
  strictEqual(reusable.bytes, 5);
  reusable.written(0, 0, HALF_BYTES);
  strictEqual(reusable.bytes, 5 + BLOCK_BYTES);
  reusable.begun(0, 2 * BLOCK_BYTES);
  reusable.written(0, 2 * BLOCK_BYTES, LAST_BYTES);
  strictEqual(reusable.bytes, 5 + BLOCK_BYTES + LAST_BYTES);
});

Deno.test("reusable bytes: a block that is fetched again counts once", () => {
  const reusable = newCount();
  reusable.begun(0, 0);
  reusable.written(0, 0, HALF_BYTES);
  // The stream was broken.
  for (const offset of [0, HALF_BYTES]) {
    reusable.begun(0, offset);
    strictEqual(reusable.bytes, 0);
    reusable.written(0, offset, HALF_BYTES);
  }
  strictEqual(reusable.bytes, BLOCK_BYTES);
});
