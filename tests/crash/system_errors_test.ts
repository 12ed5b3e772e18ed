// E.9: errors of the system in the middle of a receive, each reported by its own code, and a volume without hard
// links, on which a receive succeeds. Injected by strace and by `ulimit -f`; ignored without them.

import assert from "node:assert/strict";
import { needing, NOT_LINUX, unlessSucceeds } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { noise, type Tree, writeTree } from "../product/trees.ts";
import { assertArrived, injecting, LOCAL, MIB } from "./interrupted.ts";

const TREE: Tree = {
  "large.bin": noise(6 * MIB + 5, 1),
  ...Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`small/${at}`, noise(300 + at, at + 2)])),
};

function failing(calls: string, error: string): string[] {
  return injecting(calls, `error=${error}`);
}

interface Case {
  what: string;
  wrapper: string[];
  /** The code of the error that ends the receive; null if all files arrive. */
  code: string | null;
  /** What its advice contains. */
  says?: RegExp;
}

const CASES: Case[] = [
  { what: "no link can be made (ENOSYS)", wrapper: failing("link,linkat", "ENOSYS"), code: null },
  { what: "no link can be made (EMLINK)", wrapper: failing("link,linkat", "EMLINK"), code: null },
  { what: "a quota is used up (EDQUOT)", wrapper: failing("pwrite64", "EDQUOT"), code: "disk_full" },
  { what: "the device is gone (ENODEV)", wrapper: failing("pwrite64", "ENODEV"), code: "disk_gone" },
  {
    what: "the server of the volume is gone (ESTALE)",
    wrapper: failing("link,linkat", "ESTALE"),
    code: "disk_gone",
  },
  {
    what: "files may have 2,000 KiB (ulimit -f)",
    wrapper: ["bash", "-c", 'ulimit -f 2000; exec "$@"', "bash"],
    code: "disk_file_limit",
    says: /Start pli with a higher limit: ulimit -f/,
  },
];

const NO_STRACE = NOT_LINUX ?? await unlessSucceeds("there is no strace", "strace", "-V");

for (const { what, wrapper, code, says } of CASES) {
  Deno.test({
    ...needing(`E.9 ${what}: ${code ?? "received whole"}`, NO_STRACE),
    async fn() {
      await using bench = await Bench.make();
      await writeTree(bench.path("t"), TREE);
      const out = bench.path("out");
      // The folder exists, so that files are published one by one.
      await Deno.mkdir(`${out}/t/small`, { recursive: true });
      const sender = bench.pli(["send", ...LOCAL, "--keep", "t"]);
      const home = bench.path("home");
      const args = ["receive", ...LOCAL, "--out", `${out}/`, await sender.ticket()];
      // Its staging folder is created without an error.
      await bench.pli(["history"], { home }).ended();
      const receiver = bench.pli(args, { wrapper, home });
      const exit = await receiver.ended();
      if (code === null) assert.equal(exit, 0, receiver.output);
      else {
        assert.equal(exit, 5, receiver.output);
        const error = receiver.events.at(-1);
        assert.ok(error?.type === "error", receiver.output);
        assert.equal(error.code, code, receiver.output);
        if (says !== undefined) assert.match(error.advice, says);
        assert.doesNotMatch(error.message, /\.pli-/, "the place in the destination is named");
        // The same ticket, without the error.
        assert.equal(await bench.pli(args, { home }).ended(), 0);
      }
      await assertArrived(out, "t", TREE);
    },
  });
}
