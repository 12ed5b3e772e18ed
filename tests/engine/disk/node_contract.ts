// A program for Node.js that runs the contracts of the disk and the clock, and prints a JSON line for each case.

import { systemDisk } from "../../../src/engine/disk/system_disk.ts";
import { CLOCK_CASES } from "../clock_contract.ts";
import { CASES, withRealDisk } from "./disk_contract.ts";

const disk = systemDisk();
const all = [
  ...CASES.map((each) => ({ name: `the disk: ${each.sentence}`, run: () => withRealDisk(disk, each) })),
  ...CLOCK_CASES.map(({ sentence, test }) => ({ name: `the clock: ${sentence}`, run: test })),
];
for (const { name, run } of all) {
  const fault = await run().then(() => null, (error) => `${error?.stack ?? error}`);
  process.stdout.write(`${JSON.stringify({ name, fault })}\n`);
}
