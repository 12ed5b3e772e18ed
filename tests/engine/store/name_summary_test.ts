import assert from "node:assert/strict";
import fc from "fast-check";
import { Texts } from "../../../src/engine/bytes/texts.ts";
import { complete } from "../../../src/engine/work.ts";
import { type NameSummary, summarizingNames } from "../../../src/engine/store/name_summary.ts";
import { checkNames } from "../../../src/engine/store/names.ts";
import { nastyNames } from "./nasty_names.ts";

function summaryOf(names: readonly string[]): NameSummary {
  checkNames(names);
  return complete(summarizingNames(Texts.of(names)));
}

Deno.test("E.24 a folder with a repository is one hidden name, for any number of files", () => {
  const hooks = Array.from({ length: 300 }, (_, at) => `project/.git/objects/${at % 16}/${at}`);
  const names = ["project/README", "project/.git/HEAD", "project/.git/hooks/pre-commit", ...hooks];
  assert.deepEqual(summaryOf(names), {
    folders: 20,
    tops: 1,
    hiddenFiles: 302,
    hidden: [{ name: "project/.git", places: 1, files: 302 }],
  });
});

Deno.test("E.24 dot names of any depth are found; those nearest to the top are first", () => {
  const names = [
    "m/a/.npmrc",
    "m/b/.npmrc",
    "m/b/c/.npmrc",
    "m/.vscode/tasks.json",
    "m/.vscode/.hidden/x",
    ".envrc",
    "m/plain.txt",
    ".ssh/authorized_keys",
    "m/..odd/x",
  ];
  const { hidden, hiddenFiles } = summaryOf(names);
  assert.equal(hiddenFiles, 8);
  assert.deepEqual(hidden, [
    { name: ".envrc", places: 1, files: 1 },
    { name: ".ssh", places: 1, files: 1 },
    { name: "m/..odd", places: 1, files: 1 },
    { name: "m/.vscode", places: 1, files: 2 },
    { name: "m/a/.npmrc", places: 3, files: 3 },
  ]);
});

Deno.test("E.24 the files of Finder need no consent; a folder of that name does", () => {
  assert.deepEqual(summaryOf([".DS_Store", "a/.DS_Store", "a/b"]).hidden, []);
  assert.deepEqual(summaryOf([".DS_Store/x"]).hidden, [{ name: ".DS_Store", places: 1, files: 1 }]);
  assert.deepEqual(summaryOf([".ds_store"]).hidden, [{ name: ".ds_store", places: 1, files: 1 }]);
});

Deno.test("E.24 a dot behind characters that some volumes ignore hides too", () => {
  const names = ["\u200c.git/hooks/x", "a/\u200d\ufeff.envrc", "é.txt", "a\u200c.txt", "\u200cx.y"];
  assert.deepEqual(summaryOf(names).hidden.map(({ name }) => name), ["\u200c.git", "a/\u200d\ufeff.envrc"]);
});

Deno.test("E.24 of very many dot names those nearest to the top are kept, in any order", () => {
  const deep = Array.from({ length: 30_000 }, (_, at) => `a/b/.${at}`);
  const { hidden, hiddenFiles } = summaryOf([...deep, ".bashrc", "z/.envrc"]);
  assert.equal(hiddenFiles, 30_002);
  assert.equal(hidden.length, 1_000);
  assert.deepEqual(hidden.slice(0, 2).map(({ name }) => name), [".bashrc", "z/.envrc"]);
});

/** The same, by a slow reference. */
function slowSummary(names: readonly string[]): NameSummary {
  const folders = new Set<string>();
  const groups = new Map<string, { places: Set<string>; files: number }>();
  for (const name of names) {
    const parts = name.split("/");
    for (let end = 1; end < parts.length; end++) folders.add(parts.slice(0, end).join("/"));
    const at = parts.findIndex((part) => /^\p{DI}*\./u.test(part));
    if (at < 0 || (at === parts.length - 1 && parts[at] === ".DS_Store")) continue;
    const group = groups.getOrInsertComputed(parts[at], () => ({ places: new Set(), files: 0 }));
    group.places.add(parts.slice(0, at + 1).join("/"));
    group.files++;
  }
  const depth = (name: string) => name.split("/").length;
  const order = (a: string, b: string) => depth(a) - depth(b) || (a < b ? -1 : 1);
  const nearest = (places: Set<string>) => {
    const least = Math.min(...[...places].map(depth));
    // The first of these in the list.
    return [...places].find((place) => depth(place) === least)!;
  };
  return {
    folders: folders.size,
    tops: new Set(names.map((name) => name.split("/", 1)[0])).size,
    hiddenFiles: [...groups.values()].reduce((sum, { files }) => sum + files, 0),
    hidden: [...groups.values()]
      .map(({ places, files }) => ({ name: nearest(places), places: places.size, files }))
      .sort((a, b) => order(a.name, b.name)),
  };
}

Deno.test("E.24 any names are summarised as by the slow reference", () => {
  fc.assert(fc.property(nastyNames, (names) => {
    try {
      checkNames(names);
    } catch {
      return;
    }
    assert.deepEqual(complete(summarizingNames(Texts.of(names))), slowSummary(names));
  }));
});
