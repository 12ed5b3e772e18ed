// A home of pli in a temporary folder, and other processes that work on it.

import { join } from "node:path";
import type { Clock } from "../../src/engine/mod.ts";
import { Home } from "../../src/app/home.ts";
import { systemCode } from "../../src/engine/disk/system_code.ts";
import { eventually } from "../time_limits.ts";

/** Opens a fresh home inside a fresh folder, for as long as `use` takes; its time is that of `clock`. */
export async function withHome(
  use: (home: Home, folder: string) => Promise<void>,
  clock?: Clock,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const environment = (name: string) => name === "PLI_HOME" ? join(folder, "home") : undefined;
    await use(await Home.open(environment, undefined, clock), folder);
  } finally {
    await removeFolder(folder);
  }
}

/** Windows keeps the files of a killed process open for a moment, and removes no open file. */
async function removeFolder(folder: string): Promise<void> {
  await eventually(async () => {
    try {
      await Deno.remove(folder, { recursive: true });
      return true;
    } catch (error) {
      if (Deno.build.os === "windows" && systemCode(error) === "EBUSY") return false;
      throw error;
    }
  }, `${folder} can be removed`);
}

/** The permissions of users other than the owner for a file or a folder; none on Windows, which has no modes. */
export async function othersRights(path: string): Promise<number> {
  if (Deno.build.os === "windows") return 0;
  return (await Deno.stat(path)).mode! & 0o077;
}

/** Runs other_process.ts, which holds what `args` names, while `use` runs, then ends it by a signal. */
export async function whileHeldElsewhere(
  args: string[],
  use: () => Promise<void>,
  signal: Deno.Signal = "SIGKILL",
): Promise<void> {
  const script = join(import.meta.dirname!, "other_process.ts");
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, ...args],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.getReader();
  try {
    const { done } = await reader.read();
    if (done) throw new Error("the other process ended before it held anything");
    await use();
  } finally {
    process.kill(signal);
    await reader.cancel();
    await process.status;
  }
}
