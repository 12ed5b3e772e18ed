// A second share of the same file by a real pli: the hash is in the cache, and the file is not read.

import assert from "node:assert/strict";
import { needing, NOT_LINUX } from "../left_out.ts";
import { eventually } from "../time_limits.ts";
import { Bench } from "./processes.ts";
import { noise, writeTree } from "./trees.ts";

const SIZE_BYTES = 64 * 1024 * 1024;

Deno.test({
  // Only Linux reports the number of bytes that a process has read.
  ...needing(
    "a second share of the same file has the same hash without reading it, except with --no-cache",
    NOT_LINUX,
  ),
  async fn() {
    await using bench = await Bench.make();
    await writeTree(bench.folder, { "big.bin": noise(SIZE_BYTES) });
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
    // A file that was changed just before its hashing is not cached: the next shares may read it again.
    await eventually(async () => {
      const { hash, hasRead } = await share();
      assert.equal(hash, first.hash);
      return !hasRead;
    }, "the hash is remembered");
    assert.deepEqual(await share("--no-cache"), first);
    await Deno.writeFile(bench.path("big.bin"), Uint8Array.of(1), { append: true });
    const changed = await share();
    assert.equal(changed.hasRead, true);
    assert.notEqual(changed.hash, first.hash);
  },
});
