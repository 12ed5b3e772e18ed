// A file over a link with a long round trip, between two network namespaces, against sendme and against what the
// link can carry. Linux, root.

import { Link } from "../../network/link.ts";
import { type Case, MIB } from "../case.ts";
import { payloadRate, Pli, Sendme } from "../programs.ts";
import { alternate } from "../statistics.ts";
import { transfer } from "../transfer.ts";

const LINK = { mbitPerSecond: 400, oneWayMs: 25 };

export const longLink: Case = {
  measures: ["long-link"],
  async run(lab) {
    const bytes = lab.scaled(128 * MIB);
    const path = await lab.file(bytes);
    await using link = await Link.lay(LINK);
    const wrappers = { send: link.wrapper("a"), receive: link.wrapper("b") };
    // The link is what is measured: the disk has its own case.
    const options = { path, bytes, wrappers, isSynced: false };
    const [pli, sendme] = [new Pli(lab), await Sendme.open(lab)];
    const { ours, theirs } = await alternate(
      lab.options.pairs,
      async () => {
        const run = await transfer(lab, pli, options);
        return { ...run, rate: await payloadRate(run.receiver) };
      },
      () => transfer(lab, sendme, options),
      (a, b) => lab.say(`pli ${a.receiveSeconds.toFixed(2)} s, sendme ${b.receiveSeconds.toFixed(2)} s`),
    );
    const linkRate = LINK.mbitPerSecond * 1e6 / 8;
    return [
      {
        measure: "long-link",
        words: "128 MiB over 400 Mbit/s and 50 ms, from the ticket to finished",
        unit: "s",
        pli: { name: pli.name, values: ours.map((run) => run.receiveSeconds) },
        other: { name: sendme.name, values: theirs.map((run) => run.receiveSeconds) },
        goals: [{ of: "ratio", at: "most", bound: 0.5 }],
      },
      {
        measure: "long-link",
        words: "the same: payload against what the link carries",
        unit: "B/s",
        pli: { name: pli.name, values: ours.map((run) => run.rate) },
        other: { name: "the link", values: ours.map(() => linkRate) },
        goals: [{ of: "ratio", at: "least", bound: 0.85 }],
      },
    ];
  },
};
