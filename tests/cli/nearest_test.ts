import { strictEqual } from "node:assert";
import { nearest } from "../../src/cli/command_line.ts";

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
