// The blocks of commands in the documents for users are run as they are written, and what they receive is what was sent.
// Those with another test, or with a reason why none runs them, are left out: documents_test.ts counts them.

import assert from "node:assert/strict";
import { blocksOf, DOCUMENTS, hasCommands } from "../documents.ts";
import { needing, NOT_LINUX, without } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { Scene, SENT } from "./documented_commands.ts";

for (const path of DOCUMENTS) {
  const blocks = blocksOf(path).filter((block) =>
    hasCommands(block) && block.runBy === null && block.notRun === null
  );
  if (blocks.length === 0) continue;
  Deno.test(
    needing(
      `F.13 the commands of ${path} work as written`,
      NOT_LINUX,
      without("bash", "setsid", "tar", "npm"),
    ),
    async () => {
      await using bench = await Bench.make();
      const scene = await Scene.make(bench);
      for (const { text } of blocks) await scene.run(text);
      const received = Object.entries(await scene.received()).filter(([name]) =>
        !/\.log$|^qlog\//.test(name)
      );
      const hasReceived = blocks.some(({ text }) => / receive /.test(text));
      assert.equal(received.length > 0, hasReceived);
      for (const [name, bytes] of received) {
        const [, sent] = Object.entries(SENT).find(([path]) => name.endsWith(path)) ?? [];
        assert.deepEqual(bytes, sent, name);
      }
    },
  );
}
