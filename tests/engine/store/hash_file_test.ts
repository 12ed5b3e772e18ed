// Hashing a file: the values equal those of its bytes in memory, for every behaviour of its reads.

import assert from "node:assert/strict";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { PliError } from "../../../src/engine/errors.ts";
import type { Disk } from "../../../src/engine/ports.ts";
import { blobOf, hashFile, type HashOptions, RING_BYTES } from "../../../src/engine/store/hash_file.ts";
import { MemoryBlob } from "../../../src/engine/store/shared_blob.ts";
import { hookedReads } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { noise } from "../../product/trees.ts";
import { INTERESTING_SIZES } from "../../vectors/mod.ts";

const MIB = 1024 * 1024;
const PIECE_BYTES = RING_BYTES / 3;
const hasher = wasmHasher();

const hash = async (disk: Disk, options: Partial<HashOptions> = {}) => {
  const file = { disk, hasher, name: "f", path: "/f", ...options };
  const hashed = await hashFile(file);
  return { ...hashed, blob: blobOf(file, hashed) };
};

function diskWith(bytes: Uint8Array): MemoryDisk {
  const disk = new MemoryDisk();
  disk.writeFile("/f", bytes);
  return disk;
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 1));

Deno.test("the hash is that of the bytes, at every interesting size and around the sizes of pieces and rings", async () => {
  const around = [PIECE_BYTES, RING_BYTES].flatMap((size) => [size - 1, size, size + 1]);
  for (const size of [...INTERESTING_SIZES, ...around, RING_BYTES + 2 * PIECE_BYTES + 5]) {
    const bytes = noise(size, size + 1);
    const reported: number[] = [];
    const { blob, opened } = await hash(diskWith(bytes), { onHashed: (count) => reported.push(count) });
    assert.deepEqual(blob.hash, MemoryBlob.from(hasher, bytes).hash, `${size}`);
    assert.equal(opened.sizeBytes, size);
    assert.equal(reported.reduce((sum, count) => sum + count, 0), size);
  }
});

Deno.test("the size of a file is proved by its last group alone", async () => {
  for (const size of [5 * MIB + 3, RING_BYTES + 17 * 1024]) {
    const bytes = noise(size);
    const { blob } = await hash(diskWith(bytes));
    const reader = await blob.open();
    const block = Math.ceil(size / MIB) - 1;
    const span = await reader.read({ block, lastGroupOnly: true });
    assert.deepEqual(span.top, blob.blocks.unit(block));
    await reader.close();
  }
});

Deno.test("pieces are read ahead into at most three buffers, none of which is reused too early", async () => {
  const bytes = noise(7 * PIECE_BYTES + 99);
  const buffers = new Set<ArrayBufferLike>();
  let underWay = 0;
  let most = 0;
  let turn = 0;
  const disk = hookedReads(diskWith(bytes), async ({ buffer }) => {
    buffers.add(buffer.buffer);
    most = Math.max(most, ++underWay);
    // The reads complete in another order than they were requested.
    for (let i = [9, 1, 5][turn++ % 3]; i > 0; i--) await soon();
    // A read may write anything into its buffer before it ends.
    buffer.fill(0);
    underWay--;
  });
  const { blob } = await hash(disk);
  assert.deepEqual(blob.hash, MemoryBlob.from(hasher, bytes).hash);
  assert.equal(most, 3);
  assert.equal(buffers.size, 3);
  assert.ok([...buffers].every(({ byteLength }) => byteLength === PIECE_BYTES));
});

Deno.test("a file of one block is read once, into a buffer of its size", async () => {
  const lengths: number[] = [];
  const disk = hookedReads(
    diskWith(noise(4096)),
    ({ buffer }) => void lengths.push(buffer.buffer.byteLength),
  );
  await hash(disk);
  assert.deepEqual(lengths, [4096]);
});

Deno.test("cancelled hashing awaits its reads before the file is closed", async () => {
  const controller = new AbortController();
  const log: string[] = [];
  const disk = hookedReads(diskWith(noise(6 * PIECE_BYTES)), async ({ offsetBytes }) => {
    if (offsetBytes === PIECE_BYTES) controller.abort();
    for (let i = 0; i < 5; i++) await soon();
    log.push("read");
  }, () => log.push("closed"));
  await assert.rejects(hash(disk, { signal: controller.signal }), { code: "cancelled" });
  assert.deepEqual(log, ["read", "read", "read", "closed"]);
});

Deno.test("a read that fails early is reported in order", async () => {
  const log: string[] = [];
  const disk = hookedReads(diskWith(noise(4 * PIECE_BYTES)), async ({ offsetBytes }) => {
    if (offsetBytes > 0) throw new PliError("disk_failed", { path: "/f" });
    for (let i = 0; i < 5; i++) await soon();
    log.push("first");
  }, () => log.push("closed"));
  await assert.rejects(hash(disk), { code: "disk_failed" });
  assert.deepEqual(log, ["first", "closed"]);
});

Deno.test("a file that shrinks while it is hashed has changed; one that grows is hashed up to its listed size", async () => {
  const bytes = noise(4 * PIECE_BYTES);
  const changing = (content: Uint8Array) => {
    const disk = diskWith(bytes);
    return hookedReads(disk, ({ offsetBytes }) => {
      if (offsetBytes === 3 * PIECE_BYTES) disk.writeFile("/f", content);
    });
  };
  await assert.rejects(hash(changing(bytes.subarray(0, 100))), { code: "source_changed" });
  const grown = new Uint8Array(bytes.length + 5);
  grown.set(bytes);
  assert.deepEqual((await hash(changing(grown))).blob.hash, MemoryBlob.from(hasher, bytes).hash);
});
