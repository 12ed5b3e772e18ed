import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { globOfName, Globs, InvalidGlob } from "../../src/app/globs.ts";
import { threadCpuMs } from "../time_limits.ts";

const matcher = (...globs: string[]) => new Globs(globs).matches;

function check(glob: string, matched: readonly string[], others: readonly string[]): void {
  const matches = matcher(glob);
  for (const name of matched) strictEqual(matches(name), true, `${glob} matches ${name}`);
  for (const name of others) strictEqual(matches(name), false, `${glob} does not match ${name}`);
}

Deno.test("E.5 globs: one without a slash matches any part of a name", () => {
  const matches = matcher("*.tmp", "node_modules", ".git");
  for (const name of ["a.tmp", "x/y/a.tmp", "node_modules", "x/node_modules/y.js", "x/.git/config"]) {
    strictEqual(matches(name), true, name);
  }
  for (const name of ["a.tmp2", "my_node_modules", "x/y", ".gitignore"]) {
    strictEqual(matches(name), false, name);
  }
  strictEqual(matcher()("a"), false);
});

Deno.test("E.5 globs: one with a slash matches the whole name", () => {
  check("holiday/*.jpg", ["holiday/a.jpg"], ["holiday/b/a.jpg", "my/holiday/a.jpg", "a.jpg"]);
  check("work/**", ["work/a", "work/a/b", "work/.git/config"], ["work2/a", "my/work/a"]);
  check("./x/y/", ["x/y"], ["x", "x/y/z"]);
  check("**/.git/**", [".git/config", "a/b/.git/hooks/x"], ["a/.gitignore"]);
  check(".git/**", [".git/config"], ["project/.git/config"]);
});

Deno.test("E.5 globs: the syntax is that of the help", () => {
  check("[x].txt", ["x.txt", "a/x.txt"], ["[x].txt", "y.txt"]);
  check("[a-c]?", ["ax", "c1"], ["d1", "a", "abc", "A1"]);
  check("[!a-c]", ["d", "é"], ["a", "ab"]);
  check("*.{jpg,png}", ["a.jpg", "x/a.png"], ["a.gif", "a.{jpg,png}"]);
  check("{a/b,c}/d", ["a/b/d", "c/d"], ["a/d"]);
  check("photo\\[1].jpg", ["photo[1].jpg"], ["photo1.jpg"]);
  check("\\*", ["*"], ["a"]);
  check("a?b", ["a😀b", "aéb"], ["ab", "a/b"]);
  check("[unclosed", ["[unclosed"], ["u"]);
});

Deno.test("E.5 globs: a leading dot is a character, and the special characters of other tools have no meaning", () => {
  check("private/*", ["private/.key", "private/a"], ["private/a/b"]);
  check("*", [".hidden", "a"], []);
  check("!a", ["!a"], ["a", "b"]);
  check("#a", ["#a"], ["a"]);
  check("+(a)", ["+(a)"], ["a", "aa"]);
  check("@(a|b)", ["@(a|b)"], ["a"]);
});

Deno.test("E.5 globs: NFC and NFD of a name match equally", () => {
  for (const form of ["NFC", "NFD"]) {
    check("résumé*.pdf".normalize(form), ["résumé 1.pdf".normalize("NFC"), "résumé 1.pdf".normalize("NFD")], [
      "resume 1.pdf",
    ]);
    check("[é]".normalize(form), ["é".normalize("NFC"), "é".normalize("NFD")], ["e"]);
    check("caf?".normalize(form), ["café".normalize("NFC"), "café".normalize("NFD")], []);
  }
});

Deno.test("E.5 globs: those without a match are reported, with the nearest glob that has one", () => {
  const globs = new Globs(["*.tmp", ".git/**", "photo[1].jpg", "*.jpgg", "a*", "*.jpg"]);
  for (const name of ["trip", "trip/.git", "trip/.git/config", "trip/photo[1].jpg", "trip/a.jpg"]) {
    globs.matches(name);
  }
  deepStrictEqual(globs.unmatched(), [
    { glob: "*.tmp", nearest: null },
    { glob: ".git/**", nearest: "**/.git/**" },
    { glob: "photo[1].jpg", nearest: "photo\\[1\\].jpg" },
    { glob: "*.jpgg", nearest: null },
  ]);
});

Deno.test("E.5 globs: one that can match nothing, or is too large, is refused", () => {
  for (const glob of ["/", "./", "//", "{a,b}".repeat(10), "a".repeat(70_000)]) {
    throws(() => new Globs(["a", glob]), (error) => error instanceof InvalidGlob && error.glob === glob);
  }
  check("{1..5000}.txt", ["4711.txt"], ["5001.txt"]);
  check("{a,b}".repeat(9), ["abababbba"], ["abababbbc"]);
});

Deno.test("E.5 globs: the glob of one name matches that name alone", () => {
  const units = [..."ab.*?[]{},!^-+@()|#é", "**", "😀", "(2)"];
  const part = fc.string({ unit: fc.constantFrom(...units), minLength: 1, maxLength: 8 })
    .filter((part) => !/^\.\.?$/.test(part));
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  fc.assert(fc.property(name, fc.constantFrom(...units), (name, unit) => {
    const matches = matcher(globOfName(name));
    strictEqual(matches(name), true, name);
    for (const other of [`${name}${unit}`, `${unit}${name}`, `${unit}/${name}`, `${name}/${unit}`]) {
      strictEqual(matches(other), false, other);
    }
  }));
});

Deno.test("E.5 globs: a slash at the beginning is the top of the share", () => {
  check("/a.txt", ["a.txt"], ["b/a.txt", "a.txt/b"]);
  check("/*.txt", ["a.txt"], ["b/a.txt"]);
  check("//a/b", ["a/b"], ["c/a/b", "b"]);
});

Deno.test("E.5 globs: comparing 10,000 selected names takes little time", () => {
  const names = Array.from({ length: 10_000 }, (_, at) => `folder ${at % 100}/[file] ${at}.txt`);
  const { value: globs, ms } = timed(() => {
    const globs = new Globs(names.map(globOfName));
    for (const name of names) strictEqual(globs.matches(name), true, name);
    return globs;
  });
  strictEqual(globs.matches("folder 1/[file] 2.txt"), false);
  deepStrictEqual(globs.unmatched(), []);
  ok(ms < 5_000, `${ms} ms`);
});

/** The result of a function, and its CPU time in this thread. */
function timed<T>(work: () => T): { value: T; ms: number } {
  const startMs = threadCpuMs();
  return { value: work(), ms: threadCpuMs() - startMs };
}

/** The definition of a glob, by recursion over its characters: slow, and short. */
function matchesSlowly(glob: string, name: string): boolean {
  const [first, ...rest] = glob;
  if (first === undefined) return name === "";
  if (glob.startsWith("**/")) {
    const slash = name.indexOf("/");
    return matchesSlowly(glob.slice(3), name) || (slash >= 0 && matchesSlowly(glob, name.slice(slash + 1)));
  }
  if (first === "*") {
    return matchesSlowly(rest.join(""), name) ||
      (name !== "" && name[0] !== "/" && matchesSlowly(glob, name.slice(1)));
  }
  const fits = first === "?" ? name !== "" && name[0] !== "/" : name[0] === first;
  return fits && matchesSlowly(rest.join(""), name.slice(1));
}

Deno.test("E.5 globs: match like the slow definition", () => {
  const part = fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 6 });
  const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"))
    .filter((name) => !name.split("/").some((part) => /^\.\.?$/.test(part)));
  const globPart = fc.oneof(
    { weight: 1, arbitrary: fc.constant("**") },
    {
      weight: 4,
      arbitrary: fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), minLength: 1, maxLength: 6 }),
    },
  );
  const glob = fc.array(globPart, { minLength: 1, maxLength: 4 })
    .map((parts) => [...parts, "*"].join("/"))
    .filter((glob) => !glob.split("/").some((part) => /^\.\.?$/.test(part) || /\*\*./.test(part + " ")));
  fc.assert(
    fc.property(glob, name, (glob, name) => {
      strictEqual(matcher(glob)(name), matchesSlowly(glob, name), `${glob} on ${name}`);
    }),
    { numRuns: 3_000 },
  );
});

/** CPU time of a glob for a name in ms, the best of three. */
function costMs(glob: string, name: string): number {
  const matches = matcher(glob);
  return Math.min(...[0, 1, 2].map(() => {
    const startMs = performance.now();
    matches(name);
    return performance.now() - startMs;
  }));
}

Deno.test("E.24 globs: the cost of hostile names is linear in their length", () => {
  const globs = [
    "*report*2024*.pdf",
    "**/*report*2024*/**/*.pdf",
    "**/*a*/**/*a*/**/*a*/**/*a*/**/*a*/**/b",
    "*a*a*a*a*a*a*a*a*a*a*b",
    "*[ab]*?*[ab]*?*[ab]*?*[ab]*c",
    "{a,aa,aaa}*{a,aa,aaa}*{a,aa,aaa}*b",
    "a?".repeat(100) + "b",
  ];
  const unitsOf = (units: number) => [
    "a".repeat(2 * units),
    "ab".repeat(units),
    "a/".repeat(units) + "a",
    ("report2024".repeat(20) + "/").repeat(units / 100) + "x",
    "aab/".repeat(units / 2) + "aa",
  ];
  for (const glob of globs) {
    // The longest names that a share can have.
    for (const name of unitsOf(2_000)) {
      const ms = costMs(glob, name);
      // It is 2 ms on an idle computer; backtracking would take minutes.
      ok(ms < 200, `${glob} takes ${ms} ms for ${name.length} characters (${name.slice(0, 12)}…)`);
    }
  }
});
