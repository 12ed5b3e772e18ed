// E.20: receives by a process with few file descriptors: each ends, with all files or with an error of the disk, and
// never with a wrong file. PLI_LONG tries every number several times.

import assert from "node:assert/strict";
import { needing, NOT_LINUX } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { noise, type Tree, writeTree } from "../product/trees.ts";
import { amount, assertArrived, IS_LONG, LOCAL, MIB, print } from "./interrupted.ts";

const TIMES = amount("PLI_FEW_TIMES", 1, 5);
const LIMITS = IS_LONG ? [32, 34, 36, 38, 40, 42, 44, 46, 48, 52] : [32, 40, 48];
const LATEST_MS = 90_000;
const TREE: Tree = Object.fromEntries(
  Array.from({ length: 12 }, (_, at) => [`${at}.bin`, noise(3 * MIB + at, at + 1)]),
);

Deno.test({
  ...needing("E.20 a receive with few file descriptors ends, without a wrong file", NOT_LINUX),
  async fn() {
    await using bench = await Bench.make();
    await writeTree(bench.path("t"), TREE);
    const sender = bench.pli(["send", ...LOCAL, "--keep", "t"]);
    const ticket = await sender.ticket();
    let [whole, failed] = [0, 0];
    for (const limit of LIMITS) {
      for (let time = 0; time < TIMES; time++) {
        const out = bench.path(`out ${limit} ${time}`);
        const wrapper = ["sh", "-c", `ulimit -n ${limit}; exec "$@"`, "sh"];
        const receiver = bench.pli(["receive", ...LOCAL, "--out", `${out}/`, ticket], { wrapper });
        let isLate = false;
        const timer = setTimeout(() => {
          isLate = true;
          void receiver.stop();
        }, LATEST_MS);
        const code = await receiver.ended();
        clearTimeout(timer);
        assert.ok(!isLate, `at ${limit} descriptors a receive has not ended after ${LATEST_MS / 1000} s`);
        if (code === 0) {
          await assertArrived(out, "t", TREE);
          whole++;
        } else failed++;
      }
    }
    print(`E.20: ${whole} receives with few descriptors were whole, ${failed} ended with an error, 0 hung`);
  },
});
