// Peak memory of both ends, for a file and for one of eight times its size: it should be the same.

import { type Case, GIB } from "../case.ts";
import type { Lab } from "../lab.ts";
import { Pli } from "../programs.ts";
import { alternate, type Comparison } from "../statistics.ts";
import { transfer } from "../transfer.ts";

/** Memory varies little from run to run, and these runs are long. */
const MOST_PAIRS = 3;
const MOST_BYTES = 250e6;
/** Maximum ratio that counts as the same. */
const FLAT_RATIO = 1.2;

export const memory: Case = {
  measures: ["memory"],
  async run(lab) {
    const { ours: large, theirs: small } = await alternate(
      Math.min(MOST_PAIRS, lab.options.pairs),
      () => peaks(lab, lab.scaled(8 * GIB)),
      () => peaks(lab, lab.scaled(GIB)),
      (a, b) => lab.say(`8 GiB ${text(a)}; 1 GiB ${text(b)}`),
    );
    return (["sender", "receiver"] as const).map((end): Comparison => ({
      measure: "memory",
      words: `the ${end}'s peak for a sparse file of 8 GiB, compared with that for 1 GiB`,
      unit: "B",
      pli: { name: "8 GiB", values: large.map((peak) => peak[end]) },
      other: { name: "1 GiB", values: small.map((peak) => peak[end]) },
      goals: [
        { of: "value", at: "most", bound: MOST_BYTES },
        { of: "ratio", at: "most", bound: FLAT_RATIO },
      ],
    }));
  },
};

interface Peaks {
  sender: number;
  receiver: number;
}

async function peaks(lab: Lab, bytes: number): Promise<Peaks> {
  const run = await transfer(lab, new Pli(lab), { path: await lab.sparseFile(bytes), bytes });
  return { sender: run.senderPeakBytes, receiver: run.receiverPeakBytes };
}

function text({ sender, receiver }: Peaks): string {
  return `${(sender / 1e6).toFixed(0)} and ${(receiver / 1e6).toFixed(0)} MB`;
}
