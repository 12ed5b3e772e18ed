// The notice of a slow network binding: before a transfer, on a terminal and in JSON lines, and nowhere else.

import assert from "node:assert/strict";
import { join } from "node:path";
import { PliError } from "../../src/engine/mod.ts";
import { type CliFixture, type FakeOptions, TICKET, withFixture } from "./cli_fixture.ts";

const SENTENCE = /fast network binding does not exist for this system.*8 MB\/s.*npm run native/;
const engine: FakeOptions["engine"] = {
  share: () => Promise.reject(new PliError("peer_unreachable", { id: "00" })),
  fetch: () => Promise.reject(new PliError("peer_unreachable", { id: "00" })),
};

const COMMANDS: Record<string, (folder: string) => string[]> = {
  send: (folder) => ["send", join(folder, "sent")],
  receive: (folder) => ["receive", TICKET, "-o", join(folder, "received/")],
};

/** Runs a transfer that fails at once. */
async function transfer(
  command: string,
  words: readonly string[],
  options: FakeOptions,
  check: (fixture: CliFixture) => void,
): Promise<void> {
  const argv = (folder: string) => {
    Deno.writeTextFileSync(join(folder, "sent"), "a");
    return [...COMMANDS[command](folder), ...words];
  };
  await withFixture(argv, { engine, isBindingSlow: true, ...options }, (_exit, fixture) => check(fixture));
}

const noticesIn = (fixture: CliFixture) => fixture.json().filter(({ code }) => code === "binding_slow");

for (const command of Object.keys(COMMANDS)) {
  Deno.test(`a slow binding is reported by ${command} in one line on a terminal, and not with -q`, async () => {
    await transfer(command, [], { isTerminal: true }, ({ error }) => {
      assert.equal(error.text.split("\n").filter((line) => SENTENCE.test(line)).length, 1, error.text);
    });
    for (
      const [words, options] of [
        [["-q"], { isTerminal: true }],
        [[], { isTerminal: false }],
        [[], { isTerminal: true, isBindingSlow: false }],
      ] as const
    ) {
      await transfer(
        command,
        words,
        options,
        ({ error }) => assert.doesNotMatch(error.text, /npm run native/),
      );
    }
  });

  Deno.test(`a slow binding is a notice in the JSON lines of ${command}`, async () => {
    await transfer(command, ["--json"], {}, (fixture) => {
      const [notice, ...others] = noticesIn(fixture);
      assert.deepEqual(others, []);
      const { message, ...rest } = notice;
      assert.deepEqual(rest, { v: 1, type: "notice", code: "binding_slow", parameters: {} });
      assert.match(message as string, SENTENCE);
    });
    await transfer(command, ["--json"], { isBindingSlow: false }, (fixture) => {
      assert.deepEqual(noticesIn(fixture), []);
    });
  });
}

Deno.test("a slow binding is not reported where nothing is transferred", async () => {
  for (const argv of [["resume"], ["history"], ["inspect", TICKET], ["--version"], ["receive", "--help"]]) {
    await withFixture(argv, { isTerminal: true, isBindingSlow: true }, (_exit, { error, output }) => {
      assert.doesNotMatch(error.text + output.text, /npm run native/, argv.join(" "));
    });
  }
});
