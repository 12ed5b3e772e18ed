import assert from "node:assert/strict";
import { StallMeter, watchStalls } from "../../../src/engine/transfer/stall_watch.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";

Deno.test("E.26 a stall is reported from two seconds on, once a second, and its end", () => {
  const meter = new StallMeter(0, 0);
  assert.equal(meter.check(0, 1_999), undefined);
  assert.equal(meter.check(0, 2_000), 2);
  assert.equal(meter.check(0, 2_500), undefined);
  assert.equal(meter.check(0, 3_100), 3);
  assert.equal(meter.check(5, 3_200), null);
  assert.equal(meter.check(5, 3_300), undefined);
  assert.equal(meter.check(6, 4_000), undefined);
  assert.equal(meter.check(6, 6_000), 2);
});

Deno.test("E.26 a stall of more than a minute is reported every ten seconds", () => {
  const meter = new StallMeter(0, 0);
  const reported = [];
  for (let nowMs = 0; nowMs <= 100_000; nowMs += 250) reported.push(meter.check(0, nowMs));
  const seconds = reported.filter((one) => one !== undefined);
  assert.deepEqual(seconds, [...Array.from({ length: 59 }, (_, i) => i + 2), 70, 80, 90, 100]);
});

Deno.test("E.26 a transfer is watched until its end", async () => {
  const clock = new VirtualClock();
  const over = new AbortController();
  const reported: (number | null)[] = [];
  let bytes = 0;
  const watch = watchStalls(clock, () => bytes, (seconds) => reported.push(seconds), over.signal);
  await clock.pass(3_500);
  bytes = 10;
  await clock.pass(1_000);
  assert.deepEqual(reported, [2, 3, null]);
  over.abort();
  await watch;
  await clock.pass(10_000);
  assert.deepEqual(reported, [2, 3, null]);
});
