import { ok, strictEqual } from "node:assert";
import { type Speed, speedAfter } from "../../../src/app/transfers/speed.ts";

/** The speed after samples of a count, each with its time. */
function speedOf(samples: readonly (readonly [bytes: number, nowMs: number])[]): number | null {
  let speed: Speed | null = null;
  for (const [bytes, nowMs] of samples) speed = speedAfter(speed, bytes, nowMs);
  return speed!.bytesPerSecond;
}

Deno.test("speed: is unknown until time has passed", () => {
  strictEqual(speedOf([[0, 0]]), null);
  strictEqual(speedOf([[0, 0], [1_000, 10]]), null);
  strictEqual(speedOf([[0, 0], [1_000, 10], [1_000, 1_000]]), 1_000);
});

Deno.test("speed: follows a change slowly, up to its value", () => {
  const steady = Array.from({ length: 11 }, (_, second) => [second * 1_000, second * 1_000] as const);
  const faster = speedOf([...steady, [20_000, 11_000]])!;
  ok(faster > 1_000 && faster < 5_000);
  const later = Array.from({ length: 60 }, (_, second) => {
    return [20_000 + (second + 1) * 10_000, 12_000 + second * 1_000] as const;
  });
  ok(Math.abs(speedOf([...steady, [20_000, 11_000], ...later])! - 10_000) < 100);
});

Deno.test("speed: a count that falls restarts the measurement", () => {
  strictEqual(speedOf([[0, 0], [1_000, 1_000], [10, 2_000]]), null);
});
