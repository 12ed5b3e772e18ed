// Sentences with parameters, by the rules of each language, and the escaping of parameters.

import { ok, strictEqual } from "node:assert";
import { fill, render, type Voice } from "../../src/words/sentence.ts";
import { visible } from "../../src/words/visible.ts";

const ENGLISH: Voice = { locale: "en", isRightToLeft: false };
const FRENCH: Voice = { locale: "fr", isRightToLeft: false };
const ARABIC: Voice = { locale: "ar", isRightToLeft: true };

Deno.test("sentence: a count chooses the form, by the rules of the language", () => {
  const english = { one: "{count} file", other: "{count} files" };
  strictEqual([0, 1, 2].map((count) => render(english, { count }, ENGLISH)).join(), "0 files,1 file,2 files");
  const french = { one: "{count} fichier", other: "{count} fichiers" };
  strictEqual(
    [0, 1, 2].map((count) => render(french, { count }, FRENCH)).join(),
    "0 fichier,1 fichier,2 fichiers",
  );
});

Deno.test("sentence: a missing form is replaced by the general one", () => {
  strictEqual(
    render({ one: "1", other: "{count} fichiers" }, { count: 2e6 }, FRENCH),
    "2\u00a0000\u00a0000 fichiers",
  );
});

Deno.test("sentence: numbers are written by the rules of the language", () => {
  strictEqual(fill("{count}", { count: 12_345 }, ENGLISH), "12,345");
  strictEqual(fill("{count}", { count: 12_345 }, FRENCH), "12\u00a0345");
});

Deno.test("sentence: names cannot reorder, hide or forge the text around them", () => {
  strictEqual(fill("{name}!", { name: "a\u202Eb\u0000\n" }, ENGLISH), "a\\u{202e}b\\u{0}\\u{a}!");
  strictEqual(fill("{name}!", { name: "a{size}$1" }, ENGLISH), "a{size}$1!");
  strictEqual(visible("❤️ é 中"), "❤️ é 中");
});

Deno.test("sentence: a path of thousands of characters is shown without its middle", () => {
  const long = `/begins/${"a/".repeat(2_000)}ends`;
  for (const name of ["path", "folder", "home", "value", "glob"]) {
    const text = fill(`There is {${name}}.`, { [name]: long }, ENGLISH);
    ok(/^There is \/begins\/[a/]{200,250}…[a/]{200,250}ends\.$/.test(text), `${name}: ${text}`);
    strictEqual(fill(`{${name}}`, { [name]: long.slice(0, 500) }, ENGLISH), long.slice(0, 500));
  }
  // Not within a character, and before control characters are escaped.
  strictEqual(fill("{path}", { path: "😀".repeat(2_000) }, ENGLISH).isWellFormed(), true);
  ok(fill("{path}", { path: "\x1b".repeat(2_000) }, ENGLISH).endsWith("…" + "\\u{1b}".repeat(250)));
});

Deno.test("sentence: from right to left, parameters keep their direction", () => {
  strictEqual(fill("{name}.", { name: "a.txt" }, ARABIC), "\u2068a.txt\u2069.");
});
