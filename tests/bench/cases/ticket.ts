// Time from the start of a sender to its ticket: with hashing, compared with sendme, and when shared again.

import { type Case, GIB } from "../case.ts";
import type { Lab } from "../lab.ts";
import { Pli, type Program, Sendme } from "../programs.ts";
import { alternate } from "../statistics.ts";

export const ticket: Case = {
  measures: ["ticket"],
  async run(lab) {
    const path = await lab.file(lab.scaled(GIB));
    const [cold, sendme] = [await Pli.withoutCache(lab), await Sendme.open(lab)];
    const home = lab.freshPath("home");
    const again = new Pli(lab, { home });
    await ticketSeconds(lab, again, path); // fills the hash cache
    const againSeconds: number[] = [];
    const { ours, theirs } = await alternate(
      lab.options.pairs,
      async () => {
        againSeconds.push(await ticketSeconds(lab, again, path));
        return await ticketSeconds(lab, cold, path);
      },
      () => ticketSeconds(lab, sendme, path),
      (a, b) =>
        lab.say(
          `pli ${a.toFixed(2)} s, again ${againSeconds.at(-1)!.toFixed(2)} s, sendme ${b.toFixed(2)} s`,
        ),
    );
    return [
      {
        measure: "ticket",
        words: "1 GiB file, from the start to the ticket",
        unit: "s",
        pli: { name: cold.name, values: ours },
        other: { name: sendme.name, values: theirs },
        goals: [{ of: "ratio", at: "most", bound: 0.6 }],
      },
      {
        measure: "ticket",
        words: "the same file shared again",
        unit: "s",
        pli: { name: again.name, values: againSeconds },
        other: null,
        goals: [{ of: "value", at: "most", bound: 0.15 }],
      },
    ];
  },
};

async function ticketSeconds(lab: Lab, program: Program, path: string): Promise<number> {
  await lab.output("sync");
  const { process, ticket } = program.send(path);
  await ticket;
  const seconds = (performance.now() - process.startMs) / 1000;
  await process.interrupt();
  return seconds;
}
