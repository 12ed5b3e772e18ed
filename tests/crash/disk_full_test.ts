// D.30: a destination that becomes full at many positions of a download, and one that is read-only. The small volume is a
// tmpfs, which needs root. PLI_CRASH_OFFSETS is the number of positions.

import assert from "node:assert/strict";
import { needing } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { noise, type Tree, writeTree } from "../product/trees.ts";
import { NO_TMPFS, Volume } from "../product/volume.ts";
import { amount, assertArrived, LOCAL, MIB, mib, print, sizeOf, stagingFolders } from "./interrupted.ts";

const OFFSETS = amount("PLI_CRASH_OFFSETS", 3, 15);
const TREE: Tree = {
  "large.bin": noise(14 * MIB + 77, 3),
  ...Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`small/${i}`, noise(500 + i * 150, i)])),
  "tail.bin": noise(3 * MIB, 5),
};
const ALL_BYTES = sizeOf(TREE);
/** Its own, and one in it. */
const FOLDERS = 2;
/** Space for folders, the journal and partial pages. */
const ROOM_BYTES = 4 * MIB;
/** The ticket of a sender that does not exist: no process listens on this port of this computer. */
const ABSENT =
  "blobadv3qjtt2ls2mz75b7oq7wan55bwo2pymllp7pf7x3sfmqvzlgehcaacab7qaaab4tcqgagaaabafzgfamazwmivwzlq33nmmr5g5kq2kqmhr5jrb7gvku2etuixxfz6qxaupxq";

const FILLS =
  "D.30 a disk that fills: its own exit code and advice, nothing lost, and on it goes when there is room";
const READ_ONLY = "D.30 a target that cannot be written to is told before connecting";

Deno.test(needing(FILLS, NO_TMPFS), async () => {
  await using bench = await Bench.make();
  await using volume = await Volume.make(bench.path("volume"), "size=1m");
  await writeTree(bench.path("t"), TREE);
  const sender = bench.pli(["send", ...LOCAL, "--keep", "t"]);
  const ticket = await sender.ticket();
  const home = bench.path("home");
  let [full, warned, resumed, notResumed] = [0, 0, 0, 0];
  for (let at = 0; at < OFFSETS; at++) {
    const sizeBytes = 64 * 1024 + Math.floor((ALL_BYTES - MIB) * at / OFFSETS);
    await volume.become(`size=${sizeBytes}`);
    const out: string = `${volume.path}/out`;
    const args = ["receive", ...LOCAL, "--out", `${out}/`, ticket];
    // Without a terminal a lack of room is refused before anything is written; --yes tries.
    const refused = bench.pli(args);
    assert.equal(await refused.ended(), 2, refused.output);
    const reason = refused.events.at(-1);
    assert.ok(reason?.type === "error" && reason.code === "consent_needed", refused.output);
    await assert.rejects(Deno.lstat(out), Deno.errors.NotFound);
    const first = bench.pli([...args, "--yes"], { home });
    assert.equal(await first.ended(), 5, first.output);
    const error = first.events.at(-1);
    assert.ok(error?.type === "error" && error.code === "disk_full" && error.advice.includes("room"));
    full++;
    const came = first.events.findLast((event) => event.type === "progress")?.bytes ?? 0;
    const short = first.events.find((event) => event.type === "space_short");
    if (short !== undefined) {
      // Files and folders take whole pages.
      const padding = short.neededBytes - ALL_BYTES;
      assert.ok(padding >= 0 && padding < 4096 * (Object.keys(TREE).length + FOLDERS), `${padding}`);
      // This volume allocates whole pages.
      assert.ok(short.freeBytes <= sizeBytes + 4096);
      warned++;
    }
    const [listed] = await listedBy(bench, home);
    assert.equal(await Deno.lstat(`${out}/t`).catch(() => null), null, "something was published");
    await volume.become(`size=${ALL_BYTES + ROOM_BYTES}`);
    const second = bench.pli(args, { home });
    assert.equal(await second.ended(), 0, second.output);
    const done = second.events.at(-1);
    assert.ok(done?.type === "done");
    if (done.resumedBytes > 0) resumed++;
    else if (came > MIB) notResumed++;
    // Files that were complete when the disk became full may be kept without being listed.
    const moreBytes = done.resumedBytes - (listed?.receivedBytes ?? 0);
    assert.ok(moreBytes >= 0 && moreBytes < MIB, `${moreBytes} bytes more than listed were used again`);
    assert.ok(done.resumedBytes >= came - 8 * MIB, `${mib(done.resumedBytes)} of ${mib(came)}`);
    await assertArrived(out, "t", TREE);
    await Deno.remove(out, { recursive: true });
  }
  print(
    `D.30: ${full} of ${OFFSETS} times full while ${
      mib(ALL_BYTES)
    } came, exit code 5, warned before ${warned} times, ` +
      `complete after room was made every time, ${resumed} times with what had come; 0 wrong bytes`,
  );
  assert.equal(notResumed, 0);
  assert.equal(warned, full);
});

/** The downloads that `pli resume` lists. */
async function listedBy(bench: Bench, home: string): Promise<{ receivedBytes: number }[]> {
  const list = bench.pli(["resume"], { home });
  assert.equal(await list.ended(), 0, list.output);
  const lines: unknown[] = list.events;
  return lines as { receivedBytes: number }[];
}

Deno.test(needing(READ_ONLY, NO_TMPFS), async () => {
  await using bench = await Bench.make();
  await using volume = await Volume.make(bench.path("volume"), "size=1m");
  await volume.become("ro");
  for (const out of [volume.path, `${volume.path}/new/folder`]) {
    const receiver = bench.pli(["receive", ...LOCAL, "--out", `${out}/`, ABSENT]);
    assert.equal(await receiver.ended(), 5, receiver.output);
    const [error, ...others] = receiver.events;
    assert.ok(error?.type === "error" && error.code === "disk_read_only", receiver.output);
    assert.deepEqual(others, [], "it was reported before anything else");
  }
  assert.deepEqual(await stagingFolders(volume.path), []);
});
