// Titles of transfers as text.

import assert from "node:assert/strict";
import { ar } from "../../src/words/ar.ts";
import { en } from "../../src/words/en.ts";
import { fr } from "../../src/words/fr.ts";
import { entryTitleInWords, titleInWords } from "../../src/words/titles.ts";

const ENGLISH = { locale: "en", isRightToLeft: false };
const FRENCH = { locale: "fr", isRightToLeft: false };
const ARABIC = { locale: "ar", isRightToLeft: true };

Deno.test("titles: the first name, with the number of further ones", () => {
  const titles = [0, 1, 2].map((otherNames) =>
    titleInWords({ title: "a", otherNames, files: 9 }, fr, FRENCH)
  );
  assert.deepEqual(titles, ["a", "a et 1 autre", "a et 2 autres"]);
});

Deno.test("titles: without a name the number of files, as far as it is known", () => {
  const titles = [0, 1, 2].map((files) => titleInWords({ title: null, otherNames: 0, files }, en, ENGLISH));
  assert.deepEqual(titles, ["…", "1 file", "2 files"]);
});

Deno.test("titles: names are escaped once, also in a language from right to left", () => {
  const about = { title: "a\u202eb", files: 2 };
  assert.equal(titleInWords({ ...about, otherNames: 0 }, ar, ARABIC), "a\\u{202e}b");
  const several = titleInWords({ ...about, otherNames: 1 }, ar, ARABIC);
  assert.ok(several.startsWith("\u2068a\\u{202e}b\u2069"), JSON.stringify(several));
});

Deno.test("titles: an entry of the history has the title of its transfer, from its paths", () => {
  const title = (paths: readonly string[], title: string | null = null) =>
    entryTitleInWords({ title, files: 3, paths }, en, ENGLISH);
  assert.equal(title(["/in/b"], "a"), "a");
  assert.equal(title(["/in/c.txt", "/in/big.bin"]), "big.bin and 1 more");
  assert.equal(title(["C:\\in\\big.bin", "C:\\in\\d", "C:\\in\\c"]), "big.bin and 2 more");
  // Uploads have no paths, a download without new files has its destination, and of many names some are kept.
  for (const paths of [[], ["/in"], Array.from({ length: 100 }, (_, at) => `/in/${at}`)]) {
    assert.equal(title(paths), "3 files");
  }
});
