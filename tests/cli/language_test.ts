// The language of the terminal: its choice, that French has every sentence of English, and that all sentences are in the
// catalogues.

import { deepStrictEqual, doesNotMatch, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { fileURLToPath } from "node:url";
import { commandLines, overviewLines } from "../../src/cli/help.ts";
import { COMMAND_NAMES, type CommandName, ENVIRONMENT, loadCommands } from "../../src/cli/commands/table.ts";
import { HELP_AND_VERSION, PRINTED_FILES } from "../../src/cli/options.ts";
import { progressLine } from "../../src/cli/report/progress.ts";
import { chooseLocale, ENGLISH, type Words, wordsFor } from "../../src/cli/words.ts";
import { en } from "../../src/cli/words/en.ts";
import { fr } from "../../src/cli/words/fr.ts";
import { PliError } from "../../src/engine/mod.ts";
import { TICKET, withFixture } from "./cli_fixture.ts";

type Tree = { readonly [key: string]: string | Tree };
const CLI = fileURLToPath(new URL("../../src/cli", import.meta.url));
const FRENCH = await wordsFor("fr-FR");
const COMMANDS = await loadCommands();

/** Every sentence by its path; the plural forms of one are separate. */
function sentences(tree: Tree, place = ""): [place: string, sentence: string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    return typeof value === "string" ? [[`${place}/${key}`, value]] : sentences(value, `${place}/${key}`);
  });
}

const parametersIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

Deno.test("language: is chosen as gettext does", () => {
  const cases: [environment: Record<string, string>, locale: string][] = [
    [{}, "en"],
    [{ LANG: "fr_FR.UTF-8" }, "fr-FR"],
    [{ LANG: "fr" }, "fr"],
    [{ LANG: "fr_CH@euro" }, "fr-CH"],
    [{ LANG: "en_GB.UTF-8" }, "en-GB"],
    [{ LANG: "de_DE.UTF-8" }, "en"],
    [{ LANG: "fr_FR", LC_MESSAGES: "en_US" }, "en-US"],
    [{ LANG: "en_US", LC_MESSAGES: "", LC_ALL: "fr_FR" }, "fr-FR"],
    [{ LANG: "fr_FR", LC_ALL: "C" }, "en"],
    [{ LANG: "fr_FR", LC_ALL: "C.UTF-8" }, "en"],
    [{ LANG: "POSIX", LANGUAGE: "fr" }, "en"],
    [{ LANGUAGE: "fr" }, "en"],
    [{ LANG: "en_US", LANGUAGE: "fr:en" }, "fr"],
    [{ LANG: "en_US", LANGUAGE: "de:fr" }, "fr"],
    [{ LANG: "fr_FR", LANGUAGE: "de:" }, "fr-FR"],
    [{ LANG: "!!_?" }, "en"],
  ];
  for (const [variables, locale] of cases) {
    const environment = (name: string) => variables[name];
    strictEqual(chooseLocale({ environment, systemLocale: null }), locale, JSON.stringify(variables));
  }
});

Deno.test("language: the system's locale is used where the environment has none", () => {
  const system = (variables: Record<string, string>) => {
    return chooseLocale({ environment: (name) => variables[name], systemLocale: "fr-CA" });
  };
  deepStrictEqual([system({}), system({ LANG: "C" }), system({ LANGUAGE: "en" })], ["fr-CA", "en", "en"]);
});

Deno.test("words: French has every sentence of English, with the same parameters, and in French", () => {
  const english = new Map(sentences(en as unknown as Tree));
  const french = new Map(sentences(fr as unknown as Tree));
  deepStrictEqual([...french.keys()].sort(), [...english.keys()].sort());
  const same: string[] = [];
  for (const [place, sentence] of french) {
    deepStrictEqual(parametersIn(sentence), parametersIn(english.get(place)!), place);
    doesNotMatch(sentence, / [:;!?»]|« /, place);
    doesNotMatch(sentence, /'/, place);
    const words = sentence.replace(/\{\w+\}/g, "");
    if (/\p{L}{2}/u.test(words) && sentence === english.get(place)) same.push(place);
  }
  deepStrictEqual(same, [
    "/says/direct",
    "/says/roundTrip",
    "/placeholders/TICKET",
    "/placeholders/URL",
    "/placeholders/SHELL",
  ]);
});

/** A width in which no line is broken. */
const WHOLE = 1_000;

/** The help of a command, or of pli as a whole. */
function helpLines(command: CommandName | null, words: Words): string[] {
  return command === null
    ? overviewLines(words, WHOLE)
    : commandLines(command, COMMANDS[command].OPTIONS, words, WHOLE);
}

Deno.test("words: the help has no text for an unknown command, option or variable", () => {
  const options = {
    ...Object.assign({}, ...Object.values(COMMANDS).map(({ OPTIONS }) => OPTIONS)),
    ...HELP_AND_VERSION,
    ...PRINTED_FILES,
  };
  deepStrictEqual(Object.keys(en.commands).sort(), [...COMMAND_NAMES].sort());
  deepStrictEqual(Object.keys(en.options).sort(), Object.keys(options).sort());
  deepStrictEqual(Object.keys(en.environment).sort(), [...ENVIRONMENT].sort());
});

Deno.test("words: the help fits its width, its options stay in one column, and no word is lost", () => {
  for (const width of [40, 60, 80, 100]) {
    for (const command of [null, ...COMMAND_NAMES]) {
      const lines = command === null
        ? overviewLines(ENGLISH, width)
        : commandLines(command, COMMANDS[command].OPTIONS, ENGLISH, width);
      for (const line of lines) ok(line.length <= width, `${width}: ${line}`);
      const wordsIn = (lines: readonly string[]) => lines.join(" ").split(/\s+/);
      deepStrictEqual(wordsIn(lines), wordsIn(helpLines(command, ENGLISH)));
    }
  }
});

Deno.test("words: the help is in French, and no line of it in English", () => {
  const english = new Set([null, ...COMMAND_NAMES].flatMap((command) => helpLines(command, ENGLISH)));
  for (const command of [null, ...COMMAND_NAMES]) {
    const lines = helpLines(command, FRENCH).filter((line) =>
      line !== "" && !/^pli \w+( \[\w+…?\])?$/.test(line)
    );
    deepStrictEqual(lines.filter((line) => english.has(line)), []);
    ok(lines.every((line) => !/undefined|[{}]/.test(line.replace("{a,b}", ""))));
  }
});

Deno.test("words: no sentence is outside of the catalogues", async () => {
  for await (const { name, isFile } of Deno.readDir(CLI)) {
    // Scripts are in the languages of shells, and the manual is in English alone.
    if (!isFile || ["completions.ts", "manual.ts"].includes(name)) continue;
    const code = (await Deno.readTextFile(`${CLI}/${name}`)).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    // Arguments of methods that print contain no sentences.
    const said = code.matchAll(
      /\.(?:say|sayDespiteQuiet|ask|result|progress|wait|waitLong)\(\s*(["`])((?:(?!\1).)*)\1/g,
    );
    for (const [, , text] of said) {
      const words = text.replace(/\$\{[^}]*\}/g, "");
      doesNotMatch(words, /\p{L}{2,}\P{L}+\p{L}{2,}|\p{L}{2,}…/u, `${name}: ${text}`);
    }
    // No other literal has several words, except typed commands: `pli receive …`, `--ticket id`.
    for (const [, , text] of code.matchAll(/(["`])((?:(?!\1)[^\\]|\\.)*)\1/g)) {
      const words = text.replace(/\$\{[^}]*\}/g, "");
      if (/^(pli |--)/.test(words)) continue;
      doesNotMatch(words, /\p{L}{2,} \p{L}{2,}|\p{L}{2,} \(|\(\p{L}{2,}/u, `${name}: ${text}`);
    }
  }
});

Deno.test("words: the line of progress fits 80 columns in French", () => {
  const state = {
    doing: FRENCH.say("hashing"),
    bytes: 550_000_000,
    totalBytes: 123_400_000_000,
    bytesPerSecond: 10_000_000,
    stalled: null,
    files: 3,
    totalFiles: 12_000,
    path: FRENCH.say("relay", { address: "euw1-1.relay.iroh.network" }),
  };
  const line = progressLine(state, 80, FRENCH);
  ok(line.length < 80, line);
  match(line, /Hachage 0\s% {2}550\sMo sur 123\sGo {2}10,0\sMo\/s {2}encore 3\sh 24\smin/);
});

const environment = { LANG: "fr_FR.UTF-8" };

Deno.test("words: messages are in French in a French environment", async () => {
  await withFixture(["sned"], { environment }, (exit, { error }) => {
    strictEqual(exit, 2);
    strictEqual(
      error.text,
      "erreur\u00a0: Il n’y a pas de commande sned.\nVouliez-vous dire pli send\u00a0?\n",
    );
  });
  await withFixture(
    ["--help"],
    { environment },
    (_exit, { output }) => match(output.text, /^pli envoie fichiers/),
  );
  await withFixture(["inspect", TICKET], { environment }, (_exit, { output }) => {
    match(output.text, /^contenu {4}fichiers avec leurs noms\nidentité {3}0707/);
  });
});

Deno.test("words: JSON lines are in English everywhere", async () => {
  let english = "";
  const missing = { path: "/no/such", others: [{ path: "/nor/this", reason: "missing" as const }] };
  const engine = { share: () => Promise.reject(new PliError("path_missing", missing)) };
  await withFixture(["send", "--json", "/no/such"], { engine }, (_exit, { output }) => {
    english = output.text;
  });
  match(
    english,
    /"code":"path_missing".*"message":"There is no file.*\/nor\/this \(no such file or folder\)/,
  );
  await withFixture(["send", "--json", "/no/such"], { environment, engine }, (_exit, { output, error }) => {
    strictEqual(output.text, english);
    strictEqual(error.text, "");
  });
});

Deno.test("words: numbers are those of the region", async () => {
  notStrictEqual((await wordsFor("fr-CH")).size(1_500), "");
  strictEqual((await wordsFor("fr-CH")).voice.locale, "fr-CH");
  strictEqual((await wordsFor("en-GB")).catalogue, ENGLISH.catalogue);
});
