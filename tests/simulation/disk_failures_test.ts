// E.20: a receive with one failing call of the disk: each call of each kind, one after the other. The attempt ends
// with an error of the disk or continues, keeps no file open and no lock, and the next attempt receives everything.
// The watchdog of the simulation ends a run that stalls in virtual time.

import { DISK_CALLS, type DiskCall } from "./process_disk.ts";
import { described, type Scenario, scenarioOf } from "./scenario.ts";
import { simulate } from "./simulation.ts";

const MIB = 1024 * 1024;
const IS_LONG = Deno.env.get("PLI_LONG") !== undefined;

function bytes(sizeBytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, at) => Math.imul(at + seed, 0x9e3779b1) >>> 13);
}

/** One large file, one of one block, small ones in folders, and an empty one. */
const FILES = new Map([
  ["src/large", bytes(2 * MIB + 5, 1)],
  ["src/block", bytes(200_000, 2)],
  ["src/a/b/small", bytes(5_000, 3)],
  ["src/a/other", bytes(100, 4)],
  ["src/empty", bytes(0, 5)],
]);

/** The ways in which files are published: into a new folder, merged, over existing files, and without links. */
const WAYS: Record<string, Partial<Scenario>> = {
  "into a new folder": {},
  "merged": { before: new Map([["src/a/other", bytes(7, 6)], ["src/kept", bytes(10, 7)]]) },
  "overwriting": { before: new Map([["src/a/other", bytes(7, 6)]]), existing: "overwrite" },
  "without links": { before: new Map([["src/kept", bytes(10, 7)]]), hasLinks: false },
  "flushed by file": { syncsVolume: false },
};

function scenario(way: Partial<Scenario>, call: DiskCall, skipped: number, count: number): Scenario {
  return {
    ...scenarioOf(1),
    files: FILES,
    wanted: null,
    existing: "merge",
    isToFunction: false,
    before: new Map(),
    isKept: false,
    hasLinks: true,
    syncsVolume: true,
    isSlowDisk: false,
    latencyMs: 1,
    bytesPerMs: 100_000,
    packetBytes: 65_536,
    ...way,
    faults: [{
      moment: { kind: "operations", count: 0 },
      fault: { kind: "disk fails", calls: { call, skipped, count } },
    }],
  };
}

/** A short run takes one of the ways. */
const TAKEN = Object.entries(WAYS).filter(([name]) => IS_LONG || name === "merged");

for (const [name, way] of TAKEN) {
  Deno.test(`E.20 each call of the disk fails once, ${name}: the receive ends, and the next one completes`, async () => {
    const failed: string[] = [];
    const counts: string[] = [];
    for (const call of DISK_CALLS) {
      let calls = 0;
      for (const count of IS_LONG ? [1, 2, 4] : [1]) {
        for (let skipped = 0;; skipped++) {
          const drawn = scenario(way, call, skipped, count);
          try {
            const { failedCalls, result } = await simulate(drawn);
            if (result !== "fetched") throw new Error(`the result is ${result}`);
            if (failedCalls < count) break;
          } catch (error) {
            failed.push(`${call} ${skipped}: ${described(drawn)}\n${(error as Error).stack}`);
            if (failed.length === 5) throw new Error(failed.join("\n\n"));
          }
          calls++;
        }
      }
      counts.push(`${calls} ${call}`);
    }
    Deno.stdout.writeSync(new TextEncoder().encode(`E.20 ${name}: ${counts.join(", ")}\n`));
    if (failed.length > 0) throw new Error(failed.join("\n\n"));
  });
}
