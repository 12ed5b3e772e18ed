// deno-lint-ignore-file no-control-regex
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { width } from "../../src/cli/report/lists.ts";
import { tailOf, TypedLine } from "../../src/cli/prompt.ts";

/** The result of an input in pieces: the lines, "end" for its end, and the rest. */
function read(...pieces: string[]) {
  const typed = new TypedLine();
  const lines: string[] = [];
  for (const piece of pieces) {
    typed.add(piece);
    for (let next = typed.next(); next !== null; next = typed.next()) {
      lines.push(next === "end" ? "end" : next.line);
    }
  }
  return { lines, left: typed.text };
}

Deno.test("typed line: Enter ends the line, and keys edit it", () => {
  const cases: [string, string[], string][] = [
    ["abc\rde\nf", ["abc", "de"], "f"],
    ["ab\x7fc\b\rx", ["a"], "x"],
    ["\x7f\x7fa\r", ["a"], ""],
    ["a😀\x7fb\r", ["ab"], ""],
    ["one two \x17three\r", ["one three"], ""],
    ["one\x15two\r", ["two"], ""],
    ["\x04", ["end"], ""],
    ["a\x04\r\x04", ["a", "end"], ""],
    ["a\x1b[Db\x1b[3~c\x1bOPd\x1b[1;5C\r", ["abcd"], ""],
    ["a\tb\x01c\r", ["a b c"], ""],
  ];
  for (const [input, lines, left] of cases) {
    deepStrictEqual(read(input), { lines, left }, JSON.stringify(input));
  }
});

Deno.test("E.7 typed line: a bracketed paste is one text, with any content", () => {
  deepStrictEqual(read("\x1b[200~one\rtwo\r\nthree\nfour\x04\x1b[201~"), {
    lines: [],
    left: "one\ntwo\nthree\nfour\x04",
  });
  deepStrictEqual(read("pli \x1b[200~a\rb\x1b[201~ c\r"), { lines: ["pli a\nb c"], left: "" });
});

Deno.test("typed line: what is forgotten includes the rest of a paste, and no later key", () => {
  const cases: [string, string][] = [
    ["y\ry", "n\r"],
    ["\x1b", "n\r"],
    ["\x1b[200~y", "y\ry\x1b[201~n\r"],
    ["\x1b[200~y\x1b[20", "1~n\r"],
    ["y\x04", "n\r"],
  ];
  for (const [early, later] of cases) {
    const typed = new TypedLine();
    typed.add(early);
    typed.forget();
    strictEqual(typed.text, "");
    typed.add(later);
    deepStrictEqual(typed.next(), { line: "n" }, JSON.stringify(early));
    strictEqual(typed.next(), null);
  }
});

Deno.test("E.7 typed line: the result does not depend on the pieces of the input", () => {
  const piece = fc.constantFrom(
    "\x1b[200~",
    "\x1b[201~",
    "\x1b[A",
    "\r",
    "text",
    "a",
    "b",
    "\n",
    "\x7f",
    "\x15",
    "é",
    "\x04",
    " ",
  );
  const property = fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(60)), (pieces, cuts) => {
    const input = pieces.join("") + "\r\x1b[201~\r";
    const places = [0, ...cuts.filter((at) => at < input.length).sort((a, b) => a - b), input.length];
    const cut = places.slice(1).map((end, at) => input.slice(places[at], end));
    deepStrictEqual(read(...cut), read(input));
  });
  fc.assert(property, { examples: [[["\x1b[200~", "a", "\r", "\n", "b"], [8]]], numRuns: 1_000 });
});

Deno.test("typed line: the drawn line fits, shows its end and has no control characters", () => {
  strictEqual(tailOf("abc", 3), "abc");
  strictEqual(tailOf("abcd", 3), "…cd");
  strictEqual(tailOf("日本語", 6), "日本語");
  strictEqual(tailOf("日本語", 5), "…本語");
  strictEqual(tailOf("日本語", 4), "…語");
  strictEqual(tailOf("a\nb \r\n c", 20), "a b c");
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.integer({ min: -3, max: 40 }), (text, columns) => {
    const tail = tailOf(text, columns);
    ok(width(tail) <= Math.max(0, columns));
    ok(!/[\0-\x1f\x7f-\x9f]/.test(tail));
  }));
});
