// Turns of processes: one at a time, taken over from a process that has ended.

import assert from "node:assert/strict";
import { join } from "node:path";
import { inTurn } from "../../scripts/turn.mjs";
import { needing } from "../left_out.ts";
import { inTemporaryFolder, NO_NODE } from "../node_program.ts";

const MODULE = new URL("../../scripts/turn.mjs", import.meta.url).href;

/** Appends a line at the beginning and at the end of its turn, and reports a wait. */
const program = (turn: string, log: string) => `
  import { appendFileSync } from "node:fs";
  import process from "node:process";
  import { inTurn } from ${JSON.stringify(MODULE)};
  await inTurn(${JSON.stringify(turn)}, () => {
    appendFileSync(${JSON.stringify(log)}, process.pid + "\\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    appendFileSync(${JSON.stringify(log)}, process.pid + "\\n");
  }, () => {});`;

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await child.status;
  return child.pid;
}

for (const runtime of ["deno", "node"]) {
  Deno.test(
    needing(`processes of ${runtime} have their turns one by one`, runtime === "node" ? NO_NODE : null),
    async () => {
      await inTemporaryFolder(async (folder) => {
        const [turn, log, file] = ["turn", "log", "program.mjs"].map((name) => join(folder, name));
        await Deno.writeTextFile(file, program(turn, log));
        await Deno.writeTextFile(turn, `${await endedProcess()}`);
        const [command, args] = runtime === "deno"
          ? [Deno.execPath(), ["run", "-A", "--no-check", file]]
          : ["node", [file]];
        const ends = await Promise.all(
          Array.from({ length: 6 }, () => new Deno.Command(command, { args }).output()),
        );
        for (const { success, stderr } of ends) assert.ok(success, new TextDecoder().decode(stderr));
        const ids = (await Deno.readTextFile(log)).trim().split("\n");
        assert.equal(new Set(ids).size, 6);
        for (let i = 0; i < ids.length; i += 2) assert.equal(ids[i], ids[i + 1]);
        assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
          "log",
          "program.mjs",
        ]);
      });
    },
  );
}

Deno.test("a turn ends when its work throws, and a file without an id is taken over in time", async () => {
  await inTemporaryFolder(async (folder) => {
    const turn = join(folder, "turn");
    const failing = () => {
      throw new Error("no space");
    };
    await assert.rejects(inTurn(turn, failing, assert.fail), /no space/);
    await Deno.writeTextFile(turn, "");
    await Deno.utime(turn, 0, 0);
    assert.equal(await inTurn(turn, () => Deno.readTextFileSync(turn), assert.fail), `${Deno.pid}`);
    // An earlier process with the same id, as in a container.
    await Deno.writeTextFile(turn, `${Deno.pid}`);
    assert.equal(await inTurn(turn, () => 7, assert.fail), 7);
    // No turn can be taken in a folder that is not there, which the work reports.
    assert.equal(await inTurn(join(folder, "missing/turn"), () => 5, assert.fail), 5);
  });
});
