// Processes and files that tests have left, as a run finds them.

import assert from "node:assert/strict";
import { endProcesses, MARK, removeFiles } from "../../scripts/leftovers.ts";
import { needing, NOT_LINUX } from "../left_out.ts";

Deno.test({
  ...needing("leftovers: processes with the mark of a run are named and ended, others are not", NOT_LINUX),
  async fn() {
    const [mark, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const start = (value: string) =>
      new Deno.Command("sleep", { args: ["600"], env: { [MARK]: value }, stdin: "null" }).spawn();
    const [left, stays] = [start(mark), start(other)];
    try {
      const [command, ...more] = await endProcesses(mark);
      assert.match(command, /sleep 600$/);
      assert.deepEqual(more, []);
      assert.equal((await left.status).signal, "SIGKILL");
      assert.deepEqual(await endProcesses(mark), []);
    } finally {
      stays.kill();
      await stays.status;
    }
  },
});

Deno.test("leftovers: a process that ends in time is not reported", async () => {
  const mark = crypto.randomUUID();
  const ending = new Deno.Command("sleep", { args: ["0.3"], env: { [MARK]: mark }, stdin: "null" }).spawn();
  const [found] = await Promise.all([endProcesses(mark), ending.status]);
  assert.deepEqual(found, []);
});

Deno.test("leftovers: files and folders are named and removed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "pli-leftovers-" });
  try {
    await Deno.mkdir(`${folder}/b/c`, { recursive: true });
    await Deno.writeTextFile(`${folder}/a`, "");
    assert.deepEqual(await removeFiles(folder), ["a", "b"]);
    assert.deepEqual(await removeFiles(folder), []);
  } finally {
    await Deno.remove(folder);
  }
});
