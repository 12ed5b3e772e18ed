import assert from "node:assert/strict";
import fc from "fast-check";
import { PostcardReader, PostcardWriter } from "../../../src/engine/bytes/postcard.ts";
import { isPliError } from "../../../src/engine/errors.ts";

const reader = (...bytes: number[]) => new PostcardReader(Uint8Array.from(bytes), "test");

Deno.test("integers and text are unchanged after writing and reading", () => {
  fc.assert(fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.string({ unit: "grapheme" }), (number, text) => {
    const bytes = new PostcardWriter().u64(number).text(text).option(text, () => {}).option(null, () => {})
      .finish();
    const back = new PostcardReader(bytes, "test");
    assert.equal(back.u64(), number);
    assert.equal(back.text(bytes.length), text);
    assert.equal(back.option(() => "some"), "some");
    assert.equal(back.option(() => "some"), null);
    back.end();
  }));
});

Deno.test("varints are those of LEB128", () => {
  assert.equal(new PostcardWriter().u64(300).finish().toHex(), "ac02");
  assert.equal(new PostcardWriter().u64(2n ** 64n - 1n).finish().toHex(), "ffffffffffffffffff01");
});

Deno.test("varints over 64 bits, without an end, or over ten bytes are refused", () => {
  const overflow = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
  for (const bytes of [overflow, [0x80], [], Array(11).fill(0x80)]) {
    assert.throws(() => reader(...bytes).u64(), (error) => isPliError(error, "message_malformed"));
  }
});

Deno.test("a count over its maximum exceeds a limit, one over the bytes that follow is malformed", () => {
  assert.throws(() => reader(11).count(10), (error) => isPliError(error, "limit_exceeded"));
  assert.throws(() => reader(3, 0, 0).elementCount(10, 1), (error) => isPliError(error, "message_malformed"));
});

Deno.test("a number that is no u64 is a defect of the caller", () => {
  assert.throws(() => new PostcardWriter().u64(-1), RangeError);
  assert.throws(() => new PostcardWriter().u64(2n ** 64n), RangeError);
});
