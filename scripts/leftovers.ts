// Detects what tests leave behind: running processes and temporary files. Each run has a mark in the environment of
// every process that it starts, and its own folder for temporary files.

import { join } from "node:path";

/** The variable that marks the processes of a run. */
export const MARK = "PLI_TEST_RUN";
/** The time in which a process may still end by itself. */
const GRACE_MS = 5_000;
const LOOK_MS = 100;

/**
 * Ends the processes whose environment has the mark, except this one; resolves to their commands. On systems other than
 * Linux it finds none.
 */
export async function endProcesses(mark: string): Promise<string[]> {
  let found = marked(mark);
  for (const endMs = performance.now() + GRACE_MS; found.length > 0 && performance.now() < endMs;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    found = marked(mark);
  }
  for (const { pid } of found) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has already ended.
    }
  }
  return found.map(({ command }) => command);
}

function marked(mark: string): { pid: number; command: string }[] {
  if (Deno.build.os !== "linux") return [];
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
  return pids.flatMap((pid) => {
    if (pid === Deno.pid) return [];
    try {
      const isMarked = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0").includes(`${MARK}=${mark}`);
      if (!isMarked) return [];
      const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
      // A zombie has no command.
      return command === "" ? [] : [{ pid, command }];
    } catch {
      // It has ended meanwhile, or belongs to another user.
      return [];
    }
  });
}

/** Empties a folder of temporary files; resolves to the names that it had. */
export async function removeFiles(folder: string): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  for (const name of names) await Deno.remove(join(folder, name), { recursive: true });
  return names;
}
