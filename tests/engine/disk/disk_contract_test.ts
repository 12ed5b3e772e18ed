// The contract of Disk on the real disk with the native addon and without, and on the one in memory.

import { needing, NOT_LINUX, NOT_UNIX } from "../../left_out.ts";
import { portableDisk, realDisk } from "../../system_ports.ts";
import { CASES, withMemoryDisk, withRealDisk } from "./disk_contract.ts";

for (const each of CASES) {
  const missing = { linux: NOT_LINUX, unix: NOT_UNIX, every: null }[each.system];
  Deno.test(needing(`the real disk: ${each.sentence}`, missing), () => withRealDisk(realDisk, each));
  Deno.test(
    needing(`the real disk without the addon: ${each.sentence}`, missing),
    () => withRealDisk(portableDisk, each),
  );
  if (each.system !== "linux") Deno.test(`the memory disk: ${each.sentence}`, () => withMemoryDisk(each));
}
