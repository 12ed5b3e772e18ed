import { doesNotMatch, strictEqual } from "node:assert";
import fc from "fast-check";
import { safeJson } from "../../src/cli/report/output.ts";
import { visible } from "../../src/words/visible.ts";

/** Ranges of code points, independent of the properties that the code uses. */
// deno-lint-ignore no-control-regex
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const ANY_UNIT = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
});
const NASTY = fc.constantFrom(
  "\x1b",
  "\x9b",
  "\n",
  "\r",
  "\x7f",
  "\u202e",
  "\u2066",
  "\u200b",
  "\u2028",
  "\ud800",
);
const NAMES = fc.array(fc.oneof(ANY_UNIT, NASTY, fc.string({ unit: "grapheme" }))).map((parts) =>
  parts.join("")
);

Deno.test("A.3 escape: no control, bidi or zero-width character and no lone surrogate survives", () => {
  fc.assert(fc.property(NAMES, (name) => {
    doesNotMatch(visible(name), DANGEROUS);
    strictEqual(visible(name).isWellFormed(), true);
  }));
});

Deno.test("A.3 escape: JSON has none of them either, and means the same", () => {
  fc.assert(fc.property(NAMES, (name) => {
    const line = safeJson({ name });
    doesNotMatch(line, DANGEROUS);
    strictEqual(JSON.parse(line).name, name);
  }));
});

Deno.test("escape: shows the code points of escaped characters, and keeps ordinary names", () => {
  strictEqual(visible("a\x1b[2Jb\nc"), "a\\u{1b}[2Jb\\u{a}c");
  strictEqual(visible("gpj.\u202eexe"), "gpj.\\u{202e}exe");
  strictEqual(visible("a\u3164\u2065"), "a\\u{3164}\\u{2065}");
  strictEqual(visible("tag\u{e0041}"), "tag\\u{e0041}");
  for (const name of ["holiday/été 2024.jpg", "写真.png", "résumé — final.pdf", "❤️.txt"]) {
    strictEqual(visible(name), name);
  }
});
