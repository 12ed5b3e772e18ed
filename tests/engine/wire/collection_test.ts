import assert from "node:assert/strict";
import fc from "fast-check";
import { PostcardWriter } from "../../../src/engine/bytes/postcard.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import {
  COLLECTION_MAXIMUM_FILES,
  decodeNames,
  encodeNames,
  splitHashes,
} from "../../../src/engine/wire/collection.ts";
import { decodeReceipt, encodeReceipt, type Receipt } from "../../../src/engine/wire/receipt.ts";
import { encodePreview } from "../../../src/engine/wire/preview.ts";

Deno.test("names survive being written and read", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" })), (names) => {
    assert.deepEqual([...decodeNames(encodeNames(names))], names);
  }));
});

Deno.test("metadata with another header, a lying count, a cut name, bad UTF-8 or a tail is refused", () => {
  const good = encodeNames(["a", "b/é"]);
  const header = new TextEncoder().encode("CollectionV0.");
  const bad = [
    new Uint8Array(0),
    new TextEncoder().encode("CollectionV1.\0"),
    good.slice(0, -1),
    Uint8Array.of(...good, 0),
    new PostcardWriter().raw(header).u64(1_000_000).finish(),
    new PostcardWriter().raw(header).u64(2n ** 60n).finish(),
    Uint8Array.of(...header, 1, 2, 0xc3, 0x28),
  ];
  for (const bytes of bad) assert.throws(() => decodeNames(bytes), (error) => isPliError(error));
});

Deno.test("a root that is no multiple of 32, or has too many links, is refused", () => {
  assert.throws(() => splitHashes(new Uint8Array(33)), (error) => isPliError(error, "message_malformed"));
  const many = new Uint8Array((COLLECTION_MAXIMUM_FILES + 2) * 32);
  assert.throws(() => splitHashes(many), (error) => isPliError(error, "limit_exceeded"));
});

const plain = { noNullPrototype: true };
const verified = fc.array(fc.record({ child: fc.nat(1_000_000), bytes: fc.maxSafeNat() }, plain));
const receipt: fc.Arbitrary<Receipt> = fc.record({
  rootHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  outcome: fc.constantFrom("taking" as const, "all" as const, "part" as const),
  verified,
}, plain);

Deno.test("a receipt survives being written and read", () => {
  fc.assert(fc.property(receipt, (value) => assert.deepEqual(decodeReceipt(encodeReceipt(value)), value)));
});

Deno.test("a preview says names and sizes, and leaves the list out where it would be too long", () => {
  const read = (answer: Uint8Array) => {
    const length = new DataView(answer.buffer).getUint32(0);
    assert.equal(answer.length, 4 + length);
    return JSON.parse(new TextDecoder().decode(answer.subarray(4)));
  };
  assert.deepEqual(
    read(encodePreview("photos", [{ name: "photos/a", sizeBytes: 3 }, { name: "photos/b", sizeBytes: 4 }])),
    {
      file_name: "photos",
      item_count: 2,
      size: 7,
      items: [{ file_name: "photos/a", size: 3 }, { file_name: "photos/b", size: 4 }],
    },
  );
  const many = Array.from({ length: 100_000 }, (_, i) => ({ name: `${"x".repeat(80)}${i}`, sizeBytes: 1 }));
  assert.deepEqual(read(encodePreview("many", many)), {
    file_name: "many",
    item_count: 100_000,
    size: 100_000,
  });
});
