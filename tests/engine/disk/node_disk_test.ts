// The disk and the clock on Node.js: the same contracts as on Deno, and locks that exclude Deno.

import assert from "node:assert/strict";
import { needing, NOT_UNIX } from "../../left_out.ts";
import { bundleForNode, inTemporaryFolder, NO_NODE, nodeOutput } from "../../node_program.ts";
import { realDisk } from "../../system_ports.ts";

Deno.test({
  ...needing("Node.js: the disk and the clock fulfil their contracts", NO_NODE, NOT_UNIX),
  fn: (context) =>
    inTemporaryFolder(async (folder) => {
      const program = await bundleForNode(new URL("./node_contract.ts", import.meta.url), folder);
      const results = (await nodeOutput([program])).trim().split("\n").map((line) => JSON.parse(line));
      assert.ok(results.length > 25);
      for (const { name, fault } of results) {
        await context.step(name, () => assert.equal(fault, null, fault));
      }
    }),
});

Deno.test({
  ...needing(
    "Node.js: its locks and Deno's exclude each other, and are released when the process ends",
    NO_NODE,
    NOT_UNIX,
  ),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const program = await bundleForNode(new URL("./node_lock.ts", import.meta.url), folder);
      const path = `${folder}/lock`;
      const own = await realDisk.lock(path);
      assert.notEqual(own, null);
      assert.equal(await nodeOutput([program, path]), "false\n");
      own!.release();
      const holder = new Deno.Command("node", { args: [program, path], stdout: "piped" }).spawn();
      const output = holder.stdout.getReader();
      assert.equal(new TextDecoder().decode((await output.read()).value), "true\n");
      assert.equal(await realDisk.lock(path), null);
      holder.kill("SIGKILL");
      await holder.status;
      await output.cancel();
      const again = await realDisk.lock(path);
      assert.notEqual(again, null);
      again!.release();
    }),
});
