// E.31: a share that is kept for 24 hours of virtual time, with receivers that connect and disconnect: the number of
// live objects at the end of an hour is the same from the second hour to the last. It runs in a separate process, which
// can collect its garbage.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { report } from "../report.ts";
import type { HourSample } from "./long_share.ts";

const PROGRAM = fileURLToPath(new URL("./long_share.ts", import.meta.url));
/** The hour by which the share keeps its maximum of receivers. */
const SETTLED_HOUR = 2;
/** The hour by which the compiled code of the busy hours is collected too. */
const WARM_HOUR = 4;
/** The resources of visits, which are released when all visits have ended. */
const NOTHING = ["connections", "streams", "timers", "openFiles", "blocks", "budgetBytes", "peers"] as const;
/** Maximum number of receivers with kept figures; those of complete receivers are kept while they are connected. */
const MAXIMUM_PROGRESSES = 256;
/** 500 bytes for each visit since. */
const MAXIMUM_GROWTH_BYTES = 256 * 1024;

async function samplesOfADay(): Promise<HourSample[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--v8-flags=--expose-gc", PROGRAM],
    env: { DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  return decoder.decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("E.31 24 virtual hours of a kept share: receivers leave no objects", async () => {
  const samples = await samplesOfADay();
  assert.equal(samples.length, 24);
  const visits = samples.reduce((sum, each) => sum + each.visits, 0);
  const completed = samples.reduce((sum, each) => sum + each.completed, 0);
  const settled = samples[SETTLED_HOUR - 1];
  const warm = samples[WARM_HOUR - 1];
  const last = samples[samples.length - 1];
  report(
    `E.31: ${visits} visits, ${completed} of them complete; entries of maps and sets ${settled.entries} after hour ` +
      `${SETTLED_HOUR}, ${last.entries} after hour 24; heap ${warm.heapBytes} bytes after hour ${WARM_HOUR}, ` +
      `${last.heapBytes} after hour 24`,
  );
  // Enough receivers connected, and in every hour one received everything.
  assert.ok(visits > 1_500 && samples.every((each) => each.completed > 0));
  for (const sample of samples) {
    const left = NOTHING.filter((of) => sample[of] !== 0);
    assert.deepEqual(left, [], JSON.stringify(sample));
    assert.equal(sample.endpoints, 1, JSON.stringify(sample));
  }
  for (const sample of samples.slice(SETTLED_HOUR)) {
    const moreProgresses = MAXIMUM_PROGRESSES - settled.progresses;
    assert.ok(sample.progresses <= MAXIMUM_PROGRESSES, JSON.stringify(sample));
    assert.ok(sample.entries <= settled.entries + moreProgresses, JSON.stringify([settled, sample]));
    assert.ok(sample.heapBytes <= settled.heapBytes, JSON.stringify([settled, sample]));
  }
  assert.ok(last.heapBytes <= warm.heapBytes + MAXIMUM_GROWTH_BYTES, JSON.stringify([warm, last]));
});
