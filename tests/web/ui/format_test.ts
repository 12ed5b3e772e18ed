// Amounts, messages and pasted texts in each language.

import assert from "node:assert/strict";
import { duration, percent, size, speed } from "../../../src/web/ui/format.ts";
import { applyLanguage, chosenLanguage, pickLanguage, t } from "../../../src/web/ui/language.ts";

async function inLanguage(tag: string, work: () => void): Promise<void> {
  chosenLanguage.value = tag;
  try {
    await applyLanguage();
    work();
  } finally {
    chosenLanguage.value = null;
  }
}

Deno.test("sizes are decimal, with the units of the language", async () => {
  await inLanguage("en", () => {
    assert.deepEqual([0, 999, 1_000, 12_345_678, 999_950, 245e9].map(size), [
      "0 bytes",
      "999 bytes",
      "1.0 kB",
      "12.3 MB",
      "1.0 MB",
      "245 GB",
    ]);
    assert.equal(speed(38_400_000), "38.4 MB/s");
  });
  await inLanguage("fr", () => assert.match(size(12_345_678), /^12,3\sMo$/));
});

Deno.test("times have two units at most", async () => {
  await inLanguage("en", () => {
    assert.deepEqual([0, 12, 60, 185, 7_800, 97_000].map(duration), [
      "1 sec",
      "12 sec",
      "1 min",
      "3 min 5 sec",
      "2 hr 10 min",
      "1 day 2 hr",
    ]);
  });
});

Deno.test("no percentage is full before completion", async () => {
  await inLanguage(
    "en",
    () => assert.deepEqual([percent(9_999, 10_000), percent(1, 1), percent(0, 0)], ["99%", "100%", "100%"]),
  );
});

Deno.test("the language is the chosen one, otherwise the browser's first available one, otherwise English", () => {
  assert.equal(pickLanguage("de", ["fr"]), "de");
  assert.equal(pickLanguage(null, ["nl-NL", "pt-BR", "fr"]), "pt");
  assert.equal(pickLanguage("xx", ["nl"]), "en");
});

Deno.test("sentences with counts have the plural forms of the language", async () => {
  await inLanguage(
    "en",
    () => assert.deepEqual([t("files", { count: 1 }), t("files", { count: 20 })], ["1 file", "20 files"]),
  );
  await inLanguage("ar", () => {
    const forms = [0, 1, 2, 5, 50, 100].map((count) => t("files", { count }).replace(/[\d٠-٩]+/g, ""));
    assert.equal(new Set(forms).size, 6);
  });
});
