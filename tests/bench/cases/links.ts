// A file over links between two network namespaces, against sendme and against what the link can carry: one with a
// long round trip, and one that also loses packets at random, as radio links do. Linux, root.

import { Link, type LinkOptions } from "../../network/link.ts";
import { type Case, MIB } from "../case.ts";
import type { Lab } from "../lab.ts";
import { payloadRate, Pli, Sendme } from "../programs.ts";
import { alternate, type Comparison } from "../statistics.ts";
import { transfer } from "../transfer.ts";

const LONG: LinkOptions = { mbitPerSecond: 400, oneWayMs: 25 };
const LOSSY: LinkOptions = { mbitPerSecond: 100, oneWayMs: 25, lossPercent: 1 };

export const longLink: Case = {
  measures: ["long-link"],
  async run(lab) {
    const { pli, other, rates } = await over(lab, LONG, 128 * MIB);
    const linkRate = LONG.mbitPerSecond * 1e6 / 8;
    return [
      {
        measure: "long-link",
        words: "128 MiB over 400 Mbit/s and 50 ms, from the ticket to finished",
        unit: "s",
        pli,
        other,
        goals: [{ of: "ratio", at: "most", bound: 0.5 }],
      },
      {
        measure: "long-link",
        words: "the same: payload against what the link carries",
        unit: "B/s",
        pli: { name: pli.name, values: rates },
        other: { name: "the link", values: rates.map(() => linkRate) },
        goals: [{ of: "ratio", at: "least", bound: 0.85 }],
      },
    ];
  },
};

export const lossyLink: Case = {
  measures: ["lossy-link"],
  async run(lab) {
    const words =
      "8 MiB over 100 Mbit/s and 50 ms that lose one packet in a hundred, from the ticket to finished";
    const { pli, other } = await over(lab, LOSSY, 8 * MIB);
    return [{ measure: "lossy-link", words, unit: "s", pli, other, goals: [] }];
  },
};

/** Seconds of both programs, and the rates at which pli's receiver got its payload. */
async function over(lab: Lab, options: LinkOptions, fullBytes: number) {
  const bytes = lab.scaled(fullBytes);
  const path = await lab.file(bytes);
  await using link = await Link.lay(options);
  const wrappers = { send: link.wrapper("a"), receive: link.wrapper("b") };
  // The link is what is measured: the disk has its own case.
  const of = { path, bytes, wrappers, isSynced: false };
  const [pli, sendme] = [new Pli(lab), await Sendme.open(lab)];
  const { ours, theirs } = await alternate(
    lab.options.pairs,
    async () => {
      const run = await transfer(lab, pli, of);
      return { ...run, rate: await payloadRate(run.receiver) };
    },
    () => transfer(lab, sendme, of),
    (a, b) => lab.say(`pli ${a.receiveSeconds.toFixed(2)} s, sendme ${b.receiveSeconds.toFixed(2)} s`),
  );
  const timesOf = (name: string, runs: { receiveSeconds: number }[]): Comparison["pli"] => ({
    name,
    values: runs.map((run) => run.receiveSeconds),
  });
  return {
    pli: timesOf(pli.name, ours),
    other: timesOf(sendme.name, theirs),
    rates: ours.map((run) => run.rate),
  };
}
