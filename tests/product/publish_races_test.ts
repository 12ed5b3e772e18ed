// A.6: a real pli publishes while another process creates the same names. strace delays the call that takes a name, so
// that the two collide, or makes hard links fail, so that the fallback is tested.

import assert from "node:assert/strict";
import { needing, unlessSucceeds } from "../left_out.ts";
import { Bench } from "./processes.ts";
import { assertSameTree, noise, readTree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];
const NAMES = Array.from({ length: 100 }, (_, at) => `f${String(at).padStart(2, "0")}`);
const THEIRS = "theirs\n";

/** Creates the missing names, one by one, as soon as the first of pli has appeared. */
const OTHER = `set -C
until [ -n "$(ls)" ]; do :; done
for name in "$@"; do { echo theirs > "$name"; } 2>/dev/null; sleep 0.001; done`;

/** The injections: calls are delayed by some milliseconds, or fail. */
const WAYS = {
  "by links": ["inject=link,linkat:delay_enter=10ms"],
  "without links": [
    "inject=link,linkat:error=EOPNOTSUPP",
    "inject=rename,renameat,renameat2:delay_enter=10ms",
  ],
};

/** The reason for ignoring tests with strace; null where it works. */
const NO_STRACE = await unlessSucceeds("strace cannot be used", "strace", "-o", "/dev/null", "true");

for (const [way, tampering] of Object.entries(WAYS)) {
  Deno.test({
    ...needing(
      `A.6 100 races for a name with another process, ${way}: no file of either side is lost`,
      NO_STRACE,
    ),
    async fn() {
      await using bench = await Bench.make();
      const tree = Object.fromEntries(NAMES.map((name, at) => [name, noise(100 + at, at + 1)]));
      await writeTree(bench.path("src"), tree);
      await Deno.mkdir(bench.path("out"));
      const sender = bench.pli(["send", ...LOCAL, ...NAMES], { cwd: bench.path("src") });
      const ticket = await sender.ticket();
      const others = [NAMES.toReversed(), NAMES].map((names) =>
        bench.run("sh", ["-c", OTHER, "sh", ...names], { cwd: bench.path("out") })
      );
      const wrapper = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        ...tampering.flatMap((each) => ["-e", each]),
      ];
      const receive = ["receive", ...LOCAL, "--out", bench.path("out/"), ticket];
      const receiver = bench.pli(receive, { wrapper });
      assert.equal(await receiver.ended(), 0, receiver.output);
      for (const other of others) await other.ended();

      const after = await readTree(bench.path("out"));
      const isTheirs = (name: string) => new TextDecoder().decode(after[name]) === THEIRS;
      const lost = NAMES.filter(isTheirs);
      print(`${way}: of 100 names the other process had ${lost.length}`);
      assert.ok(lost.length > 0 && lost.length < 100, `${lost.length} of 100 names were theirs`);
      const expected = Object.entries(tree).flatMap(([name, bytes]): [string, Uint8Array][] =>
        isTheirs(name) ? [[name, after[name]], [`${name} (2)`, bytes]] : [[name, bytes]]
      );
      assertSameTree(after, Object.fromEntries(expected));
      const renamed = receiver.events.filter((event) => event.type === "renamed");
      assert.deepEqual(renamed.map(({ from }) => from).sort(), lost);
    },
  });
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
