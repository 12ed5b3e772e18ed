// What a receiver makes of answers that were damaged; the whole number is in tests/full.

import assert from "node:assert/strict";
import { damageDownloads } from "./damaged.ts";
import { report } from "../report.ts";

Deno.test("B.11 a flipped, cut, appended or reordered answer is an error, and nothing of it is written", async () => {
  const counts = await damageDownloads(200);
  report(`B.11: ${JSON.stringify(counts)}`);
  assert.ok(counts.refused > counts.runs / 2 && counts.writtenBytes > 0);
});
