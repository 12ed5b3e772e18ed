// The catalogues: no sentence is missing, parameters are equal in every language, and components have no texts. Missing
// keys do not compile; this test checks the values.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { CATALOGUES as LOADERS, LANGUAGES } from "../../../src/web/ui/language.ts";
import { en } from "../../../src/web/ui/words/en.ts";

const CATALOGUES = Object.fromEntries(
  await Promise.all(LANGUAGES.map(async ([tag]) => [tag, await LOADERS[tag]()] as const)),
);

type Tree = { readonly [key: string]: string | Tree };
const UI = fileURLToPath(new URL("../../../src/web/ui", import.meta.url));

const parametersIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
const isPlural = (value: string | Tree): value is Tree => typeof value !== "string" && "other" in value;

/** Every sentence by its path; plural forms count as one, under their most general form. */
function sentences(tree: Tree, place = ""): Map<string, string | Tree> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) => {
      const here = `${place}/${key}`;
      return typeof value === "string" || isPlural(value)
        ? [[here, value] as const]
        : [...sentences(value, here)];
    }),
  );
}

const english = sentences(en);

for (const [tag, name] of LANGUAGES) {
  Deno.test(`${name} has every sentence of English`, () => {
    const own = sentences(CATALOGUES[tag] as unknown as Tree);
    assert.deepEqual([...own.keys()].sort(), [...english.keys()].sort());
    const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
    for (const [place, value] of own) {
      const reference = english.get(place)!;
      const allowed = new Set(
        parametersIn(isPlural(reference) ? String(reference.other) : String(reference)),
      );
      if (!isPlural(value)) {
        assert.notEqual(value, "", place);
        assert.deepEqual(new Set(parametersIn(value)), allowed, place);
        continue;
      }
      // `many` of the Romance languages is for millions; the general form is used there.
      const needed = categories.filter((category) => category !== "many" || tag === "ar");
      for (const category of needed) assert.ok(category in value, `${place}: ${category}`);
      // A plural form for one number may contain it as a word.
      for (const form of Object.values(value)) {
        for (const used of parametersIn(String(form))) {
          assert.ok(allowed.has(used) || used === "name", `${place}: ${used}`);
        }
      }
    }
  });
}

Deno.test("no sentence of another language is in English", () => {
  for (const [tag] of LANGUAGES.filter(([tag]) => tag !== "en")) {
    const own = sentences(CATALOGUES[tag] as unknown as Tree);
    const same = [...own].filter(([place, text]) => typeof text === "string" && text === english.get(place));
    assert.ok(same.length < 12, `${tag}: ${same.map(([place]) => place).join(", ")}`);
  }
});

Deno.test("French has no breaking space before its punctuation", () => {
  for (const [place, text] of sentences(CATALOGUES.fr as unknown as Tree)) {
    for (const form of typeof text === "string" ? [text] : Object.values(text)) {
      assert.doesNotMatch(String(form), / [:;!?»]|« /, place);
    }
  }
});

Deno.test("no component contains text", async () => {
  for await (const { name } of Deno.readDir(`${UI}/components`)) {
    const code = (await Deno.readTextFile(`${UI}/components/${name}`)).replace(
      /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm,
      "",
    );
    // Text between tags, and attributes that are read aloud or shown.
    const text = [...code.matchAll(/[\w"'}]\s*>\s*([^<>{}()=;&|]*[A-Za-z]{2}[^<>{}()=;&|]*)\s*<\//g)].map((
      [, words],
    ) => words.trim());
    const attributes = [...code.matchAll(/\b(?:title|aria-label|aria-valuetext|alt|placeholder)="([^"]+)"/g)];
    assert.deepEqual([...text, ...attributes.map(([, words]) => words)], [], name);
  }
});
