// A second share of the same file by a real pli: the hash is remembered, and the file is not read.

import assert from "node:assert/strict";
import { Bench } from "./processes.ts";
import { noise, writeTree } from "./trees.ts";

const SIZE_BYTES = 64 * 1024 * 1024;

Deno.test({
  name: "a second share of the same file has the same hash without reading it, unless it is told to",
  // How much a process has read is told by Linux alone.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using bench = await Bench.make();
    await writeTree(bench.folder, { "big.bin": noise(SIZE_BYTES) });
    // One that was changed just now is not remembered.
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const share = async (...options: string[]) => {
      const home = bench.path("home");
      const sender = bench.pli(["send", "--relay", "disabled", ...options, "big.bin"], { home });
      const { hash } = await sender.event("ticket");
      const io = await Deno.readTextFile(`/proc/${sender.process.pid}/io`);
      await sender.stop("SIGINT");
      return { hash, hasRead: Number(/rchar: (\d+)/.exec(io)![1]) >= SIZE_BYTES };
    };
    const first = await share();
    assert.equal(first.hasRead, true);
    assert.deepEqual(await share(), { ...first, hasRead: false });
    assert.deepEqual(await share("--no-cache"), first);
    await Deno.writeFile(bench.path("big.bin"), Uint8Array.of(1), { append: true });
    const changed = await share();
    assert.equal(changed.hasRead, true);
    assert.notEqual(changed.hash, first.hash);
  },
});
