// Files that change while two real plis transfer them: the receiver never gets other content than that of
// the ticket, the other files arrive, and both sides name the lost one and end with its exit code.

import assert from "node:assert/strict";
import { Bench, type RunningPli } from "../product/processes.ts";
import { noise } from "../product/trees.ts";
import { inTime } from "../time_limits.ts";
import { report } from "../report.ts";
import { MIB } from "./raw.ts";

const LOCAL = ["--relay", "disabled"];
const SIZE_BYTES = 6 * MIB;

/** Changes of the file after the ticket. */
const CHANGES: Record<string, (path: string) => Promise<void>> = {
  grows: async (path) => await Deno.writeFile(path, noise(MIB, 5), { append: true }),
  shrinks: async (path) => await Deno.truncate(path, SIZE_BYTES / 2 + 77),
  changes: async (path) => await flip(path, 4 * MIB + 4321),
  vanishes: async (path) => await Deno.remove(path),
  "changes with the same size and time": async (path) => {
    const { atime, mtime } = await Deno.stat(path);
    await flip(path, 5 * MIB + 99);
    await Deno.utime(path, atime!, mtime!);
  },
};

async function flip(path: string, at: number): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const byte = new Uint8Array(1);
  await file.seek(at, Deno.SeekMode.Start);
  await file.read(byte);
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(byte.map((value) => value ^ 1));
}

/** The exit codes of both sides. Throws with the output of both where one of them does not end. */
async function bothEnded(what: string, receiver: RunningPli, sender: RunningPli): Promise<[number, number]> {
  try {
    return await inTime(Promise.all([receiver.ended(), sender.ended()]), what);
  } catch (cause) {
    throw new Error(`${what}: no end\nsender\n${sender.output}\nreceiver\n${receiver.output}`, { cause });
  }
}

Deno.test("D.31 a source that changes while it is shared is never received with other content", async () => {
  await using bench = await Bench.make();
  const content = noise(SIZE_BYTES, 3);
  const named: string[] = [];
  await Promise.all(
    Object.entries(CHANGES).map(async ([what, change], i) => {
      const folder = bench.path(`d${i}`);
      await Deno.mkdir(folder);
      await Deno.writeFile(`${folder}/victim.bin`, content);
      await Deno.writeFile(`${folder}/other.bin`, noise(9_000, i + 1));
      const sender = bench.pli(["send", ...LOCAL, folder]);
      const ticket = await sender.ticket();
      await change(`${folder}/victim.bin`);
      const out = bench.path(`out${i}`);
      const receiver = bench.pli(["receive", ...LOCAL, "-o", `${out}/`, ticket]);
      const [receiverCode, senderCode] = await bothEnded(what, receiver, sender);
      const arrived = await Deno.readFile(`${out}/d${i}/victim.bin`).catch(() => null);
      if (arrived !== null) {
        assert.ok(Buffer.from(arrived).equals(content), `${what}: something else arrived`);
      }
      // A file that only grew has all shared bytes: it may arrive.
      if (receiverCode === 0) {
        assert.ok(arrived !== null && what === "grows", what);
        return;
      }
      assert.ok(
        sender.events.some((event) => event.type === "source_changed" && event.name.endsWith("victim.bin")),
        `${what}: the sender does not name it\n${sender.output}`,
      );
      assert.ok(
        receiver.events.some((event) => event.type === "source_lost" && event.name.endsWith("victim.bin")),
        `${what}: the receiver does not name it\n${receiver.output}`,
      );
      assert.deepEqual([receiverCode, senderCode], [7, 7], `${what}\n${sender.output}\n${receiver.output}`);
      assert.equal(arrived, null);
      assert.equal((await Deno.readFile(`${out}/d${i}/other.bin`)).length, 9_000);
      named.push(what);
    }),
  );
  report(`D.31: ${Object.keys(CHANGES).length} changes, named by both sides: ${named.sort().join(", ")}`);
});

/** Changes of all files of a folder after the ticket. */
const ALL_LOST: Record<string, (folder: string) => Promise<void>> = {
  removed: async (folder) => {
    for (const name of ["a", "b"]) await Deno.remove(`${folder}/${name}`);
  },
  emptied: async (folder) => {
    for (const name of ["a", "b"]) await Deno.truncate(`${folder}/${name}`, 0);
  },
  moved: async (folder) => await Deno.rename(folder, `${folder}-elsewhere`),
};

Deno.test("E.6 a share that lost all of its files ends both sides with 4, before any data was sent", async () => {
  await using bench = await Bench.make();
  await Promise.all(
    Object.entries(ALL_LOST).map(async ([what, lose], i) => {
      const folder = bench.path(`all${i}`);
      await Deno.mkdir(folder);
      for (const name of ["a", "b"]) await Deno.writeFile(`${folder}/${name}`, noise(MIB + 7, i + 1));
      const sender = bench.pli(["send", ...LOCAL, folder]);
      const ticket = await sender.ticket();
      await lose(folder);
      const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path(`lost${i}/`), ticket]);
      const codes = await bothEnded(what, receiver, sender);
      assert.deepEqual(codes, [4, 4], `${what}\n${sender.output}\n${receiver.output}`);
      assert.ok(sender.events.some(({ type }) => type === "all_lost"), what);
    }),
  );
});
