// The commands in the documents for users: each block is run by a test or says why not, and commands within sentences
// have the names and options that pli and package.json have.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { COMMAND_NAMES, commandNamed, loadCommands } from "../../src/cli/commands/table.ts";
import { HELP_AND_VERSION, type OptionTable, PRINTED_FILES } from "../../src/cli/options.ts";
import { blocksOf, DOCUMENTS, hasCommands, inlineCode, readDocument } from "../documents.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Of the blocks that no test runs; each states its reason. */
const NOT_RUN = 3;
/** Options of Deno, of scripts/install.sh, and of container engines. */
const OF_OTHERS = ["--allow-ffi", "--allow-run", "--allow-sys", "--to", "--file", "--network"];
const LANGUAGES = ["sh", "console", "powershell", "text", "ts", "toml"];

const commands = await loadCommands();
const about = JSON.parse(await Deno.readTextFile(`${ROOT}/package.json`));
const scripts = Object.keys(about.scripts);
/** The options of a command, with their dashes. */
const optionsOf = (name: keyof typeof commands) => dashed(commands[name].OPTIONS);
const OF_ALL = dashed({ ...HELP_AND_VERSION, ...PRINTED_FILES });
const ANY = new Set([...OF_OTHERS, ...OF_ALL, ...COMMAND_NAMES.flatMap((name) => [...optionsOf(name)])]);

function dashed(table: OptionTable): Set<string> {
  return new Set(
    Object.entries(table).flatMap(([name, { short }]) =>
      short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]
    ),
  );
}

/** What a piece of code says of pli that is not so; null if nothing. */
function falseCommand(code: string): string | null {
  const [, script] = /^npm (?:-s )?run (?:-s )?([\w:-]+)/.exec(code) ?? [];
  if (script !== undefined) return scripts.includes(script) ? null : `no script ${script}`;
  const [, line] = /(?:^|\| )(?:pli|npm (?:-s )?start --) (.+)/.exec(code) ?? [];
  if (line === undefined) return null;
  const words = line.split(" ");
  const isOption = (word: string) => /^--?[a-z]/.test(word);
  const name = isOption(words[0]) ? undefined : commandNamed(words[0]);
  // `pli X` and `pli COMMAND` stand for any command.
  if (name === null && !/^[A-Z]+$/.test(words[0])) return `no command ${words[0]}`;
  const known = name === null || name === undefined ? OF_ALL : new Set([...OF_ALL, ...optionsOf(name)]);
  const wrong = words.filter(isOption).find((word) => !known.has(word.split("=")[0]));
  return wrong === undefined ? null : `no option ${wrong}`;
}

Deno.test("F.13 documents: each block of commands is run by a test, or has the reason why not", async () => {
  const blocks = DOCUMENTS.flatMap((path) => blocksOf(path));
  for (const { document, line, language } of blocks) {
    assert.ok(LANGUAGES.includes(language), `${document}:${line} has the language "${language}"`);
  }
  const withCommands = blocks.filter(hasCommands);
  for (const { document, line, language, runBy, notRun } of withCommands) {
    const place = `${document}:${line}`;
    if (language !== "sh") assert.ok(runBy !== null || notRun !== null, `${place} is run by no test`);
    if (runBy === null) continue;
    const test = await Deno.readTextFile(`${ROOT}/${runBy}`);
    assert.ok(test.includes(document), `${place}: ${runBy} does not read ${document}`);
  }
  assert.equal(withCommands.filter(({ notRun }) => notRun !== null).length, NOT_RUN);
});

Deno.test("F.13 documents: commands and options within sentences are pli's", () => {
  const found = DOCUMENTS.flatMap((path) =>
    inlineCode(readDocument(path)).flatMap((code) => {
      const fault = falseCommand(code) ?? (/^--[a-z][\w-]*/.exec(code)?.[0] ?? null);
      return fault === null || ANY.has(fault) ? [] : [`${path}: \`${code}\`: ${fault}`];
    })
  );
  assert.deepEqual(found, []);
});

Deno.test("F.13 README: its table of packages has each dependency, and no other package as used", () => {
  const [, table] = /^## Packages\n+((?:\|.*\n)+)/m.exec(readDocument("README.md"))!;
  const used = table.split("\n").slice(2).filter((row) => !/\| (no|in tests) +\|/.test(row));
  const named = used.flatMap((row) => inlineCode(row.split("|")[1] ?? ""));
  assert.deepEqual(named.sort(), Object.keys(about.dependencies).sort());
});

Deno.test("documents: blocks have their place, language and remark", () => {
  const text =
    "# A\n\n```sh\nls\n```\n\n<!-- not run: it\nwaits -->\n\n```powershell\ndir\n```\n<!-- run by a.ts -->\n```text x\n1\n```\n";
  const blocks = blocksOf("A.md", text).map((
    { line, language, text, runBy, notRun },
  ) => [line, language, text, runBy, notRun]);
  assert.deepEqual(blocks, [
    [3, "sh", "ls\n", null, null],
    [10, "powershell", "dir\n", null, "it\nwaits"],
    [14, "text", "1\n", "a.ts", null],
  ]);
});

Deno.test("documents: unknown commands, options and scripts are found", () => {
  assert.equal(falseCommand("pli sent a"), "no command sent");
  assert.equal(falseCommand("pli send --kept a"), "no option --kept");
  assert.equal(falseCommand("… | pli receive --keep"), "no option --keep");
  assert.equal(falseCommand("npm run none"), "no script none");
  for (
    const code of ["pli send --keep PATH…", "pli COMMAND --help", "pli rx -o -", "npm run build", "ls -l"]
  ) {
    assert.equal(falseCommand(code), null);
  }
});
