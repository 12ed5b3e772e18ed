// D.33: one side is suspended for longer than a connection's timeout, or the date changes during a transfer: two plis
// continue. PLI_CRASH_STOPPED_S is the duration of the stop; only long runs try that.

import assert from "node:assert/strict";
import { needing, NOT_FULL, without } from "../left_out.ts";
import { Bench, type RunningPli } from "../product/processes.ts";
import { writeTree } from "../product/trees.ts";
import { amount, assertArrived, crashTree, eventOrEnd, LOCAL, MIB, pause, print } from "./interrupted.ts";

const STOPPED_MS = amount("PLI_CRASH_STOPPED_S", 0, 40) * 1000;
const LARGE_BYTES = 96 * MIB;
/** So slow that a transfer whose progress has been read is never over before its receiver is stopped. */
const SLOWLY = ["--limit", "32M"];

/** Waits until a transfer has progress, and suspends one of its sides. */
async function stopInTheMiddle(side: RunningPli, receiver: RunningPli): Promise<void> {
  await eventOrEnd(receiver, "progress");
  await receiver.stdout.first((line) =>
    /"bytes":[1-9]\d{6}/.test(line) && line.includes("progress") || undefined
  );
  side.process.kill("SIGSTOP");
}

for (const stopped of ["sender", "receiver"] as const) {
  Deno.test({
    ...needing(
      `D.33 a ${stopped} that is suspended for a minute continues`,
      STOPPED_MS === 0 ? NOT_FULL : null,
    ),
    async fn() {
      await using bench = await Bench.make();
      const tree = crashTree(LARGE_BYTES);
      await writeTree(bench.path("t"), tree);
      const sender = bench.pli(["send", ...LOCAL, ...SLOWLY, "t"]);
      const ticket = await sender.ticket();
      const receiver = bench.pli(["receive", ...LOCAL, "--out", bench.path("out/"), ticket]);
      const side = stopped === "sender" ? sender : receiver;
      await stopInTheMiddle(side, receiver);
      const isUnderWay = !receiver.events.some((event) => event.type === "done");
      await pause(STOPPED_MS);
      side.process.kill("SIGCONT");
      const startMs = performance.now();
      assert.equal(await receiver.ended(), 0, receiver.output);
      assert.equal(await sender.ended(), 0, sender.output);
      await assertArrived(bench.path("out"), "t", tree);
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      print(
        `D.33: the ${stopped} stopped for ${STOPPED_MS / 1000} s ${
          isUnderWay ? "in the middle" : "too late"
        }: ` +
          `complete ${seconds} s later, 0 wrong bytes`,
      );
      assert.ok(isUnderWay);
    },
  });
}

/** The environment of a preloaded library by which programs read the date from a file; null where there is none. */
async function dateFrom(file: string): Promise<Record<string, string> | null> {
  const printed = await new Deno.Command("faketime", { args: ["-f", "+0s", "printenv", "LD_PRELOAD"] })
    .output()
    .then(({ success, stdout }) => success ? new TextDecoder().decode(stdout).trim() : null, () => null);
  if (printed === null) return null;
  return {
    LD_PRELOAD: printed,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    // As when the clock is set: monotonic clocks do not jump.
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
}

for (const [what, jump] of [["forward", "+1d"], ["back", "-1d"]]) {
  Deno.test({
    ...needing(
      `D.33 a transfer during which the clock is moved a day ${what} continues`,
      NOT_FULL,
      without("faketime"),
    ),
    async fn() {
      await using bench = await Bench.make();
      const tree = crashTree(LARGE_BYTES);
      const env = await dateFrom(bench.path("date"));
      assert.ok(env !== null);
      await Deno.writeTextFile(bench.path("date"), "+0s");
      await writeTree(bench.path("t"), tree);
      const sender = bench.pli(["send", ...LOCAL, ...SLOWLY, "t"], { env });
      const ticket = await sender.ticket();
      const receive = () =>
        bench.pli(["receive", ...LOCAL, "--out", bench.path("out/"), ticket], {
          env,
          home: bench.path("home"),
        });
      const first = receive();
      await stopInTheMiddle(first, first);
      await Deno.writeTextFile(bench.path("date"), jump);
      first.process.kill("SIGCONT");
      await first.stdout.first((line) => /"bytes":[3-9]\d{7}/.test(line) || undefined);
      await first.stop("SIGKILL");
      const second = receive();
      assert.equal(await second.ended(), 0, `${second.output}\nsender:\n${sender.output}`);
      assert.equal(await sender.ended(), 0, sender.output);
      await assertArrived(bench.path("out"), "t", tree);
      const done = second.events.at(-1);
      assert.ok(done?.type === "done");
      assert.ok(done.resumedBytes > 0 && done.seconds < 600, JSON.stringify(done));
      print(
        `D.33: the clock of both sides moved a day ${what}, then the receiver killed: complete, 0 wrong bytes`,
      );
    },
  });
}
