// One large file from disk to disk, against sendme: time, and processor time of both ends together.

import { type Case, GIB } from "../case.ts";
import { Pli, Sendme } from "../programs.ts";
import { alternate, type Comparison } from "../statistics.ts";
import { type Transfer, transfer } from "../transfer.ts";

export const file: Case = {
  measures: ["file-to-disk", "file-cpu"],
  async run(lab) {
    const bytes = lab.scaled(GIB);
    const path = await lab.file(bytes);
    const [pli, sendme] = [new Pli(lab), await Sendme.open(lab)];
    const { ours, theirs } = await alternate(
      lab.options.pairs,
      () => transfer(lab, pli, { path, bytes }),
      () => transfer(lab, sendme, { path, bytes }),
      (a, b) => lab.say(`pli ${a.receiveSeconds.toFixed(2)} s, sendme ${b.receiveSeconds.toFixed(2)} s`),
    );
    const compare = (
      measure: string,
      words: string,
      goals: Comparison["goals"],
      value: (run: Transfer) => number,
    ): Comparison => ({
      measure,
      words,
      unit: "s",
      pli: { name: pli.name, values: ours.map(value) },
      other: { name: sendme.name, values: theirs.map(value) },
      goals,
    });
    return [
      compare(
        "file-to-disk",
        "1 GiB file, from the ticket to finished and on disk",
        [{ of: "ratio", at: "most", bound: 0.5 }],
        (run) => run.receiveSeconds,
      ),
      compare(
        "file-cpu",
        "the same: processor time of both ends",
        [{ of: "ratio", at: "most", bound: 0.6 }],
        (run) => run.cpuSeconds,
      ),
      compare(
        "file-cpu",
        "the same, without the sender's before the ticket",
        [],
        (run) => run.cpuAfterTicketSeconds,
      ),
    ];
  },
};
