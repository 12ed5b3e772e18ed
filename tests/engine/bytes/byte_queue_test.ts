import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteQueue } from "../../../src/engine/bytes/byte_queue.ts";

Deno.test("a queue returns its bytes in order, for all pieces and views", () => {
  const sizes = fc.array(fc.nat(40), { maxLength: 20 });
  fc.assert(fc.property(sizes, sizes, (pieces, views) => {
    const queue = new ByteQueue();
    const total = pieces.reduce((sum, size) => sum + size, 0);
    const bytes = Uint8Array.from({ length: total }, (_, i) => i);
    let start = 0;
    for (const size of pieces) queue.push(bytes.subarray(start, start += size));
    let taken = 0;
    for (const size of views) {
      if (taken + size > total) {
        assert.throws(() => queue.take([new Uint8Array(size)]), RangeError);
        continue;
      }
      const [left, right] = [new Uint8Array(size >> 1), new Uint8Array(size - (size >> 1))];
      queue.take([left, right]);
      assert.deepEqual(Uint8Array.from([...left, ...right]), bytes.slice(taken, taken += size));
      assert.equal(queue.length, total - taken);
    }
  }));
});
