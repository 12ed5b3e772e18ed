import { ok, strictEqual } from "node:assert";
import { Rate } from "../../src/cli/rate.ts";

Deno.test("rate: is unknown until time has passed, then what it is", () => {
  const rate = new Rate();
  rate.note(0, 0);
  strictEqual(rate.bytesPerSecond, null);
  rate.note(1_000, 10);
  strictEqual(rate.bytesPerSecond, null);
  rate.note(1_000, 1_000);
  strictEqual(rate.bytesPerSecond, 1_000);
});

Deno.test("rate: follows a change slowly, and arrives", () => {
  const rate = new Rate();
  for (let second = 0; second <= 10; second++) rate.note(second * 1_000, second * 1_000);
  rate.note(20_000, 11_000);
  ok(rate.bytesPerSecond! > 1_000 && rate.bytesPerSecond! < 5_000);
  for (let second = 1; second <= 60; second++) rate.note(20_000 + second * 10_000, 11_000 + second * 1_000);
  ok(Math.abs(rate.bytesPerSecond! - 10_000) < 100);
});

Deno.test("rate: a count that goes back begins anew", () => {
  const rate = new Rate();
  rate.note(0, 0);
  rate.note(1_000, 1_000);
  rate.note(10, 2_000);
  strictEqual(rate.bytesPerSecond, null);
});
