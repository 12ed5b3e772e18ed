// Interrupted downloads that are resumed, with real processes on loopback. The middle of a transfer is detected by its
// events, and a transfer that is interrupted there has a rate limit, so that it does not end before the signal.

import assert from "node:assert/strict";
import type { DownloadLine } from "../../src/cli/report/output.ts";
import { needing, NOT_UNIX } from "../left_out.ts";
import { atMost } from "../time_limits.ts";
import { Bench, type RunningPli } from "./processes.ts";
import { assertSameTree, below, noise, readTree, type Tree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];
const MIB = 1024 * 1024;
/** A rate limit with which a transfer of the tree takes longer than its interruption. */
const SLOWLY = ["--limit", "8M"];
const TREE: Tree = {
  "large.bin": noise(64 * MIB, 3),
  ...Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`small/${i}.bin`, noise(500 + i * 7, i + 1)])),
};

/** A bench with the tree in `src`, and one home for each side. */
async function benchWithTree() {
  const bench = await Bench.make();
  await writeTree(bench.path("src"), TREE);
  return {
    bench,
    send: (...args: string[]) =>
      bench.pli(["send", ...LOCAL, ...args, "src"], { home: bench.path("sender") }),
    receive: (ticket: string, ...args: string[]) => {
      const out = ["--out", bench.path("out/")];
      return bench.pli(["receive", ...LOCAL, ...out, ...args, ticket], { home: bench.path("receiver") });
    },
    resume: (...args: string[]) => {
      return bench.pli(["resume", ...LOCAL, ...args], { home: bench.path("receiver") });
    },
    assertArrived: async () => assertSameTree(await readTree(bench.path("out")), below("src", TREE)),
  };
}

/** Resolves in the middle of a download. */
async function middle(receiver: RunningPli): Promise<void> {
  await receiver.stdout.first((line) => {
    const event = JSON.parse(line);
    return event.type === "progress" && event.bytes > 2 * MIB ? event : undefined;
  });
}

/** The list of `pli resume`. */
function listed(pli: RunningPli): DownloadLine[] {
  return pli.stdout.all.map((line) => JSON.parse(line)).filter(({ type }) => type === "download");
}

/** The last event of a download that continued an earlier one. */
async function done(receiver: RunningPli) {
  assert.equal(await receiver.ended(), 0, receiver.output);
  const event = receiver.events.findLast((event) => event.type === "done");
  assert.ok(event?.type === "done", receiver.output);
  return event;
}

Deno.test("D.28 a killed receiver is continued by pli resume", async () => {
  const { bench, send, receive, resume, assertArrived } = await benchWithTree();
  await using _ = bench;
  const sender = send();
  const ticket = await sender.ticket();
  const first = receive(ticket, ...SLOWLY);
  await middle(first);
  await first.stop("SIGKILL");

  const list = resume();
  assert.equal(await list.ended(), 0, list.output);
  const [entry] = listed(list);
  assert.equal(entry.title, "src");
  assert.equal(entry.files, 301);
  assert.deepEqual([entry.isRunning, entry.isExact], [false, false]);

  const { resumedBytes } = await done(resume("1"));
  assert.ok(resumedBytes > 0 && resumedBytes < 64 * MIB, `${resumedBytes}`);
  await assertArrived();
  await sender.event("delivered");
  const empty = resume();
  await empty.ended();
  assert.deepEqual(listed(empty), []);
});

Deno.test("D.28 the same ticket received again into the same folder resumes; a discarded download is removed", async () => {
  const { bench, send, receive, resume, assertArrived } = await benchWithTree();
  await using _ = bench;
  const sender = send("--keep");
  const ticket = await sender.ticket();
  const first = receive(ticket, ...SLOWLY);
  await middle(first);
  await first.stop("SIGKILL");
  const { resumedBytes } = await done(receive(ticket));
  assert.ok(resumedBytes > 0, `${resumedBytes}`);
  await assertArrived();
  await Deno.remove(bench.path("out"), { recursive: true });

  const other = receive(ticket, ...SLOWLY);
  await middle(other);
  await other.stop("SIGKILL");
  const discarding = resume("--discard", "src");
  assert.equal(await discarding.ended(), 0, discarding.output);
  await assert.rejects(Deno.lstat(bench.path("out")), Deno.errors.NotFound);
  assert.deepEqual([...Deno.readDirSync(bench.path("receiver", "downloads"))], []);
});

async function senderIsKilled(): Promise<void> {
  const { bench, send, receive, assertArrived } = await benchWithTree();
  await using _ = bench;
  const first = send("--ticket", "addresses", ...SLOWLY);
  const ticket = await first.ticket();
  const receiver = receive(ticket);
  await middle(receiver);
  await first.event("claimed");
  await first.stop("SIGKILL");
  const second = send("--ticket", "addresses");
  assert.equal(await second.ticket(), ticket);

  // Another receiver with the ticket does not get the claim of the first one.
  const otherReceiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("no/"), ticket]);
  assert.equal(await otherReceiver.ended(), 6, otherReceiver.output);
  await done(receiver);
  assert.ok(receiver.events.some((event) => event.type === "waiting" && event.reason === "reconnecting"));
  await assertArrived();
  assert.equal(await second.ended(), 0, second.output);
}

async function senderIsLate(): Promise<void> {
  await using bench = await Bench.make();
  await writeTree(bench.folder, { "late.bin": noise(3000) });
  const home = bench.path("sender");
  const early = bench.pli(["send", ...LOCAL, "late.bin"], { home });
  const ticket = await early.ticket();
  await early.stop("SIGINT");
  const patient = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), "--wait", ticket]);
  const hasty = bench.pli(["receive", ...LOCAL, "-o", bench.path("no/"), "--give-up", "2s", ticket]);
  assert.equal(await hasty.ended(), 3, hasty.output);
  const error = hasty.events.at(-1);
  assert.ok(error?.type === "error" && error.code === "peer_unreachable", hasty.output);
  const late = bench.pli(["send", ...LOCAL, "late.bin"], { home });
  assert.equal(await late.ticket(), ticket);
  assert.equal(await patient.ended(), 0, patient.output);
  assert.equal(await late.ended(), 0, late.output);
}

// Both are idle most of the time, so they run concurrently.
Deno.test("D.28 a killed sender resumes with its ticket and port; --wait awaits a late one, --give-up ends", async () => {
  await Promise.all([senderIsKilled(), senderIsLate()]);
});

Deno.test("D.35 of two receivers of the same into one folder one succeeds, the other fails with that reason", async () => {
  await using bench = await Bench.make();
  await writeTree(bench.folder, { "one.bin": noise(3000) });
  const home = bench.path("sender");
  const early = bench.pli(["send", ...LOCAL, "one.bin"], { home });
  const ticket = await early.ticket();
  await early.stop("SIGINT");
  const args = ["receive", ...LOCAL, "--wait", "-o", bench.path("out/"), ticket];
  const first = bench.pli(args);
  await first.event("waiting");
  const second = bench.pli(args);
  assert.equal(await second.ended(), 1, second.output);
  const error = second.events.at(-1);
  assert.ok(error?.type === "error" && error.code === "destination_busy", second.output);
  const sender = bench.pli(["send", ...LOCAL, "one.bin"], { home });
  assert.equal(await first.ended(), 0, first.output);
  assertSameTree(await readTree(bench.path("out")), { "one.bin": noise(3000) });
  assert.equal(await sender.ended(), 0, sender.output);
});

Deno.test({
  ...needing(
    "D.34 Ctrl-C, SIGTERM and SIGHUP end a download within 2 s, and it can be resumed",
    NOT_UNIX,
  ),
  fn: async () => {
    const { bench, send, receive, resume, assertArrived } = await benchWithTree();
    await using _ = bench;
    const sender = send();
    const ticket = await sender.ticket();
    for (const [signal, exit] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
      const receiver = receive(ticket, ...SLOWLY);
      await middle(receiver);
      const startMs = performance.now();
      receiver.process.kill(signal);
      assert.equal(await receiver.ended(), exit, receiver.output);
      assert.ok(performance.now() - startMs < atMost(2_000), signal);
      const error = receiver.events.at(-1);
      assert.ok(error?.type === "error" && error.code === "cancelled", receiver.output);
      assert.match(error.advice, /^Run pli resume, or the same command again, to go on; .* are kept\.$/);
    }
    const list = resume();
    await list.ended();
    const [{ isExact, receivedBytes }] = listed(list);
    const { resumedBytes } = await done(resume("--all"));
    assert.ok(isExact && receivedBytes > 0 && resumedBytes > 0, `${receivedBytes} ${resumedBytes}`);
    await assertArrived();
    assert.equal(await sender.ended(), 0, sender.output);
  },
});
