// Damaged answers at a receiver; the full number is in tests/full.

import assert from "node:assert/strict";
import { damageDownloads } from "./damaged.ts";
import { report } from "../report.ts";

Deno.test("B.11 a flipped, truncated, extended or reordered answer is an error, and no wrong byte is written", async () => {
  const counts = await damageDownloads(200);
  report(`B.11: ${JSON.stringify(counts)}`);
  assert.ok(counts.refused > counts.runs / 2 && counts.writtenBytes > 0);
});
