// The interface of a case of the benchmark. Each is a file in cases/; main.ts has the list.

import type { Lab } from "./lab.ts";
import type { Comparison } from "./statistics.ts";

export interface Case {
  /** What it measures; any of these names chooses it. */
  measures: string[];
  run(lab: Lab): Promise<Comparison[]>;
}

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;
