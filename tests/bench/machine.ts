// The machine on which figures were measured.

import { availableParallelism, cpus, totalmem } from "node:os";
import type { Lab } from "./lab.ts";

export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  /** Of the folder with the sent and received files. */
  fileSystem: string;
  date: string;
  pli: string;
  binding: string;
  deno: string;
}

export async function describeMachine(lab: Lab): Promise<Machine> {
  const [pli, binding] = (await lab.output(...lab.pliCommand, "--version")).split("\n");
  const fileSystem = (await lab.output("stat", "-f", "-c", "%T", lab.folder)).trim();
  return {
    cpu: cpus()[0].model,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    fileSystem,
    date: new Date().toISOString().slice(0, 10),
    pli,
    binding,
    deno: Deno.version.deno,
  };
}
