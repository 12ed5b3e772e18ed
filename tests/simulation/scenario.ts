// A scenario of a seed: files, a line between two computers, the content of the destination, and faults with their
// moments.

import type { ExistingPolicy } from "../../src/engine/mod.ts";
import { Chance } from "../fuzz/mutation.ts";
import { DISK_CALLS, type FailingCalls } from "./process_disk.ts";

const MIB = 1024 * 1024;

/** The moment of a fault: after some time, some bytes on the wire, or some operations of the receiver's disk. */
export interface Moment {
  kind: "ms" | "bytes" | "operations";
  count: number;
}

export type Fault =
  /** `isSilent`: each side detects it only by a timeout. */
  | { kind: "cut" | "sender killed" | "receiver killed" | "power cut"; isSilent: boolean; awayMs: number }
  | { kind: "network down" | "disk full" | "bits flipped"; awayMs: number }
  | { kind: "sender frozen" | "receiver frozen"; awayMs: number }
  | { kind: "clock set"; byMs: number }
  | { kind: "source changed" | "source gone"; file: number }
  | { kind: "cancelled" | "other_receiver" }
  /** Calls of the receiver's disk fail with an error of the device. */
  | { kind: "disk fails"; calls: FailingCalls }
  /** The same for the sender: an unreadable file counts as changed. */
  | { kind: "sender's disk fails"; calls: FailingCalls };

export interface Scenario {
  seed: number;
  /** By their names in the share. */
  files: Map<string, Uint8Array>;
  wanted: ReadonlySet<string> | null;
  existing: ExistingPolicy;
  /** Whether the bytes go to a function instead of a folder. */
  isToFunction: boolean;
  /** The initial content of the destination. */
  before: Map<string, Uint8Array>;
  isKept: boolean;
  hasLinks: boolean;
  syncsVolume: boolean;
  isSlowDisk: boolean;
  latencyMs: number;
  bytesPerMs: number;
  packetBytes: number;
  faults: { moment: Moment; fault: Fault }[];
}

const SMALL = [0, 1, 100, 1024, 5000, 16_384, 16_385, 40_000, 65_536, 65_537, 150_000];
const FAILING = ["disk fails", "disk fails", "disk fails", "sender's disk fails"] as const;
const LARGE = [MIB - 1, MIB, MIB + 1, 2 * MIB + 5, 3 * MIB];
const NAMES = ["a", "b", "c/a", "c/b", "c/d/a", "e/a", "e/b", "f/a.txt", "f/b.tar.gz", "g", "h/i/j/k", "z"];
/** Files are parts of this noise, because creating it for each would take most of the time. */
const NOISE = noise(8 * MIB);

/** The scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  const chance = new Chance(Math.imul(seed, 0x9e3779b1));
  const oneIn = (times: number): boolean => chance.below(times) === 0;
  const large = oneIn(3) ? 1 + chance.below(2) : 0;
  const count = oneIn(6) ? 1 : 1 + chance.below(NAMES.length);
  const names = NAMES.toSorted(() => chance.below(3) - 1).slice(0, count);
  const files = new Map(names.map((name, at) => {
    const sizeBytes = chance.pick(at < large ? LARGE : SMALL);
    return [`src/${name}`, cutNoise(chance, sizeBytes)];
  }));
  const before = new Map<string, Uint8Array>();
  if (oneIn(3)) {
    before.set("other", cutNoise(chance, 10));
    for (const [name, bytes] of files) {
      if (oneIn(3)) before.set(name, oneIn(2) ? bytes : cutNoise(chance, chance.pick(SMALL)));
    }
  }
  const sizeBytes = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  const faults: Scenario["faults"] = Array.from({ length: chance.pick([0, 1, 1, 2, 3, 4, 6]) }, () => ({
    moment: momentOf(chance, sizeBytes),
    fault: faultOf(chance, count),
  }));
  const wanted = oneIn(6) ? new Set([...files.keys()].filter((_, at) => at === 0 || oneIn(2))) : null;
  const rest = {
    isToFunction: count === 1 && oneIn(3),
    existing: chance.pick(["merge", "merge", "merge", "overwrite", "rename", "skip"] as const),
    isKept: oneIn(5),
    hasLinks: !oneIn(10),
    syncsVolume: !oneIn(3),
    isSlowDisk: oneIn(3),
    latencyMs: chance.pick([1, 1, 5, 40, 150]),
    bytesPerMs: chance.pick([100, 1_000, 10_000, 100_000]),
    // Each packet takes the simulation some time.
    packetBytes: chance.pick(sizeBytes < MIB ? [1_200, 16_384, 65_536] : [65_536]),
  };
  while (oneIn(2) && faults.length < 8) {
    faults.push({
      moment: momentOf(chance, sizeBytes),
      fault: { kind: chance.pick(FAILING), calls: callsOf(chance) },
    });
  }
  return {
    seed,
    files,
    wanted,
    before,
    ...rest,
    faults,
  };
}

/** A description of a scenario. */
export function described(
  { seed, files, existing, isToFunction, wanted, before, isKept, hasLinks, faults }: Scenario,
): string {
  const sizes = [...files].map(([name, bytes]) => `${name} ${bytes.length}`).join(", ");
  const wrong = faults.map(({ moment, fault }) =>
    `${JSON.stringify(fault)} after ${moment.count} ${moment.kind}`
  );
  return `seed ${seed}: ${sizes}; ${isToFunction ? "to a function" : existing}${isKept ? ", kept" : ""}${
    hasLinks ? "" : ", no links"
  }` +
    `${wanted === null ? "" : `, only ${[...wanted].join(" ")}`}, before: ${[...before.keys()].join(" ")}; ` +
    `${wrong.join(", ")}. PLI_SIM_SEED=${seed} replays it`;
}

function momentOf(chance: Chance, sizeBytes: number): Moment {
  const kind = chance.pick(["bytes", "bytes", "operations", "operations", "ms"] as const);
  const ends = {
    bytes: [5_000, sizeBytes, sizeBytes + 20_000],
    operations: [30, 100, 250],
    ms: [200, 3_000, 60_000],
  };
  return { kind, count: chance.below(chance.pick(ends[kind]) + 1) };
}

function faultOf(chance: Chance, files: number): Fault {
  const isSilent = chance.below(2) === 0;
  const awayMs = chance.pick([0, 100, 3_000, 20_000, 70_000, 200_000]);
  switch (chance.below(18)) {
    case 0:
    case 1:
      return { kind: "sender killed", isSilent, awayMs };
    case 2:
    case 3:
    case 4:
      return { kind: "receiver killed", isSilent, awayMs };
    case 5:
    case 6:
    case 7:
      return { kind: "power cut", isSilent, awayMs };
    case 8:
      return { kind: "network down", awayMs };
    case 9:
      return { kind: "disk full", awayMs };
    case 10:
      return { kind: "bits flipped", awayMs };
    case 11:
      return { kind: "clock set", byMs: (chance.below(2) - 0.5) * 2 * 86_400_000 };
    case 12:
      return { kind: chance.pick(["source changed", "source gone"] as const), file: chance.below(files) };
    case 13:
      return { kind: chance.pick(["sender frozen", "receiver frozen"] as const), awayMs };
    case 14:
      return { kind: "cancelled" };
    case 15:
      return { kind: "other_receiver" };
    default:
      return { kind: "cut", isSilent, awayMs };
  }
}

function callsOf(chance: Chance): FailingCalls {
  return { call: chance.pick(DISK_CALLS), skipped: chance.below(12), count: chance.pick([1, 1, 1, 2, 5]) };
}

function cutNoise(chance: Chance, sizeBytes: number): Uint8Array {
  const start = 4 * chance.below((NOISE.length - sizeBytes) / 4);
  return NOISE.slice(start, start + sizeBytes);
}

function noise(sizeBytes: number): Uint8Array {
  const words = new Uint32Array(sizeBytes / 4);
  let state = 0x2545f491;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
}
