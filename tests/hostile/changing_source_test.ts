// Files that change while two real plis transfer them: the receiver never ends well with something else than the
// ticket promised, and both sides name the file.

import assert from "node:assert/strict";
import { Bench } from "../product/processes.ts";
import { noise } from "../product/trees.ts";
import { delay, MIB } from "./raw.ts";
import { report } from "../report.ts";

const LOCAL = ["--relay", "disabled"];
const SIZE_BYTES = 6 * MIB;

/** What happens to the file that is being sent, after its ticket was made. */
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

Deno.test("D.31 a source that changes while it is shared is never received as something else", async () => {
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
      const receiver = bench.pli(["receive", ...LOCAL, "-o", out, ticket]);
      const ends = await Promise.race([
        Promise.all([receiver.ended(), sender.ended()]),
        delay(20_000).then(() => undefined),
      ]);
      assert.ok(ends !== undefined, `${what}: no end\n${sender.output}\n${receiver.output}`);
      const [receiverCode] = ends;
      const arrived = await Deno.readFile(`${out}/d${i}/victim.bin`).catch(() => null);
      if (arrived !== null) {
        assert.ok(Buffer.from(arrived).equals(content), `${what}: something else arrived`);
      }
      // A file that only grew still has all that was promised: then it may arrive.
      if (receiverCode === 0) {
        assert.ok(arrived !== null && what === "grows", what);
        return;
      }
      assert.ok(
        sender.events.some((event) => event.type === "source_changed" && event.name.endsWith("victim.bin")),
        `${what}: the sender does not name it\n${sender.output}`,
      );
      const error = receiver.events.find((event) => event.type === "error");
      assert.ok(
        error?.type === "error" && error.message.includes("victim.bin"),
        `${what}: the receiver does not name it\n${receiver.output}`,
      );
      named.push(what);
    }),
  );
  report(`D.31: ${Object.keys(CHANGES).length} changes, named by both sides: ${named.sort().join(", ")}`);
});
