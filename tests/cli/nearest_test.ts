import { strictEqual } from "node:assert";
import fc from "fast-check";
import { editsBetween, nearest } from "../../src/cli/command_line.ts";

const WORDS = ["send", "receive", "recv", "inspect"];

Deno.test("nearest: finds a word by up to two typing errors, or by its beginning", () => {
  strictEqual(nearest("sedn", WORDS), "send");
  strictEqual(nearest("recieve", WORDS), "receive");
  strictEqual(nearest("insp", WORDS), "inspect");
  strictEqual(nearest("receiv", WORDS), "receive");
});

Deno.test("nearest: finds nothing for a distant or ambiguous word", () => {
  strictEqual(nearest("xyz", WORDS), null);
  strictEqual(nearest("s", WORDS), null);
  strictEqual(nearest("", WORDS), null);
  strictEqual(nearest("send", []), null);
});

/** The definition, by its recursion. */
function editsByDefinition(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [shortA, shortB] = [a.slice(0, -1), b.slice(0, -1)];
  const isSwap = a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1);
  return Math.min(
    editsByDefinition(shortA, b) + 1,
    editsByDefinition(a, shortB) + 1,
    editsByDefinition(shortA, shortB) + (a.at(-1) === b.at(-1) ? 0 : 1),
    ...(isSwap ? [editsByDefinition(a.slice(0, -2), b.slice(0, -2)) + 1] : []),
  );
}

Deno.test("nearest: its edit distance is that of the definition", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
  fc.assert(fc.property(word, word, (a, b) => editsBetween(a, b) === editsByDefinition(a, b)));
});
