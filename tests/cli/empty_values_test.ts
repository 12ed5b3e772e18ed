// E.1: empty, blank and invalid values are refused before anything is done, for every option of the table and every
// command.

import { match, strictEqual } from "node:assert";
import { COMMAND_NAMES, loadCommands } from "../../src/cli/commands/table.ts";
import { type Option, type Placeholder } from "../../src/cli/options.ts";
import { TICKET, withFixture } from "./cli_fixture.ts";

const BLANKS = ["", " ", "\t", "\n", " \u00a0\u3000"];

/** Invalid values of each kind, besides blank ones. */
const WRONG: Readonly<Record<Placeholder, readonly string[]>> = {
  N: ["0", "-1", "65536", "1e3", "0x50", "4777.5", "NaN", "Infinity", "٣"],
  TIME: ["0", "0.000", "-1", "NaN", "Infinity", "1e3", "5 m", "0x10", "s"],
  SPEED: ["0", "-1", "NaN", "Infinity", "1e9", "0k", "M", "19999"],
  ADDRESS: [":0", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "localhost:1", "[]:1"],
  KIND: ["none", "0"],
  GLOB: ["/", "./", "//", "{a,b}".repeat(20), "a".repeat(70_000)],
  NAME: [".", "..", "a/b", "a\\b", "a\0b", "é".repeat(128)],
  URL: ["0", "https://", "ftp://a.example", "https://a.example/path"],
  RELAY: ["0", "https://", "ftp://a.example"],
  SHELL: ["sh"],
  LEVEL: ["loud", "3", "info,", ",", "info,debug", "net=", "=info", "unredacted"],
  // Any other text can be a path.
  DIR: [],
  PATH: [],
  TICKET: [],
};

/** A command line with everything that the command needs except the option under test. */
function lineOf(command: string, option: string): string[] {
  if (command === "send") return ["send", option === "name" ? "-" : "a.txt"];
  return command === "receive" || command === "inspect" ? [command, TICKET] : [command];
}

async function assertRefused(line: readonly string[], code: RegExp): Promise<void> {
  // The engine of this fixture fails on use.
  await withFixture([...line, "--json"], {}, (exit, fixture) => {
    const shown = JSON.stringify(line).slice(0, 200);
    strictEqual(exit, 2, `${shown}: ${fixture.output.text}`);
    match(fixture.json().map((event) => String(event.code)).join(), code, shown);
  });
}

Deno.test("E.1 an option is refused without a value, with a blank one, and with an invalid one", async () => {
  const commands = await loadCommands();
  for (const command of COMMAND_NAMES) {
    for (const [name, { short, value }] of Object.entries<Option>(commands[command].OPTIONS)) {
      if (value === undefined) continue;
      const line = lineOf(command, name);
      for (const blank of BLANKS) {
        await assertRefused([...line, `--${name}=${blank}`], /^option_without_value$/);
        await assertRefused([...line, `--${name}`, blank], /^option_without_value$/);
        if (short === undefined) continue;
        for (const words of [[`-${short}`, blank], [`-${short}=${blank}`]]) {
          await assertRefused([...line, ...words], /^option_without_value$/);
        }
      }
      // A name with replacement characters for bytes that are not UTF-8 is another name.
      await assertRefused([...line, `--${name}=a\ufffd`], /^option_value_invalid$/);
      for (const wrong of WRONG[value]) {
        await assertRefused(
          [...line, `--${name}=${wrong}`],
          /^(option_value_invalid|name_too_long|relay_url_invalid|log_filter_invalid)$/,
        );
      }
    }
  }
});

Deno.test("E.1 an empty or blank argument is refused by every command, at every position", async () => {
  for (const blank of BLANKS) {
    await assertRefused([blank], /^argument_empty$/);
    for (const command of COMMAND_NAMES) {
      const others = command === "send" ? ["a.txt"] : ["1"];
      await assertRefused([command, blank], /^argument_empty$/);
      await assertRefused([command, ...others, blank], /^argument_empty$/);
      await assertRefused([command, blank, ...others], /^argument_empty$/);
      await assertRefused([command, "--", blank], /^argument_empty$/);
    }
    await assertRefused(["resume", "--discard", blank], /^argument_empty$/);
    await assertRefused(["history", "--remove", blank], /^argument_empty$/);
  }
});

Deno.test("E.1 no entry of the history is chosen by an invalid number", async () => {
  for (const wrong of ["0", "-1", "1.5", "1e0", "0x1", "NaN"]) {
    await withFixture(["history", "--remove", "--json", "--", wrong], {}, (exit, fixture) => {
      strictEqual(exit, 1, wrong);
      strictEqual(fixture.json()[0].code, "entry_unknown", wrong);
    });
  }
});
