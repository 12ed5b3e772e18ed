// D.31: a file that is changed by one byte or removed after the ticket, over lines of every kind, with the moments of the
// change and of a lost connection drawn from a seed. For every order of events the other file arrives, only the changed
// one is lost, and both sides end.

import { Chance } from "../fuzz/mutation.ts";
import { described, type Scenario, scenarioOf } from "./scenario.ts";
import { simulate } from "./simulation.ts";

const MIB = 1024 * 1024;
const OTHER = "src/other.bin";
const VICTIM = "src/victim.bin";
const SEEDS = Number(Deno.env.get("PLI_SIM_SEEDS") ?? (Deno.env.get("PLI_LONG") ? 400 : 8));
const FIRST_SEED = Number(Deno.env.get("PLI_SIM_FIRST") ?? 1);
/** A schedule in which the last of several streams is refused after the others have ended. */
const LAST_STREAM_REFUSED = [85, 87, 91];

const FILES = new Map([
  [OTHER, bytes(9_000, 1)],
  [VICTIM, bytes(6 * MIB, 2)],
]);

function bytes(sizeBytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, at) => Math.imul(at + seed, 0x9e3779b1) >>> 13);
}

function drawn(seed: number): Scenario {
  const chance = new Chance(Math.imul(seed, 0x85ebca6b));
  const changed = {
    moment: { kind: "bytes", count: chance.below(chance.pick([1, 20_000, 5 * MIB])) },
    fault: { kind: chance.pick(["source changed", "source changed", "source gone"] as const), file: 1 },
  } as const;
  const cut = {
    moment: { kind: "bytes", count: chance.below(7 * MIB) },
    fault: { kind: "cut", isSilent: chance.below(2) === 0, awayMs: 0 },
  } as const;
  return {
    ...scenarioOf(1),
    seed,
    files: FILES,
    wanted: null,
    existing: "merge",
    isToFunction: false,
    before: new Map(),
    isKept: false,
    hasLinks: true,
    syncsVolume: true,
    isSlowDisk: chance.below(2) === 0,
    latencyMs: chance.pick([1, 5, 20, 60, 150]),
    bytesPerMs: chance.pick([300, 700, 1_000, 3_000, 100_000]),
    packetBytes: 65_536,
    faults: chance.below(2) === 0 ? [changed] : [changed, cut],
  };
}

Deno.test(`D.31 ${SEEDS} drawn and known schedules of a changed source: both sides end, and the other file arrives`, async () => {
  const failed: string[] = [];
  const seeds = new Set(LAST_STREAM_REFUSED);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) seeds.add(seed);
  for (const seed of seeds) {
    const scenario = drawn(seed);
    try {
      const { result, shareEnd } = await simulate(scenario);
      if (result !== "fetched") throw new Error(`the download ends with ${result}`);
      // A change of data that was already sent has no effect.
      const hasEnded = shareEnd === "partial" || shareEnd === "delivered";
      if (!hasEnded) throw new Error(`the share ends with ${shareEnd}`);
    } catch (error) {
      failed.push(
        `${described(scenario)} ${scenario.latencyMs} ms ${scenario.bytesPerMs}\n${(error as Error).stack}`,
      );
      if (failed.length === 5) break;
    }
  }
  if (failed.length > 0) throw new Error(failed.join("\n\n"));
});
