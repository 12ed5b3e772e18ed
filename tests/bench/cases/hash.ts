// Throughput of BLAKE3 alone: a separate program, which prints its own lines.

import { fileURLToPath } from "node:url";
import type { Case } from "../case.ts";

const PROGRAM = fileURLToPath(new URL("../blake3.ts", import.meta.url));

export const hash: Case = {
  measures: ["hash"],
  async run(lab) {
    await lab.say((await lab.output(Deno.execPath(), "run", "-A", PROGRAM)).trimEnd());
    return [];
  },
};
