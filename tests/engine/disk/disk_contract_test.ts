// Every disk keeps the contract: the real one with the native addon's help and without, and the one in memory.

import { portableDisk, realDisk } from "../../system_ports.ts";
import { CASES, withMemoryDisk, withRealDisk } from "./disk_contract.ts";

for (const each of CASES) {
  // FIFOs and symlinks need rights, or do not exist, on Windows.
  const ignore = Deno.build.os === "windows" || (each.isOfLinux && Deno.build.os !== "linux");
  Deno.test(`the real disk: ${each.sentence}`, { ignore }, () => withRealDisk(realDisk, each));
  Deno.test(
    `the real disk without the addon: ${each.sentence}`,
    { ignore },
    () => withRealDisk(portableDisk, each),
  );
  if (!each.isOfLinux) Deno.test(`the memory disk: ${each.sentence}`, () => withMemoryDisk(each));
}
