import assert from "node:assert/strict";
import { afterCommand, type DownloadStateOrRemoved } from "../../../src/app/transfers/download_states.ts";

const SOURCE = new URL("../../../src/app/transfers/download_states.ts", import.meta.url);
const COMMANDS = ["resume", "pause", "discard", "remove", "lose"] as const;

Deno.test("the documented table of the states of a download is the one in use", () => {
  const head = Deno.readTextFileSync(SOURCE).split("\n\n")[0].split("\n");
  const rows = head.map((line) => line.replace(/^\/\/ */, "").split(/ +/)).filter(({ length }) =>
    length === 6
  );
  assert.equal(rows.length, 10);
  for (const [state, ...cells] of rows) {
    for (const [at, cell] of cells.entries()) {
      const after = afterCommand(state as DownloadStateOrRemoved, COMMANDS[at]);
      assert.equal(after ?? ".", cell, `${state} ${COMMANDS[at]}`);
    }
  }
});
