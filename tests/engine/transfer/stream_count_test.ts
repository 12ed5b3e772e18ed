import assert from "node:assert/strict";
import { StreamCount } from "../../../src/engine/transfer/fetch/stream_count.ts";

/** Simulates time on a path that carries `rate(streams)` bytes per millisecond. */
function run(
  count: StreamCount,
  rate: (streams: number) => number,
  durationMs: number,
  startMs = 0,
): number[] {
  const targets: number[] = [];
  for (let nowMs = startMs + 10; nowMs <= startMs + durationMs; nowMs += 10) {
    count.arrived(rate(count.target) * 10, nowMs);
    targets.push(count.target);
  }
  return targets;
}

Deno.test("on a path with a long round trip streams are added until the path is full", () => {
  const count = new StreamCount(0, 50);
  assert.equal(count.target, 4);
  run(count, (streams) => Math.min(streams * 10_000, 75_000), 3_000);
  assert.equal(count.target, 8);
});

Deno.test("on a path with a short round trip one stream is used, and others are probed occasionally", () => {
  const count = new StreamCount(0, 0.2);
  const targets = run(count, () => 400_000, 20_000);
  assert.equal(count.target, 1);
  const share = targets.filter((target) => target === 1).length / targets.length;
  assert.ok(share > 0.9, `${share}`);
  assert.ok(targets.includes(2));
});

Deno.test("at most the maximum, and one with a required order", () => {
  assert.ok(run(new StreamCount(0, 100), (streams) => streams * 1000, 30_000).every((target) => target <= 8));
  assert.ok(
    run(new StreamCount(0, 100, 1), (streams) => streams * 1000, 30_000).every((target) => target === 1),
  );
});

Deno.test("a busy provider halves the streams for a while", () => {
  const count = new StreamCount(0, 50);
  run(count, (streams) => streams * 1000, 2_000);
  const before = count.target;
  count.busy(2_000);
  assert.equal(count.target, before / 2);
  run(count, (streams) => streams * 1000, 4_000, 2_000);
  assert.equal(count.target, before / 2);
  for (let i = 0; i < 5; i++) count.busy(6_000);
  assert.equal(count.target, 1);
});
