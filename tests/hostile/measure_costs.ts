// A process of its own that reads the worst messages and prints what a byte of each costs: a line of JSON for each.
//
//   deno run -A --v8-flags=--expose-gc tests/hostile/measure_costs.ts

import { threadCpuUsage } from "node:process";
import { report } from "../report.ts";
import { CASES, type CostCase } from "./cost_cases.ts";

export interface Cost {
  reader: string;
  name: string;
  /** Memory that what was read keeps, beside the message. */
  keptBytesPerByte: number;
  nanosecondsPerByte: number;
}

/** Each is read again until that has taken so long: the system counts in steps of 10 ms. */
const LEAST_MS = 20;
/** Where more than this is kept of a byte it is measured again: it may be what the collector takes later. */
const MUCH = 5;
/** What a small object takes is no cost of a byte. */
const FREE_BYTES = 64 * 1024;

const { gc } = globalThis as unknown as { gc: () => void };

async function usedBytes(): Promise<number> {
  for (let i = 0; i < 2; i++) {
    gc();
    // Arrays outside of the heap are given back by another thread.
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
