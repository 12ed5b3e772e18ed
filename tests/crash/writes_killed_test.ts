// D.27: a receiver that is killed at each of its calls that change files, one after the other, by strace. A call is
// counted for each thread separately, so a number can mean several calls. A short run tries a few calls at random,
// a long one the first of each kind and a part of those that follow; PLI_CRASH_EVERY=1 tries each of them. Without
// strace it is left out.

import assert from "node:assert/strict";
import { needing, unlessSucceeds } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { noise, type Tree, writeTree } from "../product/trees.ts";
import {
  amount,
  assertArrived,
  injecting,
  IS_LONG,
  LOCAL,
  MIB,
  mib,
  print,
  rightBytes,
  sizeOf,
  verifiedBytes,
} from "./interrupted.ts";

/** `write` is the last: most of its calls are messages between threads. */
const ALL_CALLS = [
  "pwrite64",
  "mkdir,mkdirat",
  "link,linkat",
  "rename,renameat,renameat2",
  "fsync,fdatasync,syncfs",
  "unlink,unlinkat,rmdir",
  "flock",
  "write",
];
const CALLS = IS_LONG ? ALL_CALLS : ["pwrite64", "link,linkat"];
/** A short run tries one number of each, up to this. */
const FEW = 8;
/** A long run tries this many calls of each kind, and then one of `EVERY`, with a random start. */
const FIRST = 12;
const EVERY = amount("PLI_CRASH_EVERY", 6, 6);
/** Files by two ways of writing, in a folder that is merged into, and in one that is new. */
const TREE: Tree = {
  "large.bin": noise(5 * MIB + 3, 1),
  "block.bin": noise(MIB, 2),
  "new/folder/middling.bin": noise(400_000, 3),
  ...Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`small/${i}`, noise((i * 101) % 3000, i + 9)])),
};

/** The reason for ignoring tests with strace; null where it works. */
const NO_STRACE = await unlessSucceeds("strace cannot be used", "strace", "-o", "/dev/null", "true");

const NAME = "D.27 a receiver killed at each call that changes files goes on with right bytes";
Deno.test(needing(NAME, NO_STRACE), async () => {
  await using bench = await Bench.make();
  await writeTree(bench.path("t"), TREE);
  const sender = bench.pli(["send", ...LOCAL, "--keep", "t"]);
  const ticket = await sender.ticket();
  const counts: string[] = [];
  let [kills, most] = [0, 0];
  for (const calls of CALLS) {
    let killsHere = 0;
    // A long run continues until there are no more calls. A short one ends after a kill at the first call.
    const first = IS_LONG ? 1 : 1 + Math.floor(Math.random() * FEW);
    const jump = 1 + Math.floor(Math.random() * EVERY);
    const next = (when: number) => when < FIRST ? when + 1 : when === FIRST ? when + jump : when + EVERY;
    for (let when = first; when > 0; when = IS_LONG ? next(when) : killsHere > 0 ? 0 : when >> 1) {
      const out = bench.path("out");
      const home = bench.path(`home ${calls} ${when}`);
      // The folder exists: so it is merged into, file by file.
      await Deno.mkdir(`${out}/t/small`, { recursive: true });
      const receive = (wrapper: string[] = []) =>
        bench.pli(["receive", ...LOCAL, "--out", `${out}/`, ticket], { wrapper, home });
      const killed = receive(injecting(calls, `signal=KILL:when=${when}`));
      const isKilled = await killed.ended() !== 0;
      if (isKilled) {
        killsHere++;
        const written = await rightBytes(out, "t", TREE);
        const second = receive();
        assert.equal(await second.ended(), 0, `${calls} ${when}: ${second.output}`);
        const believed = verifiedBytes(second, sizeOf(TREE));
        most = Math.max(most, written - (believed ?? 0));
      }
      await assertArrived(out, "t", TREE);
      await Deno.remove(out, { recursive: true });
      if (!isKilled && IS_LONG) break;
    }
    assert.ok(killsHere > 0, `nothing was killed at ${calls}`);
    kills += killsHere;
    counts.push(`${calls.split(",")[0]} ${killsHere}`);
  }
  print(
    `D.27: killed at ${kills} calls (${counts.join(", ")}), every next run complete, 0 wrong bytes; ` +
      `written bytes fetched again: ${mib(most)} at most (goal 8 MiB)`,
  );
  assert.ok(most <= 8 * MIB);
});
