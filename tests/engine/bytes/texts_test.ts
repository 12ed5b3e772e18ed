import assert from "node:assert/strict";
import fc from "fast-check";
import { Texts } from "../../../src/engine/bytes/texts.ts";

Deno.test("texts are read back one by one and in order", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" })), (list) => {
    const texts = Texts.of(list);
    assert.equal(texts.length, list.length);
    assert.deepEqual([...texts], list);
    list.forEach((text, at) => assert.equal(texts.at(at), text));
  }));
  assert.deepEqual([...Texts.of(["\ufeffa", ""])], ["\ufeffa", ""]);
});

Deno.test("invalid Unicode is no text", () => {
  assert.throws(() => Texts.of(["fine", "\ud800"]), RangeError);
});
