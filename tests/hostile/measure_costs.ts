// A separate process that reads the worst messages and prints the cost of a byte: a line of JSON for each.
//
//   deno run -A --v8-flags=--expose-gc tests/hostile/measure_costs.ts

import { threadCpuUsage } from "node:process";
import { report } from "../report.ts";
import { CASES, type CostCase } from "./cost_cases.ts";

export interface Cost {
  reader: string;
  name: string;
  /** Memory that the result keeps, besides the message. */
  keptBytesPerByte: number;
  nanosecondsPerByte: number;
}

/** Minimum duration of repeated reads: the system counts in steps of 10 ms. */
const LEAST_MS = 20;
/** A result above this is measured again, because it may include garbage. */
const MUCH = 5;
/** The size of a small object, which is no cost of a byte. */
const FREE_BYTES = 64 * 1024;

const { gc } = globalThis as unknown as { gc: () => void };

async function usedBytes(): Promise<number> {
  for (let i = 0; i < 2; i++) {
    gc();
    // Arrays outside of the heap are released by another thread.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

function processorMs(): number {
  const { user, system } = threadCpuUsage();
  return (user + system) / 1000;
}

async function keptOf(run: () => unknown): Promise<number> {
  const before = await usedBytes();
  const kept = [run()];
  const bytes = await usedBytes() - before - FREE_BYTES;
  kept.length = 0;
  return Math.max(0, bytes);
}

async function measure({ reader, name, bytes, run }: CostCase): Promise<Cost> {
  run();
  const startMs = processorMs();
  let [times, ms] = [0, 0];
  do {
    run();
    times++;
    ms = processorMs() - startMs;
  } while (ms < LEAST_MS);
  let keptBytes = await keptOf(run);
  if (keptBytes > MUCH * bytes) keptBytes = Math.min(keptBytes, await keptOf(run));
  return { reader, name, keptBytesPerByte: keptBytes / bytes, nanosecondsPerByte: ms * 1e6 / times / bytes };
}

for (const each of CASES) report(JSON.stringify(await measure(each)));
