// Many small files, compared with sendme: time from the start of the sender until all of them are on disk.

import { type Case, KIB } from "../case.ts";
import { Pli, Sendme } from "../programs.ts";
import { alternate } from "../statistics.ts";
import { transfer } from "../transfer.ts";

const FILES = 10_000;
const FILE_BYTES = 4 * KIB;

export const smallFiles: Case = {
  measures: ["small-files"],
  async run(lab) {
    const files = lab.scaled(FILES);
    // Files are kept: on ext4 without a journal the kernel searches all inodes freed in the last minutes for
    // each new file, which takes ten times as long as everything else that either program does.
    const options = {
      path: await lab.smallFiles(files, FILE_BYTES),
      bytes: files * FILE_BYTES,
      isKept: true,
    };
    const [pli, sendme] = [new Pli(lab), await Sendme.open(lab)];
    const { ours, theirs } = await alternate(
      lab.options.pairs,
      () => transfer(lab, pli, options),
      () => transfer(lab, sendme, options),
      (a, b) => lab.say(`pli ${a.totalSeconds.toFixed(2)} s, sendme ${b.totalSeconds.toFixed(2)} s`),
    );
    return [{
      measure: "small-files",
      words: "10,000 files of 4 KiB, from the sender's start to finished and on disk",
      unit: "s",
      pli: { name: pli.name, values: ours.map((run) => run.totalSeconds) },
      other: { name: sendme.name, values: theirs.map((run) => run.totalSeconds) },
      goals: [{ of: "ratio", at: "most", bound: 0.2 }],
    }];
  },
};
