// Batches of uploaded files: what the page writes the server reads, in whatever pieces it arrives.

import assert from "node:assert/strict";
import fc from "fast-check";
import { WebError } from "../../src/web/errors.ts";
import { readBatch } from "../../src/web/upload_batch.ts";
import { batchBlob, batchesOf } from "../../src/web/ui/upload_batches.ts";

const MIB = 1024 * 1024;

/** A stream of the bytes in pieces of these sizes, repeatedly. */
function inPieces(bytes: Uint8Array, sizes: readonly number[]): ReadableStream<Uint8Array> {
  let [at, turn] = [0, 0];
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const end = at + sizes[turn++ % sizes.length];
      controller.enqueue(bytes.slice(at, end));
      at = end;
    },
  });
}

async function read(body: ReadableStream<Uint8Array>, sizeBytes: number): Promise<[string, Uint8Array][]> {
  const files: [string, Uint8Array][] = [];
  for await (const group of readBatch(body, sizeBytes)) {
    for (const { name, content } of group) {
      const parts = content instanceof Uint8Array ? [content] : await Array.fromAsync(content);
      files.push([name, await new Blob(parts as BlobPart[]).bytes()]);
    }
  }
  return files;
}

const named = (files: readonly (readonly [string, Uint8Array])[]) =>
  files.map(([name, bytes]) => ({ name, file: new File([bytes as BlobPart], name) }));

Deno.test("a batch is read as it was written, in pieces of any size", async () => {
  const file = fc.tuple(
    fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
    fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constant(new Uint8Array(70_000).fill(9))),
  );
  await fc.assert(fc.asyncProperty(
    fc.array(file, { minLength: 1, maxLength: 12 }),
    fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(20_000)), { minLength: 1, maxLength: 4 }),
    async (files, sizes) => {
      const bytes = await batchBlob(named(files)).bytes();
      assert.deepEqual(await read(inPieces(bytes, sizes), bytes.length), files);
    },
  ));
});

Deno.test("the bytes of a batch: length, index, contents", async () => {
  const bytes = await batchBlob(named([["a", Uint8Array.of(7, 8)]])).bytes();
  const index = '[{"name":"a","bytes":2}]';
  assert.deepEqual(bytes, Uint8Array.from([0, 0, 0, index.length, ...new TextEncoder().encode(index), 7, 8]));
});

Deno.test("an invalid batch is refused by a code, before any file", async () => {
  const body = (index: string, content = "", length = index.length) => {
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, length);
    return new Blob([head, index, content]).bytes();
  };
  const refused = async (bytes: Uint8Array, code: string, sizeBytes = bytes.length) => {
    await assert.rejects(
      read(inPieces(bytes, [1000]), sizeBytes),
      (error) => error instanceof WebError && error.code === code,
    );
  };
  await refused(await body("["), "body_not_json");
  await refused(await body("[]"), "body_invalid");
  for (
    const entry of [
      '{"name":"","bytes":0}',
      '{"name":"a","bytes":-1}',
      '{"name":"a","bytes":1e99}',
      '{"name":"a"}',
      "1",
    ]
  ) {
    await refused(await body(`[${entry}]`), "body_invalid");
  }
  await refused(await body('[{"name":"a","bytes":3}]', "ab"), "body_cut");
  await refused(await body('[{"name":"a","bytes":1}]', "ab"), "body_cut");
  await refused(await body("[]", "", 2 * MIB), "body_too_large");
  await refused(Uint8Array.of(0, 0), "body_cut");
  // The stream ends before the announced length.
  const whole = await body('[{"name":"a","bytes":3}]', "abc");
  await refused(whole.subarray(0, whole.length - 1), "body_cut", whole.length);
});

Deno.test("small files share a batch, within bounds of bytes, files and names; a large one has its own", () => {
  const file = (bytes: number, name = "a") => ({ name, file: { size: bytes } as File });
  const counts = (sizes: number[], name?: string) =>
    batchesOf(sizes.map((bytes) => file(bytes, name))).map((batch) => batch.length);
  assert.deepEqual(counts([]), []);
  assert.deepEqual(counts(Array(10_000).fill(1000)), Array(20).fill(500));
  assert.deepEqual(counts([1, 5 * MIB, 1, 3 * MIB, 2 * MIB]), [1, 1, 2, 1]);
  assert.deepEqual(counts(Array(100).fill(0), "ü".repeat(4000)), [21, 21, 21, 21, 16]);
});
