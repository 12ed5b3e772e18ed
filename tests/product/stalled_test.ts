// E.26: one of two plis is suspended during a transfer. The other one reports the stall.

import assert from "node:assert/strict";
import { Bench, type RunningPli } from "./processes.ts";
import { noise } from "./trees.ts";

const LOCAL = ["--relay", "disabled", "--bind", "127.0.0.1:0"];
const SIZE_BYTES = 24 * 1024 * 1024;

/** Resolves at a JSON line with this amount. */
async function reached(side: RunningPli, bytes: number): Promise<void> {
  await side.stdout.first((line) => {
    const event = line.startsWith("{") ? JSON.parse(line) : {};
    return event.type === "progress" && event.bytes >= bytes || undefined;
  });
}

for (const stopped of ["sender", "receiver"] as const) {
  Deno.test(`E.26 while the ${stopped} is suspended, the other side shows the duration of the stall`, async () => {
    await using bench = await Bench.make();
    await Deno.writeFile(bench.path("large.bin"), noise(SIZE_BYTES, 3));
    // Slow enough for an interruption on any machine.
    const sender = bench.pli(["send", ...LOCAL, "--limit", "8M", "large.bin"]);
    const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()]);
    const [still, watching] = stopped === "sender" ? [sender, receiver] : [receiver, sender];
    await reached(watching, SIZE_BYTES / 8);
    still.process.kill("SIGSTOP");
    try {
      const stall = await watching.event("stalled");
      assert.ok(stall.seconds >= 2 && stall.seconds <= 4, `${stall.seconds}`);
    } finally {
      still.process.kill("SIGCONT");
    }
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);
    for (const side of [sender, receiver]) {
      const bytes = side.events.flatMap((event) => event.type === "progress" ? [event.bytes] : []);
      assert.deepEqual(bytes, bytes.toSorted((a, b) => a - b), "no figure falls");
      assert.equal(bytes.at(-1), SIZE_BYTES);
    }
  });
}
