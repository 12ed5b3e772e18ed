// Ten thousand damaged answers.

import assert from "node:assert/strict";
import { damageDownloads } from "../hostile/damaged.ts";
import { report } from "../report.ts";

Deno.test("B.11 of 10,000 damaged answers no unverified byte is written", async () => {
  const counts = await damageDownloads(10_000, 100_000);
  report(`B.11: ${JSON.stringify(counts)}`);
  assert.ok(counts.refused > counts.runs / 2 && counts.writtenBytes > 0);
});
