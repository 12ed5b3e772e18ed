// A share with some unknown peers; large_flood_test.ts has a thousand.

import assert from "node:assert/strict";
import { measureFlood, median } from "../hostile/flood_run.ts";
import { mebibytes, MIB } from "../hostile/raw.ts";
import { report } from "../report.ts";

Deno.test("B.15 an honest receiver connects and gets its file beside 140 connections and 150 streams", async () => {
  const size = { connections: 140, streams: 150 };
  const result = await measureFlood(size, { fileBytes: 8 * MIB, pairs: 1, settleMs: 300, afterMs: 0 });
  report(
    `B.15: 140 connections, 150 streams: ${median(result.alone).toFixed(0)} MB/s alone, ` +
      `${median(result.beside).toFixed(0)} beside them, memory +${mebibytes(result.growthBytes)}`,
  );
  assert.ok(result.last.openConnections <= 130, JSON.stringify(result.last));
});
