import { deepStrictEqual, strictEqual } from "node:assert";
import { clipboardTools, copyToClipboard } from "../../src/app/desktop.ts";
import { needing, NOT_LINUX } from "../left_out.ts";

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
    let written = "";
    const write = (sequence: string) => written += sequence;
    strictEqual(await copyToClipboard("héllo", from({}), null), null);
    strictEqual(await copyToClipboard("héllo", from({}), write), "by_terminal");
    strictEqual(written, "\x1b]52;c;aMOpbGxv\x07");
  },
});
