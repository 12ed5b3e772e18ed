// Checks the spelling of documents, messages, code and comments by codespell, which knows misspellings that occur, not
// all words. Documents and messages are in British English: its list of British spellings is read the other way round.
// scripts/spelling/terms.txt has the words that are right all the same. codespell is pinned by scripts/spelling, and
// installed into the cache folder on first use, which needs pip; the check needs no network. Runs under Node.js and under
// Deno, and needs none of pli's other tools.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { fail } from "./native_cargo.mjs";
import { pipPrograms } from "./pip_tools.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const TOOLS = join(ROOT, "scripts", "spelling");
/** Of the words in camelCase, and of names with a dot or a dash, none is checked. */
const WORD = String.raw`(?<![\w.\`-])[A-Za-z][a-z]+('[a-z]+)?(?![\w(])`;
const CHECKED = /\.(md|tsx?|mjs|rs|sh|ya?ml|html|svg|toml)$|^\.ci\/run$/;
/** Built files, recorded input, and other languages. */
const OTHERS = /kernel_wasm|demo\.svg$|\/(vectors|corpus)\/|words\/(?!en\.ts)\w+\.ts$/;
const BRITISH = /\.(md|svg)$|words\/en\.ts$/;

const installed = pipPrograms(join(TOOLS, "codespell.txt")) ??
  fail("codespell could not be installed: is pip here?");
const packages = join(installed, "..");
const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
});
const files = listed.split("\0").filter((path) => CHECKED.test(path) && !OTHERS.test(path));
const terms = readFileSync(join(TOOLS, "terms.txt"), "utf8").split("\n").filter((line) => /^\w/.test(line));
const folder = mkdtempSync(join(tmpdir(), "pli-spelling-"));
try {
  const american = join(folder, "american.txt");
  writeFileSync(american, americanWords());
  const passes = [
    codespell(["--builtin", "clear,rare"], files),
    codespell(["--dictionary", american], files.filter((path) => BRITISH.test(path))),
  ];
  if (passes.includes(false)) fail("A word that is right belongs into scripts/spelling/terms.txt.");
  process.stdout.write(`codespell has no findings in ${files.length} files.\n`);
} finally {
  rmSync(folder, { recursive: true });
}

/** A dictionary of American words, `color->colour`. */
function americanWords() {
  const british = join(packages, "codespell_lib", "data", "dictionary_en-GB_to_en-US.txt");
  const pairs = readFileSync(british, "utf8").trim().split("\n").flatMap((line) => {
    const [word, americans] = line.split("->");
    return americans.split(",").map((each) => [each.trim(), word]).filter(([each]) => each !== "");
  });
  const known = new Set(pairs.map(([, word]) => word));
  return pairs.filter(([word]) => !known.has(word)).map(([word, right]) => `${word}->${right}\n`).join("");
}

/** Whether codespell finds nothing. */
function codespell(options, paths) {
  const all = ["-m", "codespell_lib", "--ignore-words-list", terms.join(","), "--regex", WORD, ...options];
  const { status } = spawnSync("python3", [...all, ...paths], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PYTHONPATH: packages },
  });
  return status === 0;
}
