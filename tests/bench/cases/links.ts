// A file over links between two network namespaces, compared with sendme and with the capacity of the link: one with a
// long round trip, one that also loses packets at random, as radio links do, and longer transfers over such links,
// which continue after the slow start of the congestion controller. Linux, root.

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

/** Of the link of the long lossy transfers: its losses in percent. */
const LOSSES_PERCENT = [0, 1, 3];

export const lossyTransfer: Case = {
  measures: ["lossy-transfer"],
  async run(lab) {
    const comparisons: Comparison[] = [];
    for (const lossPercent of LOSSES_PERCENT) comparisons.push(await longOverLoss(lab, lossPercent));
    return comparisons;
  },
};

/** pli alone: at these losses sendme takes minutes for bytes that the link carries in seconds. */
async function longOverLoss(lab: Lab, lossPercent: number): Promise<Comparison> {
  const bytes = lab.scaled(64 * MIB);
  const path = await lab.file(bytes);
  const options: LinkOptions = { mbitPerSecond: 100, oneWayMs: 5, lossPercent };
  const pli = new Pli(lab);
  const seconds: number[] = [];
  for (let run = 0; run < lab.options.pairs; run++) {
    // Each run loses different packets.
    await using link = await Link.lay({ ...options, seed: run + 1 });
    const wrappers = { send: link.wrapper("a"), receive: link.wrapper("b") };
    const { receiveSeconds } = await transfer(lab, pli, { path, bytes, wrappers, isSynced: false });
    await lab.say(`${lossPercent} % lost: ${receiveSeconds.toFixed(2)} s`);
    seconds.push(receiveSeconds);
  }
  const linkSeconds = bytes * 8 / (options.mbitPerSecond * 1e6);
  return {
    measure: "lossy-transfer",
    words: `64 MiB over 100 Mbit/s and 10 ms that lose ${lossPercent} packets in a hundred, to finished`,
    unit: "s",
    pli: { name: pli.name, values: seconds },
    other: { name: "the link without loss", values: seconds.map(() => linkSeconds) },
    goals: [],
  };
}

/** Seconds of both programs, and the payload rates of pli's receiver. */
async function over(lab: Lab, options: LinkOptions, fullBytes: number) {
  const bytes = lab.scaled(fullBytes);
  const path = await lab.file(bytes);
  await using link = await Link.lay(options);
  const wrappers = { send: link.wrapper("a"), receive: link.wrapper("b") };
  // This case measures the link; another one measures the disk.
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
