// One large file from disk to disk, against croc.

import { type Case, GIB } from "../case.ts";
import { Croc, Pli } from "../programs.ts";
import { alternate } from "../statistics.ts";
import { transfer } from "../transfer.ts";

export const croc: Case = {
  measures: ["croc"],
  async run(lab) {
    const bytes = lab.scaled(GIB);
    const path = await lab.file(bytes);
    await using croc = await Croc.open(lab);
    const pli = new Pli(lab);
    const { ours, theirs } = await alternate(
      lab.options.pairs,
      () => transfer(lab, pli, { path, bytes }),
      () => transfer(lab, croc, { path, bytes }),
      (a, b) => lab.say(`pli ${a.receiveSeconds.toFixed(2)} s, croc ${b.receiveSeconds.toFixed(2)} s`),
    );
    return [{
      measure: "croc",
      words: "1 GiB file, from the ticket to finished and on disk",
      unit: "s",
      pli: { name: pli.name, values: ours.map((run) => run.receiveSeconds) },
      other: { name: croc.name, values: theirs.map((run) => run.receiveSeconds) },
      goals: [{ of: "ratio", at: "most", bound: 0.12 }],
    }];
  },
};
