// pli's payload rate compared with the maximum of the binding: to standard output, with a loop that only sends and
// receives; from disk to disk, with a loop that reads, sends, receives and writes.

import { fileURLToPath } from "node:url";
import { type Case, GIB } from "../case.ts";
import type { Lab } from "../lab.ts";
import { payloadRate, Pli } from "../programs.ts";
import { alternate, type Comparison } from "../statistics.ts";
import { transfer } from "../transfer.ts";

const PUMP = fileURLToPath(new URL("../pump.ts", import.meta.url));

export const fileVsLoop: Case = {
  measures: ["file-vs-loop", "gbit"],
  async run(lab) {
    const bytes = lab.scaled(GIB);
    const path = await lab.file(bytes);
    const row = {
      measure: "file-vs-loop",
      words: "1 GiB payload from disk to disk, compared with a loop without hashing or framing",
      goals: [{ of: "ratio", at: "least", bound: 0.9 }],
    } as const;
    const pliRate = async () =>
      await payloadRate((await transfer(lab, new Pli(lab), { path, bytes })).receiver);
    return [
      await compareRates(lab, row, pliRate, "bare loop", async () => {
        const target = lab.freshPath("pumped");
        const rate = await pumpRate(lab, ["send-file", path], (where) => ["take-file", where, target]);
        await Deno.remove(target);
        return rate;
      }),
    ];
  },
};

export const stdoutVsPump: Case = {
  measures: ["stdout-vs-pump", "gbit"],
  async run(lab) {
    const bytes = lab.scaled(GIB);
    const path = await lab.file(bytes);
    const row = {
      measure: "stdout-vs-pump",
      words: "1 GiB payload to standard output, compared with a bare pump of bytes",
      goals: [{ of: "ratio", at: "least", bound: 0.85 }],
    } as const;
    const pliRate = async () => {
      const pli = new Pli(lab);
      const sender = pli.send(path);
      const receiver = pli.receive(await sender.ticket, "-", { stdoutPath: "/dev/null" });
      await Promise.all([receiver.ended, sender.process.ended]);
      return await payloadRate(receiver);
    };
    return [
      await compareRates(lab, row, pliRate, "bare pump", async () => {
        return await pumpRate(lab, ["send-bytes", String(bytes)], (where) => ["take-bytes", where]);
      }),
    ];
  },
};

async function compareRates(
  lab: Lab,
  row: { measure: string; words: string; goals: readonly Comparison["goals"][number][] },
  pliRate: () => Promise<number>,
  pumpName: string,
  pumpRate: () => Promise<number>,
): Promise<Comparison> {
  const { ours, theirs } = await alternate(
    lab.options.pairs,
    pliRate,
    pumpRate,
    (a, b) => lab.say(`pli ${(a / 1e6).toFixed(1)} MB/s, ${pumpName} ${(b / 1e6).toFixed(1)} MB/s`),
  );
  return {
    ...row,
    goals: [...row.goals],
    unit: "B/s",
    pli: { name: "pli", values: ours },
    other: { name: pumpName, values: theirs },
  };
}

/** Bytes per second at the receiver of the pump. */
async function pumpRate(lab: Lab, send: string[], take: (where: string) => string[]): Promise<number> {
  await lab.output("sync");
  const pump = [Deno.execPath(), "run", "-A", PUMP];
  const sender = lab.start([...pump, ...send]);
  const where = await sender.first((line) => line);
  const receiver = lab.start([...pump, ...take(where)]);
  const result = await receiver.first((line) => line.startsWith("{") ? line : undefined);
  await Promise.all([receiver.ended, sender.ended]);
  const { bytes, seconds } = JSON.parse(result);
  return bytes / seconds;
}
