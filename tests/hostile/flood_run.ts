// Measures the cost of a flood for an honest receiver and the provider: the same download without and with it, in
// alternating pairs, from a kept share in a separate process.

import assert from "node:assert/strict";
import { Bench, type RunningPli } from "../product/processes.ts";
import { noise } from "../product/trees.ts";
import { Flood, type FloodSize, type FloodState } from "./flood.ts";
import { delay, MIB, watchMemory } from "./raw.ts";

const LOCAL = ["--relay", "disabled"];

export interface FloodResult {
  /** Rates of the honest receiver in MB/s, pair by pair. */
  alone: number[];
  beside: number[];
  /** Growth of the provider's memory over its peak before the first flood, with honest receivers alone. */
  growthBytes: number;
  /** After the first download beside the flood, and at the end. */
  first: FloodState;
  last: FloodState;
}

export interface FloodPlan {
  fileBytes: number;
  pairs: number;
  /** Time of the flood before the honest receiver connects, in which it fills its windows. */
  settleMs: number;
  /** Time of the last sample of the flood. */
  afterMs: number;
}

export async function measureFlood(
  size: FloodSize,
  { fileBytes, pairs, settleMs, afterMs }: FloodPlan,
): Promise<FloodResult> {
  await using bench = await Bench.make();
  const content = noise(Math.min(fileBytes, 8 * MIB));
  const file = await Deno.open(bench.path("file"), { write: true, create: true });
  for (let bytes = 0; bytes < fileBytes; bytes += content.length) await file.write(content);
  file.close();
  const sender = bench.pli(["send", ...LOCAL, "--keep", bench.path("file")]);
  const ticket = await sender.ticket();
  const pid = sender.process.pid;
  let floodPeak = 0;
  const result: Pick<FloodResult, "alone" | "beside"> = { alone: [], beside: [] };
  let first: FloodState | undefined;
  let last: FloodState | undefined;
  // The first downloads fill the provider's pools and the page cache, and their speed is not measured. They alone show
  // the memory of honest receivers: later ones reuse memory of the flood.
  let watch = watchMemory(pid);
  for (const name of ["warm", "warmer"]) await download(bench, ticket, name);
  const honestPeak = watch.stop();
  for (let pair = 0; pair < pairs; pair++) {
    result.alone.push(await download(bench, ticket, `alone${pair}`));
    watch = watchMemory(pid);
    await using flood = await Flood.start(ticket, size);
    await delay(settleMs);
    result.beside.push(await download(bench, ticket, `beside${pair}`));
    first ??= await flood.state();
    if (pair === pairs - 1) {
      await delay(afterMs);
      last = await flood.state();
    }
    floodPeak = Math.max(floodPeak, watch.stop());
  }
  assert.ok(first !== undefined && last !== undefined);
  assert.ok(!sender.events.some((event) => event.type === "source_changed"), sender.output);
  return { ...result, growthBytes: floodPeak - honestPeak, first, last };
}

/** The rate of one honest download, in MB/s. */
async function download(bench: Bench, ticket: string, name: string): Promise<number> {
  const receiver: RunningPli = bench.pli(["receive", ...LOCAL, "-o", `${bench.path(name)}/`, ticket]);
  assert.equal(await receiver.ended(), 0, receiver.output);
  const done = await receiver.event("done");
  await Deno.remove(bench.path(name), { recursive: true });
  return done.bytes / 1e6 / done.seconds;
}

/** The median. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
