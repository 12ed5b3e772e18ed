import assert from "node:assert/strict";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { HashedFiles } from "../../../src/engine/transfer/provide/hashed_files.ts";
import { HashIndex } from "../../../src/engine/transfer/provide/hash_index.ts";
import { HashSequence } from "../../../src/engine/wire/hash_sequence.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { patternBytes } from "../../vectors/mod.ts";

const hashOf = (fill: number) => new Uint8Array(32).fill(fill);
const none = new Uint8Array(0);

Deno.test("unhashed files are left out, and every other file keeps its values", () => {
  const sources = ["a", "b", "c", "d", "e"].map((name) => ({ name, path: `/s/${name}` }));
  const files = new HashedFiles({ disk: new MemoryDisk(), hasher: wasmHasher() }, sources);
  files.note(4, 1, { blockValues: hashOf(4), sizeProof: none });
  files.note(1, 16 * 1024, { blockValues: hashOf(1), sizeProof: none });
  // Two groups: its left sibling is needed too.
  files.note(3, 20_000, { blockValues: hashOf(3), sizeProof: hashOf(9) });
  assert.deepEqual([0, 1, 2, 3, 4].filter((index) => files.isHashed(index)), [1, 3, 4]);
  files.settle();
  assert.equal(files.length, 3);
  assert.deepEqual(
    Array.from(files, ({ name, blob }) => [name, blob.sizeBytes, blob.hash[0], blob.hash.length]),
    [["b", 16 * 1024, 1, 32], ["d", 20_000, 3, 32], ["e", 1, 4, 32]],
  );
  assert.equal(files.at(1)!.blob, files.at(1)!.blob);
  assert.equal(files.at(3), undefined);
  assert.equal(files.pathOf("e"), "/s/e");
  assert.equal(files.pathOf("a"), undefined);
});

Deno.test("a hash is found among many, the last of equal ones, and unknown hashes are not", () => {
  const hasher = wasmHasher();
  const hashes = Array.from({ length: 1000 }, (_, i) => hasher.leaf(patternBytes(i % 900), 0, true));
  // Their slots in the table collide with others.
  for (let i = 0; i < 50; i++) hashes.push(hashOf(0).fill(i + 1, 4));
  const bytes = new Uint8Array(hashes.length * 32);
  hashes.forEach((hash, i) => bytes.set(hash, i * 32));
  const index = new HashIndex(new HashSequence(bytes));
  hashes.forEach((hash, i) => assert.equal(index.find(hash), i < 100 ? i + 900 : i));
  assert.equal(index.find(hashOf(0)), -1);
  assert.equal(index.find(hasher.leaf(patternBytes(5000), 0, true)), -1);
  assert.equal(new HashIndex(new HashSequence(none)).find(hashOf(1)), -1);
});
