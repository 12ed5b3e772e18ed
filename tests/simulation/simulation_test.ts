// D.36: whole transfers in virtual time, with random faults from a seed. PLI_SIM_SEED repeats one, PLI_SIM_SEEDS is
// their number; 500 with PLI_LONG=1.

import assert from "node:assert/strict";
import { described, scenarioOf } from "./scenario.ts";
import { type Outcome, simulate } from "./simulation.ts";

const SEED = Deno.env.get("PLI_SIM_SEED");
const FIRST_SEED = Number(SEED ?? Deno.env.get("PLI_SIM_FIRST") ?? 1);
const SEEDS = SEED !== undefined
  ? 1
  : Number(Deno.env.get("PLI_SIM_SEEDS") ?? (Deno.env.get("PLI_LONG") ? 500 : 15));

Deno.test(`D.36 ${SEEDS} simulated transfers: no wrong file, and all end after their faults`, async () => {
  const outcomes: Outcome[] = [];
  const failed: string[] = [];
  const startMs = performance.now();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const scenario = scenarioOf(seed);
    try {
      outcomes.push(await simulate(scenario));
    } catch (error) {
      const text = error instanceof Error ? error.stack : String(error);
      failed.push(`${described(scenario)}\n${text}`);
      if (failed.length === 10) break;
    }
  }
  const results = Map.groupBy(outcomes, ({ result }) => result);
  const faults = outcomes.reduce((sum, each) => sum + each.faults.length, 0);
  const longestMs = Math.max(0, ...outcomes.map(({ afterMs }) => afterMs));
  const hours = outcomes.reduce((sum, { virtualMs }) => sum + virtualMs, 0) / 3_600_000;
  say(
    `simulation: ${
      outcomes.length + failed.length
    } seeds from ${FIRST_SEED}, ${faults} faults, ${failed.length} failed, ` +
      `${[...results].map(([result, of]) => `${of.length} ${result}`).join(", ")}; ` +
      `at most ${(longestMs / 1000).toFixed(0)} s after the last fault; ${hours.toFixed(0)} h passed in ` +
      `${((performance.now() - startMs) / 1000).toFixed(0)} s`,
  );
  if (failed.length > 0) throw new Error(failed.join("\n\n"));
});

Deno.test("D.36 a seed has the same result each time", async () => {
  for (let seed = 1; seed <= 8; seed++) {
    assert.deepEqual(await simulate(scenarioOf(seed)), await simulate(scenarioOf(seed)), `seed ${seed}`);
  }
});

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
