import assert from "node:assert/strict";
import fc from "fast-check";
import { isPliError } from "../../../src/engine/errors.ts";
import { localNames } from "../../../src/engine/store/local_names.ts";
import { checkNames } from "../../../src/engine/store/names.ts";
import { nameKey, type Volume } from "../../../src/engine/store/volume.ts";
import { threadCpuMs } from "../../time_limits.ts";
import { NAME_RUNS, nastyNames } from "./nasty_names.ts";

const LINUX: Volume = { foldsCase: false, normalizes: false, restrictsNames: false };
const MACOS: Volume = { foldsCase: true, normalizes: true, restrictsNames: false };
const WINDOWS: Volume = { foldsCase: true, normalizes: false, restrictsNames: true };

Deno.test("A.2 valid Linux names are unchanged on Linux", () => {
  const names = ["src/aux.c", "Makefile", "makefile", "a:b", "trailing. ", "Dir/a", "dir/a", "é", "e\u0301"];
  assert.deepEqual(localNames(names, LINUX), { names, renamed: [] });
});

Deno.test("A.2 names that differ in case are numbered on a volume that folds case, the first keeps its name", () => {
  assert.deepEqual(localNames(["Makefile", "makefile", "MAKEFILE", "x.txt", "X.txt"], MACOS), {
    names: ["Makefile", "makefile (2)", "MAKEFILE (3)", "x.txt", "X (2).txt"],
    renamed: [
      { from: "makefile", to: "makefile (2)" },
      { from: "MAKEFILE", to: "MAKEFILE (3)" },
      { from: "X.txt", to: "X (2).txt" },
    ],
  });
});

Deno.test("folders whose names are equal there stay separate, with their contents", () => {
  assert.deepEqual(localNames(["Dir/a", "dir/b", "Dir/b", "dir/deep/B", "dir/deep/b"], MACOS), {
    names: ["Dir/a", "dir (2)/b", "Dir/b", "dir (2)/deep/B", "dir (2)/deep/b (2)"],
    renamed: [
      { from: "dir", to: "dir (2)" },
      { from: "dir/deep/b", to: "dir (2)/deep/b (2)" },
    ],
  });
});

Deno.test("a file and a folder with equal names stay separate", () => {
  assert.deepEqual(localNames(["docs", "Docs/a"], WINDOWS).names, ["docs", "Docs (2)/a"]);
});

Deno.test("a number that the collection uses is skipped", () => {
  assert.deepEqual(localNames(["a", "A", "A (2)"], MACOS).names, ["a", "A (3)", "A (2)"]);
  assert.deepEqual(localNames(["a?", "a_"], WINDOWS).names, ["a_ (2)", "a_"]);
});

Deno.test("A.2 names that are invalid on Windows are changed as little as possible", () => {
  const expected: [string, string][] = [
    ["aux", "aux_"],
    ["src/aux.c", "src/aux_.c"],
    ["AUX.tar.gz", "AUX_.tar.gz"],
    ["com1 .txt", "com1_ .txt"],
    ["LPT²", "LPT²_"],
    ["nul/file", "nul_/file"],
    ["auxiliary.c", "auxiliary.c"],
    ["com10", "com10"],
    ["a:b", "a_b"],
    ['<>:"|?*\u0001', "________"],
    ["a.", "a_"],
    ["a. .", "a___"],
    ["...", "___"],
    ["folder./file", "folder_/file"],
    [".hidden", ".hidden"],
  ];
  for (const [from, to] of expected) assert.deepEqual(localNames([from], WINDOWS).names, [to]);
});

Deno.test("thousands of equal names are numbered without counting from 2 each time", () => {
  const letters = "abcdefghijklmn";
  const names = Array.from(
    { length: 2 ** letters.length },
    (_, bits) => [...letters].map((letter, at) => bits >> at & 1 ? letter.toUpperCase() : letter).join(""),
  );
  const startMs = threadCpuMs();
  const local = localNames(names, MACOS);
  assert.equal(new Set(local.names.map((name) => name.toLowerCase())).size, names.length);
  assert(threadCpuMs() - startMs < 2000);
});

Deno.test("A.2 on every volume each name has a separate, valid path", () => {
  fc.assert(
    fc.property(
      nastyNames,
      fc.constantFrom(MACOS, WINDOWS, { ...MACOS, restrictsNames: true }),
      (names, volume) => {
        try {
          checkNames(names);
        } catch (error) {
          assert(isPliError(error, "name_refused"));
          return;
        }
        const local = localNames(names, volume);
        const key = (name: string) => name.split("/").map((part) => nameKey(part, volume)).join("/");
        const keys = local.names.map(key);
        assert.equal(new Set(keys).size, names.length);
        assert(!keys.some((name) => keys.some((other) => other.startsWith(`${name}/`))));
        checkNames(local.names);
        local.names.forEach((name, at) => assert.equal(name.split("/").length, names[at].split("/").length));
        if (!volume.restrictsNames) return;
        for (const part of local.names.flatMap((name) => name.split("/"))) {
          // deno-lint-ignore no-control-regex
          assert(!/[<>:"|?*\u0000-\u001f]|[. ]$|^(aux|con|com1)( *\.|$)/i.test(part), part);
        }
      },
    ),
    { numRuns: NAME_RUNS },
  );
});
