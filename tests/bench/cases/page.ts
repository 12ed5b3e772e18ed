// A file of this computer sent from page to page, by the API of the page, compared with the command line: the cost of the
// list of transfers, its views and their events.

import { type Case, GIB } from "../case.ts";
import type { Lab } from "../lab.ts";
import { PageClient } from "../page_client.ts";
import { payloadRate, Pli } from "../programs.ts";
import { alternate } from "../statistics.ts";
import { transfer } from "../transfer.ts";

interface Run {
  /** Payload rate at the receiver, in bytes per second. */
  rate: number;
  /** Of both ends, after the ticket. */
  cpuSeconds: number;
}

export const page: Case = {
  measures: ["page"],
  async run(lab) {
    const bytes = lab.scaled(GIB);
    const path = await lab.file(bytes);
    await using sending = await PageClient.open(lab);
    await using receiving = await PageClient.open(lab);
    const { ours, theirs } = await alternate(
      lab.options.pairs,
      () => throughPages(lab, sending, receiving, path),
      () => byCommands(lab, path, bytes),
      (a, b) => lab.say(`page ${text(a)}; commands ${text(b)}`),
    );
    return [{
      measure: "page",
      words: "1 GiB payload from disk to disk, through two pages",
      unit: "B/s",
      pli: { name: "page", values: ours.map(({ rate }) => rate) },
      other: { name: "pli send, pli receive", values: theirs.map(({ rate }) => rate) },
      goals: [{ of: "ratio", at: "least", bound: 0.9 }],
    }, {
      measure: "page",
      words: "the same: processor time of both ends",
      unit: "s",
      pli: { name: "page", values: ours.map(({ cpuSeconds }) => cpuSeconds) },
      other: { name: "pli send, pli receive", values: theirs.map(({ cpuSeconds }) => cpuSeconds) },
      goals: [],
    }];
  },
};

async function throughPages(
  lab: Lab,
  sending: PageClient,
  receiving: PageClient,
  path: string,
): Promise<Run> {
  const folder = lab.freshPath("received");
  await Deno.mkdir(folder);
  await lab.output("sync");
  const ticket = await sending.share(path);
  const before = await cpuSeconds(sending, receiving);
  const { bytes, seconds } = await receiving.receive(ticket, folder);
  const after = await cpuSeconds(sending, receiving);
  await lab.output("sync", "-f", folder);
  await Deno.remove(folder, { recursive: true });
  return { rate: bytes / seconds, cpuSeconds: after - before };
}

async function byCommands(lab: Lab, path: string, bytes: number): Promise<Run> {
  const { receiver, cpuAfterTicketSeconds } = await transfer(lab, new Pli(lab), { path, bytes });
  return { rate: await payloadRate(receiver), cpuSeconds: cpuAfterTicketSeconds };
}

async function cpuSeconds(...clients: PageClient[]): Promise<number> {
  const each = await Promise.all(clients.map(({ process }) => process.cpuSecondsNow()));
  return each.reduce((sum, seconds) => sum + seconds, 0);
}

function text({ rate, cpuSeconds }: Run): string {
  return `${(rate / 1e6).toFixed(0)} MB/s (${cpuSeconds.toFixed(1)} s of processors)`;
}
