// Large files between two real processes: their bytes, and the memory of both.

import assert from "node:assert/strict";
import { Bench, type Running } from "../product/processes.ts";
import { noise } from "../product/trees.ts";

const LOCAL = ["--relay", "disabled"];
const MEBIBYTE = 1024 * 1024;

/** Peak memory of a process so far, in bytes; 0 when it has ended. */
function peakBytes({ process }: Running): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${process.pid}/status`);
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Sends a file to another process. Resolves to the peak memory of both, sampled ten times a second. */
async function transfer(bench: Bench, path: string) {
  const sender = bench.pli(["send", ...LOCAL, path]);
  const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()]);
  const peaks = { sender: 0, receiver: 0 };
  const watch = setInterval(() => {
    peaks.sender = Math.max(peaks.sender, peakBytes(sender));
    peaks.receiver = Math.max(peaks.receiver, peakBytes(receiver));
  }, 100);
  try {
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);
  } finally {
    clearInterval(watch);
  }
  return peaks;
}

async function sameContent(a: string, b: string): Promise<boolean> {
  const { code } = await new Deno.Command("cmp", { args: [a, b], stdout: "null", stderr: "null" }).output();
  return code === 0;
}

Deno.test("a file of 200 MiB arrives byte for byte", async () => {
  await using bench = await Bench.make();
  const file = await Deno.open(bench.path("large.bin"), { write: true, create: true });
  const writer = file.writable.getWriter();
  for (let i = 0; i < 50; i++) await writer.write(noise(4 * MEBIBYTE, i + 1));
  await writer.close();
  await transfer(bench, bench.path("large.bin"));
  assert.ok(await sameContent(bench.path("large.bin"), bench.path("out", "large.bin")));
  assert.deepEqual([...Deno.readDirSync(bench.path("out"))].map(({ name }) => name), ["large.bin"]);
});

Deno.test("neither side needs 200 MB of memory for a file of 512 MiB", async () => {
  await using bench = await Bench.make();
  const file = await Deno.open(bench.path("large.bin"), { write: true, create: true });
  await file.truncate(512 * MEBIBYTE);
  file.close();
  const peaks = await transfer(bench, bench.path("large.bin"));
  const inMegabytes = { sender: peaks.sender / 1e6, receiver: peaks.receiver / 1e6 };
  Deno.stdout.writeSync(new TextEncoder().encode(`peak memory in MB: ${JSON.stringify(inMegabytes)}\n`));
  assert.ok(peaks.sender > 20e6 && peaks.sender < 200e6, JSON.stringify(inMegabytes));
  assert.ok(peaks.receiver > 20e6 && peaks.receiver < 200e6, JSON.stringify(inMegabytes));
});
