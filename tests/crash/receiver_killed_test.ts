// D.27: a receiver that is killed at random moments and started again. PLI_CRASH_KILLS is the number of kills,
// PLI_CRASH_MIB the size of the largest file.

import assert from "node:assert/strict";
import { needing, NOT_LINUX } from "../left_out.ts";
import { Bench, type RunningPli } from "../product/processes.ts";
import { type Tree, writeTree } from "../product/trees.ts";
import {
  amount,
  assertArrived,
  crashTree,
  eventOrEnd,
  LOCAL,
  MIB,
  mib,
  pause,
  print,
  readBytesOf,
  rightBytes,
  sizeOf,
  verifiedBytes,
} from "./interrupted.ts";

const KILLS = amount("PLI_CRASH_KILLS", 3, 40);
const LARGE_BYTES = amount("PLI_CRASH_MIB", 48, 120) * MIB;
/** Maximum number of written bytes that are fetched again for each kill. */
const GOAL_BYTES = 8 * MIB;
/** Maximum delay of a kill after its event. */
const SPAN_MS = 700;

interface Figures {
  kills: number;
  completed: number;
  /** Per kill: right bytes on the disk that were not used afterwards. */
  lostBytes: number[];
  /** Over all transfers: the bytes that the sender read to serve, less the size of the share. */
  sentAgainBytes: number;
}

/** Kills the receiver at a random moment of its start, its work or its end. True when it was still running. */
async function killAtRandom(receiver: RunningPli): Promise<boolean> {
  const about = Math.random();
  if (about < 0.8) {
    await eventOrEnd(receiver, about < 0.1 ? "waiting" : about < 0.2 ? "manifest" : "progress");
  }
  // Early moments more often than late ones, so that the runs are short.
  await Promise.race([pause(Math.random() ** 2 * SPAN_MS), receiver.process.status]);
  await receiver.stop("SIGKILL");
  return !receiver.events.some((event) => event.type === "done");
}

/** One transfer up to its end, with kills until their number is reached. */
async function resumedTransfer(bench: Bench, out: string, tree: Tree, figures: Figures): Promise<void> {
  const allBytes = sizeOf(tree);
  const home = bench.path(`home of ${out}`);
  const sender = bench.pli(["send", ...LOCAL, "t"]);
  const ticket = await sender.ticket();
  const readBefore = await readBytesOf(sender.process.pid);
  let served = 0;
  const watch = setInterval(async () => {
    served = await readBytesOf(sender.process.pid).then((bytes) => bytes - readBefore, () => served);
  }, 20);
  try {
    let written: number | null = null;
    for (let isOver = false; !isOver;) {
      const receiver = bench.pli(["receive", ...LOCAL, "--out", `${bench.path(out)}/`, ticket], { home });
      const isKilled = figures.kills < KILLS && await killAtRandom(receiver);
      if (isKilled) figures.kills++;
      else {assert.equal(
          await receiver.ended().then((code) => isDone(receiver) ? 0 : code),
          0,
          receiver.output,
        );}
      const believed = verifiedBytes(receiver, allBytes);
      if (written !== null && believed !== null) {
        figures.lostBytes.push(Math.max(0, written - believed));
        written = null;
      }
      // The receiver may have sent its receipt, and have been killed before its own message.
      isOver = !isKilled || sender.events.some((event) => event.type === "delivered");
      if (isKilled && !isOver) written = await rightBytes(bench.path(out), "t", tree);
    }
    assert.equal(await sender.ended(), 0, sender.output);
  } finally {
    clearInterval(watch);
  }
  await assertArrived(bench.path(out), "t", tree);
  figures.completed++;
  figures.sentAgainBytes += Math.max(0, served - allBytes);
}

function isDone(receiver: RunningPli): boolean {
  return receiver.events.some((event) => event.type === "done");
}

Deno.test({
  ...needing(
    "D.27 a receiver killed at random moments resumes, without a wrong byte and with few bytes fetched again",
    NOT_LINUX,
  ),
  async fn() {
    await using bench = await Bench.make();
    const tree = crashTree(LARGE_BYTES);
    await writeTree(bench.path("t"), tree);
    const figures: Figures = { kills: 0, completed: 0, lostBytes: [], sentAgainBytes: 0 };
    while (figures.kills < KILLS) {
      const out = `out${figures.completed}`;
      await resumedTransfer(bench, out, tree, figures);
      await Deno.remove(bench.path(out), { recursive: true });
    }
    const { kills, completed, lostBytes, sentAgainBytes } = figures;
    const average = lostBytes.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, lostBytes.length);
    const most = Math.max(0, ...lostBytes);
    print(
      `D.27: ${kills} kills of the receiver, ${completed} transfers of ${
        mib(sizeOf(tree))
      } complete, 0 wrong bytes; ` +
        `written bytes fetched again per kill: ${mib(average)} on average, ${
          mib(most)
        } at most (goal 8 MiB); ` +
        `served again per kill: ${mib(sentAgainBytes / kills)}`,
    );
    assert.ok(most <= GOAL_BYTES, mib(most));
  },
});
