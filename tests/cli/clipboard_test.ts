import { deepStrictEqual, strictEqual } from "node:assert";
import { clipboardTools, copyToClipboard } from "../../src/cli/desktop.ts";
import { Output } from "../../src/cli/report/output.ts";
import { needing, NOT_LINUX } from "../left_out.ts";
import { CliFixture } from "./cli_fixture.ts";

const PLAIN = { json: false, quiet: false, color: true, isDataOutput: false, isPlain: false };
const from = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("clipboard: the tools depend on the system and the session", () => {
  deepStrictEqual(clipboardTools("darwin", from({})), [["pbcopy"]]);
  deepStrictEqual(clipboardTools("windows", from({})), [["clip.exe"]]);
  deepStrictEqual(clipboardTools("linux", from({})), []);
  deepStrictEqual(
    clipboardTools("linux", from({ WAYLAND_DISPLAY: "wayland-0", DISPLAY: ":0" })).map(([tool]) => tool),
    [
      "wl-copy",
      "xclip",
      "xsel",
    ],
  );
});

Deno.test({
  ...needing(
    "clipboard: without a tool the terminal is used, and without a terminal there is no clipboard",
    NOT_LINUX,
  ),
  fn: async () => {
    for (const isTerminal of [true, false]) {
      const fixture = new CliFixture("", { isTerminal });
      const output = new Output(fixture.terminal, PLAIN);
      strictEqual(await copyToClipboard("héllo", fixture, output), isTerminal ? "by_terminal" : null);
      await output.flush();
      strictEqual(fixture.error.text, isTerminal ? "\x1b]52;c;aMOpbGxv\x07" : "");
    }
  },
});
