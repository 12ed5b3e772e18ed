import { strictEqual } from "node:assert";
import { globMatcher } from "../../src/cli/globs.ts";

Deno.test("globs: one without a slash matches any part of a name", () => {
  const isTemporary = globMatcher(["*.tmp", "node_modules", ".git"]);
  for (const name of ["a.tmp", "x/y/a.tmp", "node_modules", "x/node_modules/y.js", "x/.git/config"]) {
    strictEqual(isTemporary(name), true, name);
  }
  for (const name of ["a.tmp2", "my_node_modules", "x/y", ".gitignore"]) {
    strictEqual(isTemporary(name), false, name);
  }
});

Deno.test("globs: one with a slash matches the whole name", () => {
  const isChosen = globMatcher(["holiday/*.jpg", "work/**", "./x/y/"]);
  for (const name of ["holiday/a.jpg", "work/a/b", "x/y"]) strictEqual(isChosen(name), true, name);
  for (const name of ["holiday/b/a.jpg", "my/holiday/a.jpg", "a.jpg", "x"]) {
    strictEqual(isChosen(name), false, name);
  }
});

Deno.test("globs: none matches nothing, and braces and sets work", () => {
  strictEqual(globMatcher([])("a"), false);
  strictEqual(globMatcher(["*.{jpg,png}"])("x/a.png"), true);
  strictEqual(globMatcher(["[ab].txt"])("b.txt"), true);
});
