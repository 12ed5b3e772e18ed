// The manual page: complete by its tables, and read without a warning by the formatters of manual pages.

import assert from "node:assert/strict";
import { parseCommandLine } from "../../src/cli/command_line.ts";
import { COMMANDS, ENVIRONMENT, loadCommands } from "../../src/cli/commands/table.ts";
import { EXIT } from "../../src/cli/errors.ts";
import { EXAMPLES, manualPage, text } from "../../src/cli/manual.ts";
import { COMMON, type Option } from "../../src/cli/options.ts";
import { needing, without } from "../left_out.ts";
import { TICKET, withFixture } from "./cli_fixture.ts";

const TABLES = await loadCommands();
const PAGE = manualPage("1.2.3", TABLES);

/** What a formatter prints for a page. */
async function formatted(
  program: string,
  args: string[],
  page: string,
): Promise<{ printed: string; warned: string }> {
  const file = await Deno.makeTempFile({ prefix: "pli-manual-", suffix: ".1" });
  try {
    await Deno.writeTextFile(file, page);
    const { stdout, stderr, success } = await new Deno.Command(program, {
      args: [...args, file],
      env: { MANWIDTH: "100", MAN_KEEP_FORMATTING: "", LC_ALL: "C.UTF-8", MANROFFOPT: "-ww" },
    }).output();
    const [printed, warned] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.ok(success || program === "mandoc", warned);
    // deno-lint-ignore no-control-regex
    return { printed: printed.replaceAll(/.\x08|\x1b\[[\d;]*m/g, ""), warned };
  } finally {
    await Deno.remove(file);
  }
}

/** A page with one paragraph for each text. */
function pageOf(texts: readonly string[]): string {
  return ['.TH X 1 "" "" ""', ".SH X", ...texts.flatMap((each) => [".PP", text(each)]), ""].join("\n");
}

/** A section of the page in the markup. */
function section(title: string): string {
  const [, found] = new RegExp(`^\\.SH ${title}\\n([^]*?)(?=^\\.SH |(?![^]))`, "m").exec(PAGE) ?? [];
  assert.ok(found !== undefined, title);
  return found;
}

Deno.test("manual: has the usual sections in their order", () => {
  const titles = [...PAGE.matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title);
  assert.deepEqual(titles, [
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "COMMANDS",
    "COMMON OPTIONS",
    "PATTERNS",
    "EXIT STATUS",
    "ENVIRONMENT",
    "FILES",
    "EXAMPLES",
    "SEE ALSO",
  ]);
});

Deno.test("manual: has every command with its aliases and options, every exit code and every variable", () => {
  const commands = section("COMMANDS").split(/^\.SS /m).slice(1);
  assert.equal(commands.length, Object.keys(COMMANDS).length);
  const common = section("COMMON OPTIONS");
  for (const [name, { aliases }] of Object.entries(COMMANDS)) {
    const lines = commands.find((each) => each.startsWith(`pli ${name}`));
    assert.ok(lines !== undefined, name);
    for (const alias of aliases) assert.ok(lines.includes(`pli ${alias}`), alias);
    for (const [option, { short }] of Object.entries<Option>(TABLES[name as keyof typeof COMMANDS].OPTIONS)) {
      const place = option in COMMON ? common : lines;
      assert.ok(place.includes(`\\fB${text(`--${option}`)}\\fR`), `${name} ${option}`);
      if (short !== undefined) assert.ok(place.includes(`\\fB${text(`-${short}`)}\\fR`), `${name} -${short}`);
    }
  }
  for (const option of Object.keys(COMMON)) assert.ok(common.includes(text(`--${option}`)), option);
  const codes = [...section("EXIT STATUS").matchAll(/^\.TP\n\\fB(\d+)\\fR$/gm)].map(([, code]) =>
    Number(code)
  );
  assert.deepEqual(codes, Object.values(EXIT));
  for (const name of ENVIRONMENT) assert.ok(section("ENVIRONMENT").includes(`\\fB${name}\\fR`), name);
});

Deno.test("manual: its examples are valid command lines", () => {
  for (const [line] of EXAMPLES) {
    const words = line.replace(/ [<>] .*/, "").replace("TICKET", TICKET).replaceAll("'", "").split(" ");
    const parsed = parseCommandLine(words.slice(1), TABLES);
    assert.equal(parsed.command, words[1], line);
  }
});

Deno.test("manual: escapes what a formatter would read as markup", () => {
  assert.equal(text(".B bold"), "\\&.B bold");
  assert.equal(text("'br"), "\\(aqbr");
  assert.equal(text("a\\fBb -x … ~"), "a\\(rsfBb \\-x \\[u2026] \\(ti");
  assert.match(PAGE, /^[\x20-\x7e\n]*$/);
});

/** Texts that change or vanish if their characters are not escaped. */
const DELICATE = [
  ".sp 9",
  "'br quoted",
  "\\fBbold\\fR",
  "C:\\new",
  "--a-b -x",
  'it\'s "so" `x` ^a ~b',
  "a… é",
];

Deno.test({
  ...needing("manual: groff prints it without a warning, and escaped texts unchanged", without("groff")),
  fn: async () => {
    const args = ["-man", "-Tutf8", "-ww", "-rLL=100n"];
    const { printed, warned } = await formatted("groff", args, PAGE);
    assert.equal(warned, "");
    assert.match(printed, /^ {7}--keep/m);
    assert.match(printed, /%LOCALAPPDATA%\\pli/);
    const { printed: delicate, warned: none } = await formatted("groff", args, pageOf(DELICATE));
    assert.equal(none, "");
    for (const each of DELICATE) assert.ok(delicate.includes(`       ${each}\n`), `${each} in ${delicate}`);
  },
});

Deno.test({
  ...needing("manual: man prints it without a warning", without("man", "groff")),
  fn: async () => {
    const { printed, warned } = await formatted("man", ["--warnings=w", "-l"], PAGE);
    assert.equal(warned, "");
    assert.match(printed, /^NAME\n\s+pli - send files/m);
  },
});

Deno.test({
  ...needing("manual: mandoc finds no fault except the missing date", without("mandoc")),
  fn: async () => {
    // A date would make the page depend on the day of its build.
    const { printed } = await formatted("mandoc", ["-T", "lint", "-W", "warning"], PAGE);
    assert.match(printed.trim(), /^mandoc: [^\n]*: missing date[^\n]*$/);
    const { printed: delicate } = await formatted("mandoc", ["-T", "utf8"], pageOf(DELICATE));
    for (const each of DELICATE) assert.ok(delicate.includes(each), `${each} in ${delicate}`);
  },
});

Deno.test("manual: is printed by --man, also after a command", async () => {
  for (const argv of [["--man"], ["send", "--man"]]) {
    await withFixture(argv, {}, (exit, { output }) => {
      assert.equal(exit, 0);
      assert.ok(output.text.startsWith('.\\" '));
      assert.equal(output.text, manualPage("0.1.0", TABLES));
    });
  }
});
