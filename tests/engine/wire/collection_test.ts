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
import {
  decodeReceipt,
  encodeReceipt,
  type Receipt,
  RECEIPT_1_ALPN,
  RECEIPT_ALPNS,
} from "../../../src/engine/wire/receipt.ts";
import { encodePreview, PREVIEW_MAXIMUM_BYTES } from "../../../src/engine/wire/preview.ts";

Deno.test("names are unchanged after writing and reading", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" })), (names) => {
    assert.deepEqual([...decodeNames(encodeNames(names))], names);
  }));
});

Deno.test("metadata with another header, a false count, a truncated name, invalid UTF-8 or trailing bytes is refused", () => {
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
const rootHash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const lost = fc.array(fc.nat(1_000_000));
const receipt: fc.Arbitrary<Receipt> = fc.oneof(
  fc.record({ rootHash, outcome: fc.constantFrom("unfinished", "everything", "selection"), verified }, plain),
  fc.record({ rootHash, outcome: fc.constant("incomplete" as const), verified, lost }, plain),
);

Deno.test("a receipt is unchanged after writing and reading", () => {
  fc.assert(fc.property(receipt, fc.constantFrom(...RECEIPT_ALPNS), (value, alpn) => {
    assert.deepEqual(decodeReceipt(encodeReceipt(value, alpn), alpn), value);
  }));
});

Deno.test("receipts have these bytes", () => {
  const root = "ab".repeat(32);
  const rootHash = Uint8Array.fromHex(root);
  const verified = [{ child: 0, bytes: 5 }, { child: 1, bytes: 300 }];
  // Root, outcome, then the count and the pairs; for an outcome of 3 the count and the lost children.
  const part = `${root}02` + "02" + "0005" + "01ac02";
  assert.equal(encodeReceipt({ rootHash, outcome: "selection", verified }).toHex(), part);
  const incomplete = `${root}03` + "02" + "0005" + "01ac02" + "02" + "02" + "8103";
  assert.equal(
    encodeReceipt({ rootHash, outcome: "incomplete", verified, lost: [2, 385] }).toHex(),
    incomplete,
  );
  assert.throws(() => decodeReceipt(Uint8Array.fromHex(part + "0102")), (error) => isPliError(error));
  assert.throws(() => decodeReceipt(Uint8Array.fromHex(`${root}0400`)), (error) => isPliError(error));
  assert.throws(() => decodeReceipt(Uint8Array.fromHex("00" + part)), (error) => isPliError(error));

  // Version 1 begins with its number.
  const first = (hex: string) => decodeReceipt(Uint8Array.fromHex(hex), RECEIPT_1_ALPN);
  assert.equal(
    encodeReceipt({ rootHash, outcome: "selection", verified }, RECEIPT_1_ALPN).toHex(),
    "00" + part,
  );
  assert.deepEqual(first("00" + part), { rootHash, outcome: "selection", verified });
  assert.throws(() => first("01" + part), (error) => isPliError(error));
  assert.throws(() => first(part), (error) => isPliError(error));
});

Deno.test("a preview has names and sizes, and omits the list where it would be too long", () => {
  const read = (answer: Uint8Array) => {
    const length = new DataView(answer.buffer).getUint32(0);
    assert.equal(answer.length, 4 + length);
    return JSON.parse(new TextDecoder().decode(answer.subarray(4)));
  };
  const photos = { title: "photos", files: 2, sizeBytes: 7 };
  const summary = { file_name: "photos", item_count: 2, size: 7 };
  assert.deepEqual(read(encodePreview(photos)), summary);
  assert.deepEqual(
    read(encodePreview(photos, [{ name: "photos/a", sizeBytes: 3 }, { name: "photos/b", sizeBytes: 4 }])),
    { ...summary, items: [{ file_name: "photos/a", size: 3 }, { file_name: "photos/b", size: 4 }] },
  );
  const many = Array.from({ length: 100_000 }, (_, i) => ({ name: `${"x".repeat(80)}${i}`, sizeBytes: 1 }));
  const answer = encodePreview({ title: "many", files: 100_000, sizeBytes: 100_000 }, many);
  assert.deepEqual(read(answer), { file_name: "many", item_count: 100_000, size: 100_000 });
  // The longest list that fits does so for all characters of names.
  for (let length = 8_000; length < 10_000; length += 100) {
    const names = Array.from({ length }, () => ({ name: 'ü"'.repeat(20), sizeBytes: 10 }));
    const { items } = read(encodePreview({ title: "ü", files: length, sizeBytes: 0 }, names));
    const bytes = encodePreview({ title: "ü", files: length, sizeBytes: 0 }, names).length;
    assert.ok(bytes <= 4 + PREVIEW_MAXIMUM_BYTES && (items === undefined || items.length === length));
  }
});
